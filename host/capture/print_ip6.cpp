// SPDX-License-Identifier: Apache-2.0
// IPv6 and its extension headers (RFC 8200; tcpdump 4.99: print-ip6.c, print-ip6opts.c, print-frag6.c).
#include <algorithm>

#include "host/capture/printing.hpp"
#include "host/headers/ipv6_address.hpp"

namespace host::capture {
namespace {

constexpr std::size_t kHeader = 40;
constexpr std::size_t kExtension = 8;
constexpr std::size_t kMostExtensions = 16;
constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kIcmp6 = 58;
constexpr std::uint8_t kNone = 59;
constexpr std::uint8_t kDestination = 60;

std::string next_header_name(std::uint8_t next) {
  const std::string_view name = protocol_name(next);
  return name.empty() ? "unknown" : std::string(name);
}

void print_transport(Printing& p, std::uint8_t next, Bytes bytes, std::size_t length, const Around& around) {
  switch (next) {
    case kTcp:
      return print_tcp(p, bytes, length, around);
    case kUdp:
      return print_udp(p, bytes, length, around);
    case kIcmp6:
      return print_icmp6(p, bytes, length, around);
    case kNone:
      p.say("no next header");
      return;
    default:
      p.say(" ip-proto-{} {}", next, length);
  }
}

/// True: nothing behind it can be told.
bool print_fragment(Printing& p, Bytes bytes, std::size_t length) {
  const std::uint16_t word = base::load_be16(bytes, 2);
  p.say("frag (");
  if (p.verbose()) p.say("0x{:08x}:", base::load_be32(bytes, 4));
  p.say("{}|{})", word & 0xfff8, length - kExtension);
  if ((word & 0xfff8) != 0) return true;
  p.say(" ");
  return false;
}

void print_options(Printing& p, Bytes options) {
  while (!options.empty()) {
    const std::uint8_t kind = base::load_u8(options, 0);
    const std::size_t length = kind == 0 ? 1 : options.size() < 2 ? 0 : base::load_u8(options, 1) + 2U;
    if (length == 0 || length > options.size()) {
      p.say("[trunc] ");
      return;
    }
    if (kind == 0) {
      p.say("(pad1) ");
    } else if (kind == 1) {
      p.say("(padn) ");
    } else if (kind == 5 && length == 4) {
      p.say("(rtalert: 0x{:04x}) ", base::load_be16(options, 2));
    } else {
      p.say("(opt_type 0x{:02x}: len={}) ", kind, length - 2);
    }
    options = options.subspan(length);
  }
}

std::string routing_name(Bytes bytes) {
  const std::uint8_t type = base::load_u8(bytes, 2);
  return fmt::format("srcrt (len={}, type={}, segleft={})", base::load_u8(bytes, 1), type, base::load_u8(bytes, 3));
}

void print_behind(Printing& p, std::uint8_t next, Bytes bytes, std::size_t length, Around around) {
  const bool named = next == kTcp || next == kUdp;
  if (!named) p.say("{} > {}: ", around.source, around.destination);
  for (std::size_t turns = 0; turns < kMostExtensions; ++turns) {
    const bool extension = next == kHopByHop || next == kRouting || next == kFragment || next == kDestination;
    if (!extension) {
      print_transport(p, next, bytes, length, around);
      return;
    }
    if (bytes.size() < kExtension) {
      p.say("[|{}]", next == kFragment ? "frag" : next == kRouting ? "srcrt" : "ip6");
      return;
    }
    std::size_t own = kExtension;
    around.source.clear();
    around.destination.clear();
    if (next == kFragment) {
      around.fragmented = true;
      if (print_fragment(p, bytes, length)) return;
    } else {
      own = (base::load_u8(bytes, 1) + 1U) * 8U;
      p.say("{} ", next == kRouting ? routing_name(bytes) : next == kHopByHop ? "HBH" : "DSTOPT");
      if (p.verbose() && next != kRouting) print_options(p, bytes.subspan(2, std::min(own, bytes.size()) - 2));
    }
    if (own > bytes.size() || own > length) {
      p.say("[|ip6]");
      return;
    }
    next = base::load_u8(bytes, 0);
    bytes = bytes.subspan(own);
    length -= own;
  }
}

}  // namespace

void print_ip6(Printing& p, Bytes bytes, std::size_t length) {
  if (length < kHeader) {
    p.say("truncated-ip6 {}", length);
    return;
  }
  if (bytes.size() < kHeader) {
    p.say("[|ip6]");
    return;
  }
  const std::uint32_t word = base::load_be32(bytes, 0);
  if (word >> 28 != 6) {
    p.say("IP{}, wrong link-layer encapsulation", word >> 28);
    return;
  }
  const std::size_t payload = base::load_be16(bytes, 4);
  if (length < payload + kHeader) p.say("truncated-ip6 - {} bytes missing!", payload + kHeader - length);
  const std::uint8_t next = base::load_u8(bytes, 6);
  if (p.verbose()) {
    p.say("(");
    if ((word & 0x0ff00000) != 0) p.say("class 0x{:02x}, ", word >> 20 & 0xff);
    if ((word & 0xfffff) != 0) p.say("flowlabel 0x{:05x}, ", word & 0xfffff);
    p.say("hlim {}, next-header {} ({}) payload length: {}) ", base::load_u8(bytes, 7), next_header_name(next), next,
          payload);
  }
  Around around{.source = to_string(headers::Ipv6Address::load(bytes, 8)),
                .destination = to_string(headers::Ipv6Address::load(bytes, 24)),
                .needs_checksum = true};
  around.pseudo.add(bytes.subspan(8, 32));
  const Bytes rest = bytes.subspan(kHeader, std::min(payload + kHeader, bytes.size()) - kHeader);
  print_behind(p, next, rest, payload, std::move(around));
}

}  // namespace host::capture
