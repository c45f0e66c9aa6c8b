// SPDX-License-Identifier: Apache-2.0
// ARP over Ethernet for IPv4 (RFC 826; tcpdump 4.99: print-arp.c).
#include "host/base/mac_address.hpp"
#include "host/capture/printing.hpp"
#include "host/headers/ipv4_address.hpp"

namespace host::capture {
namespace {

constexpr std::size_t kHeader = 8;
constexpr std::size_t kWhole = 28;

std::string address_at(Bytes bytes, std::size_t at) {
  return to_string(headers::Ipv4Address{base::load_be32(bytes, at)});
}

std::string mac_at(Bytes bytes, std::size_t at) {
  return base::MacAddress::load(bytes, at).to_string();
}

void print_request(Printing& p, Bytes bytes) {
  const auto target_mac = base::MacAddress::load(bytes, 18);
  const std::string sender = address_at(bytes, 14);
  const std::string target = address_at(bytes, 24);
  p.say("who-has {}", target);
  if (!target_mac.is_zero()) p.say(" ({})", target_mac.to_string());
  p.say(" tell {}", sender);
}

}  // namespace

void print_arp(Printing& p, Bytes bytes, std::size_t length) {
  if (bytes.size() < kHeader) {
    p.say("[|arp]");
    return;
  }
  const std::uint16_t hardware = base::load_be16(bytes, 0);
  const std::uint16_t protocol = base::load_be16(bytes, 2);
  const std::uint8_t hardware_bytes = base::load_u8(bytes, 4);
  const std::uint8_t protocol_bytes = base::load_u8(bytes, 5);
  const std::uint16_t operation = base::load_be16(bytes, 6);
  const bool usual = hardware == 1 && protocol == 0x800 && hardware_bytes == 6 && protocol_bytes == 4;
  if (p.verbose() || !usual) {
    const std::string what = hardware == 1 ? "Ethernet" : fmt::format("Unknown Hardware ({})", hardware);
    const std::string whom = protocol == 0x800 ? "IPv4" : fmt::format("Unknown Protocol (0x{:04x})", protocol);
    p.say("{} (len {}), {} (len {}), ", what, hardware_bytes, whom, protocol_bytes);
  }
  if (usual && bytes.size() < kWhole) {
    p.say("[|arp]");
    return;
  }
  if (operation == 1) {
    p.say("Request ");
    if (usual) print_request(p, bytes);
  } else if (operation == 2) {
    p.say("Reply ");
    if (usual) p.say("{} is-at {}", address_at(bytes, 14), base::MacAddress::load(bytes, 8).to_string());
  } else if (operation == 3) {
    p.say("Reverse Request ");
    if (usual) p.say("who-is {} tell {}", mac_at(bytes, 18), mac_at(bytes, 8));
  } else if (operation == 4) {
    p.say("Reverse Reply ");
    if (usual) p.say("{} at {}", mac_at(bytes, 18), address_at(bytes, 24));
  } else {
    p.say("Unknown ({}) ", operation);
    print_hex(p.out, bytes, true);
    return;
  }
  p.say(", length {}", length);
}

}  // namespace host::capture
