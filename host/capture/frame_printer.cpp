// SPDX-License-Identifier: Apache-2.0
// The line's beginning: time, device, Ethernet; then the network's printer, then the bytes.
#include "host/capture/frame_printer.hpp"

#include <algorithm>

#include "host/base/mac_address.hpp"
#include "host/capture/printing.hpp"

namespace host::capture {
namespace {

constexpr std::size_t kEthernetBytes = 14;
constexpr std::size_t kTypeAt = 12;
constexpr std::size_t kVlanBytes = 4;
constexpr std::uint16_t kSmallestType = 0x600;
constexpr std::uint16_t kIpv4 = 0x0800;
constexpr std::uint16_t kArp = 0x0806;
constexpr std::uint16_t kVlan = 0x8100;
constexpr std::uint16_t kIpv6 = 0x86dd;

std::string_view type_name(std::uint16_t type) {
  switch (type) {
    case kIpv4:
      return "IPv4";
    case kArp:
      return "ARP";
    case kVlan:
      return "802.1Q";
    case kIpv6:
      return "IPv6";
    default:
      return "Unknown";
  }
}

std::string mac_at(Bytes bytes, std::size_t at) {
  return base::MacAddress::load(bytes, at).to_string();
}

void print_link(Printing& p, Bytes bytes, std::uint16_t type, std::size_t length) {
  p.say("{} > {}, ", mac_at(bytes, 6), mac_at(bytes, 0));
  if (type < kSmallestType) {
    p.say("802.3, length {}: ", length);
  } else if (p.options.quiet && type_name(type) == "Unknown") {
    p.say("Unknown Ethertype (0x{:04x}), length {}: ", type, length);
  } else {
    p.say("ethertype {} (0x{:04x}), length {}: ", type_name(type), type, length);
  }
}

/// Tags and what is behind them. True: it was printed.
bool print_behind(Printing& p, Bytes& bytes, std::size_t length, std::uint16_t& type) {
  while (type == kVlan) {
    if (bytes.size() < kVlanBytes) {
      p.say("[|vlan]");
      return true;
    }
    const std::uint16_t tag = base::load_be16(bytes, 0);
    type = base::load_be16(bytes, 2);
    if (p.options.link_header) {
      p.say("vlan {}, p {}{}, ", tag & 0xfff, tag >> 13, (tag & 0x1000) != 0 ? ", DEI" : "");
      if (type >= kSmallestType) p.say("ethertype {} (0x{:04x}), ", type_name(type), type);
    }
    bytes = bytes.subspan(kVlanBytes);
    length -= kVlanBytes;
  }
  return type >= kSmallestType && print_ether_type(p, type, bytes, length);
}

std::string seconds(platform::Nanoseconds time) {
  const auto micros = time / 1000;
  return fmt::format("{}.{:06}", micros / 1'000'000, micros % 1'000'000);
}

/// Hours, minutes, seconds: of a day that began with the simulation.
std::string clock(platform::Nanoseconds time) {
  const auto micros = time / 1000;
  const auto whole = micros / 1'000'000;
  return fmt::format("{:02}:{:02}:{:02}.{:06}", whole / 3600 % 24, whole / 60 % 60, whole % 60, micros % 1'000'000);
}

}  // namespace

bool print_ether_type(Printing& p, std::uint16_t type, Bytes bytes, std::size_t length) {
  switch (type) {
    case kIpv4:
      if (!p.options.link_header) p.say("IP ");
      print_ip(p, bytes, length);
      return true;
    case kIpv6:
      if (!p.options.link_header) p.say("IP6 ");
      print_ip6(p, bytes, length);
      return true;
    case kArp:
      if (!p.options.link_header) p.say("ARP, ");
      print_arp(p, bytes, length);
      return true;
    default:
      return false;
  }
}

std::string FramePrinter::time_of(platform::Nanoseconds time) {
  const platform::Nanoseconds before = last_ < 0 ? time : last_;
  if (first_ < 0) first_ = time;
  last_ = time;
  switch (options_.time) {
    case PrintOptions::Time::none:
      return {};
    case PrintOptions::Time::seconds:
      return seconds(time) + ' ';
    case PrintOptions::Time::since_last:
      // tcpdump subtracts what it has rounded to microseconds.
      return ' ' + clock(time / 1000 * 1000 - before / 1000 * 1000) + ' ';
    case PrintOptions::Time::since_first:
      return ' ' + clock(time / 1000 * 1000 - first_ / 1000 * 1000) + ' ';
    case PrintOptions::Time::of_day:
      break;
  }
  return clock(time) + ' ';
}

std::string FramePrinter::print(const CapturedFrame& frame) {
  std::string line = time_of(frame.time);
  Printing p{line, options_, tcp_};
  if (!frame.device.empty()) p.say("{:<5} {:<3} ", frame.device, frame.direction);
  Bytes rest;
  bool known = false;
  if (frame.bytes.size() < kEthernetBytes) {
    p.say("[|ether]");
    known = true;
  } else {
    rest = frame.bytes.subspan(kEthernetBytes);
    std::uint16_t type = base::load_be16(frame.bytes, kTypeAt);
    const std::size_t length = std::max(frame.length, frame.bytes.size());
    if (options_.link_header) print_link(p, frame.bytes, type, length);
    known = print_behind(p, rest, length - kEthernetBytes, type);
    if (!known && !options_.link_header) print_link(p, frame.bytes, type, length);
  }
  const bool whole = options_.dump_link_header || rest.empty();
  if (options_.dump != PrintOptions::Dump::none) {
    print_hex(line, whole ? frame.bytes : rest, options_.dump == PrintOptions::Dump::hex_and_text);
  } else if (!known && !options_.quiet) {
    print_hex(line, rest, true);
  }
  return line + '\n';
}

void print_hex(std::string& out, Bytes bytes, bool with_text) {
  constexpr std::size_t kRow = 16;
  constexpr std::size_t kHexColumns = 40;
  for (std::size_t at = 0; at < bytes.size(); at += kRow) {
    const Bytes row = bytes.subspan(at, std::min(kRow, bytes.size() - at));
    std::string hex;
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto byte = static_cast<unsigned char>(row[i]);
      if (i % 2 == 0) hex += ' ';
      fmt::format_to(std::back_inserter(hex), "{:02x}", byte);
      text += byte > 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
    }
    fmt::format_to(std::back_inserter(out), "\n\t0x{:04x}: {}", at, hex);
    if (with_text) fmt::format_to(std::back_inserter(out), "{}  {}", std::string(kHexColumns - hex.size(), ' '), text);
  }
}

TcpStarts::Numbers TcpStarts::relative(const std::string& from, const std::string& to, Numbers told, bool syn) {
  const bool forward = from < to;
  const auto key = forward ? std::pair(from, to) : std::pair(to, from);
  if (starts_.size() >= kMost && !starts_.contains(key)) starts_.clear();
  const auto [place, fresh] = starts_.try_emplace(key);
  Numbers& start = place->second;
  if (fresh || syn) {
    const Numbers of_sender{told.sequence, told.acknowledgement - 1};
    start = forward ? of_sender : Numbers{of_sender.acknowledgement, of_sender.sequence};
    return {told.sequence, told.acknowledgement, of_sender.acknowledgement};
  }
  const Numbers base = forward ? start : Numbers{start.acknowledgement, start.sequence};
  return {told.sequence - base.sequence, told.acknowledgement - base.acknowledgement, base.acknowledgement};
}

}  // namespace host::capture
