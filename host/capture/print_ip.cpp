// SPDX-License-Identifier: Apache-2.0
// IPv4 (RFC 791; tcpdump 4.99: print-ip.c).
#include <array>
#include <utility>

#include "host/capture/printing.hpp"
#include "host/headers/ipv4_address.hpp"

namespace host::capture {
namespace {

constexpr std::size_t kHeader = 20;
constexpr unsigned kMostTunnels = 8;
constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kIgmp = 2;
constexpr std::uint8_t kIpIp = 4;
constexpr std::uint8_t kIp6 = 41;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kIcmp6 = 58;

std::string flags_of(std::uint16_t word) {
  std::string flags;
  const auto add = [&](std::uint16_t bit, std::string_view name) {
    if ((word & bit) == 0) return;
    if (!flags.empty()) flags += ", ";
    flags += name;
  };
  add(0x2000, "+");
  add(0x4000, "DF");
  add(0x8000, "rsvd");
  return flags.empty() ? "none" : flags;
}

void print_ecn(Printing& p, std::uint8_t tos) {
  constexpr std::array<std::string_view, 4> kWords = {"", "ECT(1)", "ECT(0)", "CE"};
  if ((tos & 3) != 0) p.say(",{}", kWords[tos & 3]);
}

std::string option_name(std::uint8_t kind) {
  switch (kind) {
    case 0:
      return "EOL";
    case 1:
      return "NOP";
    case 7:
      return "RR";
    case 68:
      return "timestamp";
    case 130:
      return "security";
    case 131:
      return "LSRR";
    case 137:
      return "SSRR";
    case 148:
      return "RA";
    default:
      return fmt::format("unknown {}", kind);
  }
}

void print_options(Printing& p, Bytes options) {
  std::string_view separator;
  while (!options.empty()) {
    const std::uint8_t kind = base::load_u8(options, 0);
    const bool single = kind <= 1;
    const std::size_t length = single ? 1 : options.size() < 2 ? 0 : base::load_u8(options, 1);
    p.say("{}{}", separator, option_name(kind));
    if (length == 0 || (!single && length < 2) || length > options.size()) {
      p.say(" [bad length {}]", length);
      return;
    }
    separator = ",";
    if (kind == 0) return;
    options = options.subspan(length);
  }
}

void print_details(Printing& p, Bytes header, std::uint16_t total) {
  const std::uint8_t tos = base::load_u8(header, 1);
  const std::uint8_t ttl = base::load_u8(header, 8);
  const std::uint16_t word = base::load_be16(header, 6);
  const std::uint8_t protocol = base::load_u8(header, 9);
  p.say("(tos 0x{:x}", tos);
  print_ecn(p, tos);
  if (ttl >= 1) p.say(", ttl {}", ttl);
  const std::string_view name = protocol_name(protocol);
  p.say(", id {}, offset {}, flags [{}], proto {} ({}), length {}", base::load_be16(header, 4), (word & 0x1fff) * 8,
        flags_of(word), name.empty() ? "unknown" : name, protocol, total);
  if (header.size() > kHeader) {
    p.say(", options (");
    print_options(p, header.subspan(kHeader));
    p.say(")");
  }
  const std::uint16_t found = base::load_be16(header, 10);
  base::ChecksumSum sum;
  sum.add(header.first(10));
  sum.add(header.subspan(12));
  if (const std::uint16_t right = sum.checksum(); right != found) p.say(", bad cksum {:x} (->{:x})!", found, right);
  p.say(")\n    ");
}

void print_tunnelled(Printing& p, std::uint8_t protocol, Bytes bytes, std::size_t length) {
  if (++p.depth > kMostTunnels) {
    p.say(" ip-proto-{} {}", protocol, length);
  } else if (protocol == kIpIp) {
    if (!p.options.link_header) p.say("IP ");
    print_ip(p, bytes, length);
  } else {
    if (!p.options.link_header) p.say("IP6 ");
    print_ip6(p, bytes, length);
  }
}

void print_transport(Printing& p, std::uint8_t protocol, Bytes bytes, std::size_t length, const Around& around) {
  if (protocol != kUdp && protocol != kTcp) p.say("{} > {}: ", around.source, around.destination);
  switch (protocol) {
    case kUdp:
      return print_udp(p, bytes, length, around);
    case kTcp:
      return print_tcp(p, bytes, length, around);
    case kIcmp:
      return print_icmp(p, bytes, length, around);
    case kIgmp:
      return print_igmp(p, bytes, length);
    case kIpIp:
    case kIp6:
      return print_tunnelled(p, protocol, bytes, length);
    default:
      p.say(" ip-proto-{} {}", protocol, length);
  }
}

}  // namespace

std::string_view protocol_name(std::uint8_t protocol) {
  static constexpr std::array<std::pair<std::uint8_t, std::string_view>, 13> kNames = {{{0, "Options"},
                                                                                        {kIcmp, "ICMP"},
                                                                                        {kIgmp, "IGMP"},
                                                                                        {4, "IPIP"},
                                                                                        {kTcp, "TCP"},
                                                                                        {kUdp, "UDP"},
                                                                                        {41, "IPv6"},
                                                                                        {43, "Routing"},
                                                                                        {44, "Fragment"},
                                                                                        {47, "GRE"},
                                                                                        {kIcmp6, "ICMPv6"},
                                                                                        {89, "OSPF"},
                                                                                        {132, "SCTP"}}};
  for (const auto& [number, name] : kNames) {
    if (number == protocol) return name;
  }
  return {};
}

std::uint16_t transport_checksum(const Around& around, std::uint8_t protocol, Bytes bytes) {
  base::ChecksumSum sum = around.pseudo;
  sum.add_be16(protocol);
  sum.add_be32(static_cast<std::uint32_t>(bytes.size()));
  sum.add(bytes);
  return sum.checksum();
}

void print_ip(Printing& p, Bytes bytes, std::size_t length) {
  if (length < kHeader) {
    p.say("truncated-ip {}", length);
    return;
  }
  if (bytes.size() < kHeader) {
    p.say("[|ip]");
    return;
  }
  const std::size_t header = (base::load_u8(bytes, 0) & 0xf) * 4U;
  if (const unsigned version = base::load_u8(bytes, 0) >> 4; version != 4) {
    p.say("{}", version == 6 ? "IP6, wrong link-layer encapsulation" : "wrong version");
    return;
  }
  if (header < kHeader) {
    p.say("bad-hlen {}", header);
    return;
  }
  const std::uint16_t total = base::load_be16(bytes, 2);
  if (length < total) p.say("truncated-ip - {} bytes missing! ", total - length);
  if (total < header) {
    p.say("bad-len {}", total);
    return;
  }
  if (bytes.size() < header) {
    p.say("[|ip]");
    return;
  }
  if (p.verbose()) print_details(p, bytes.first(header), total);
  const std::uint16_t word = base::load_be16(bytes, 6);
  Around around{.source = to_string(headers::Ipv4Address{base::load_be32(bytes, 12)}),
                .destination = to_string(headers::Ipv4Address{base::load_be32(bytes, 16)}),
                .fragmented = (word & 0x3fff) != 0};
  around.pseudo.add(bytes.subspan(12, 8));
  const std::uint8_t protocol = base::load_u8(bytes, 9);
  if ((word & 0x1fff) != 0) {
    p.say("{} > {}: ip-proto-{}", around.source, around.destination, protocol);
    return;
  }
  const Bytes payload = bytes.subspan(header, std::min<std::size_t>(total, bytes.size()) - header);
  print_transport(p, protocol, payload, total - header, around);
}

}  // namespace host::capture
