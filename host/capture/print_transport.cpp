// SPDX-License-Identifier: Apache-2.0
// UDP and TCP (RFC 768, RFC 9293; tcpdump 4.99: print-udp.c, print-tcp.c).
#include <array>
#include <utility>

#include "host/capture/printing.hpp"

namespace host::capture {
namespace {

constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kTcp = 6;
constexpr std::size_t kUdpHeader = 8;
constexpr std::size_t kTcpHeader = 20;

constexpr std::uint8_t kFin = 0x01;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kRst = 0x04;
constexpr std::uint8_t kAck = 0x10;
constexpr std::uint8_t kUrg = 0x20;

std::string flags_of(std::uint8_t flags) {
  static constexpr std::array<std::pair<std::uint8_t, char>, 8> kLetters = {
      {{kFin, 'F'}, {kSyn, 'S'}, {kRst, 'R'}, {0x08, 'P'}, {kAck, '.'}, {kUrg, 'U'}, {0x40, 'E'}, {0x80, 'W'}}};
  std::string text;
  for (const auto& [bit, letter] : kLetters) {
    if ((flags & bit) != 0) text += letter;
  }
  return text.empty() ? "none" : text;
}

void print_sack(Printing& p, Bytes blocks, std::uint32_t base) {
  p.say(" {} ", blocks.size() / 8);
  for (std::size_t at = 0; at + 8 <= blocks.size(); at += 8) {
    p.say("{{{}:{}}}", base::load_be32(blocks, at) - base, base::load_be32(blocks, at + 4) - base);
  }
}

void print_option(Printing& p, std::uint8_t kind, Bytes body, std::uint32_t sack_base) {
  if (kind == 0) {
    p.say("eol");
  } else if (kind == 1) {
    p.say("nop");
  } else if (kind == 2 && body.size() == 2) {
    p.say("mss {}", base::load_be16(body, 0));
  } else if (kind == 3 && body.size() == 1) {
    p.say("wscale {}", base::load_u8(body, 0));
  } else if (kind == 4 && body.empty()) {
    p.say("sackOK");
  } else if (kind == 5 && !body.empty() && body.size() % 8 == 0) {
    p.say("sack");
    print_sack(p, body, sack_base);
  } else if (kind == 8 && body.size() == 8) {
    p.say("TS val {} ecr {}", base::load_be32(body, 0), base::load_be32(body, 4));
  } else if (kind >= 253 && body.size() >= 2) {
    p.say("exp-{:04x}", base::load_be16(body, 0));
    if (body.size() > 2) p.say(" 0x");
    for (const std::byte byte : body.subspan(2)) p.say("{:02x}", static_cast<unsigned>(byte));
  } else {
    p.say("unknown-{}", kind);
    if (!body.empty()) p.say(" 0x");
    for (const std::byte byte : body) p.say("{:02x}", static_cast<unsigned>(byte));
  }
}

/// False: nothing more can be told of the segment.
bool print_options(Printing& p, Bytes options, std::uint32_t sack_base) {
  p.say(", options [");
  for (std::string_view separator; !options.empty(); separator = ",") {
    const std::uint8_t kind = base::load_u8(options, 0);
    const bool single = kind <= 1;
    const std::size_t length = single ? 1 : options.size() < 2 ? 0 : base::load_u8(options, 1);
    p.say("{}", separator);
    if (length == 0 || (!single && length < 2) || length > options.size()) {
      p.say("[bad opt]");
      return false;
    }
    print_option(p, kind, single ? Bytes{} : options.subspan(2, length - 2), sack_base);
    if (kind == 0) break;
    options = options.subspan(length);
  }
  p.say("]");
  return true;
}

/// With -v, when the whole segment is there.
void print_tcp_checksum(Printing& p, Bytes bytes, std::size_t length, const Around& around) {
  if (!p.verbose() || around.fragmented || bytes.size() < length) return;
  const std::uint16_t found = base::load_be16(bytes, 16);
  p.say(", cksum 0x{:04x}", found);
  const std::uint16_t rest = transport_checksum(around, kTcp, bytes);
  if (rest == 0) {
    p.say(" (correct)");
    return;
  }
  base::ChecksumSum sum;
  sum.add_be16(found);
  sum.add_be16(rest);
  p.say(" (incorrect -> 0x{:04x})", sum.folded());
}

}  // namespace

namespace {

/// Behind extension headers tcpdump leaves the addresses out.
std::string end_point(const std::string& address, std::uint16_t port) {
  return address.empty() ? std::to_string(port) : fmt::format("{}.{}", address, port);
}

}  // namespace

void print_udp(Printing& p, Bytes bytes, std::size_t length, const Around& around) {
  if (bytes.size() < kUdpHeader) {
    if (bytes.size() >= 4) {
      p.say("{} > {}: ", end_point(around.source, base::load_be16(bytes, 0)),
            end_point(around.destination, base::load_be16(bytes, 2)));
    } else {
      p.say("{} > {}: ", around.source, around.destination);
    }
    p.say("{}", length < kUdpHeader ? fmt::format("truncated-udp {}", length) : "[|udp]");
    return;
  }
  p.say("{} > {}: ", end_point(around.source, base::load_be16(bytes, 0)),
        end_point(around.destination, base::load_be16(bytes, 2)));
  const std::uint16_t told = base::load_be16(bytes, 4);
  if (told < kUdpHeader) {
    p.say("truncated-udplength {}", told);
    return;
  }
  if (p.options.quiet) {
    p.say("UDP, length {}", told - kUdpHeader);
    return;
  }
  const std::uint16_t found = base::load_be16(bytes, 6);
  const bool summed = p.options.verbose > 1 || (p.verbose() && around.needs_checksum);
  if (summed && found == 0 && !around.needs_checksum) {
    p.say("[no cksum] ");
  } else if (summed && !around.fragmented && bytes.size() >= told) {
    const std::uint16_t rest = transport_checksum(around, kUdp, bytes.first(told));
    base::ChecksumSum sum;
    sum.add_be16(found);
    sum.add_be16(rest);
    if (rest == 0) {
      p.say("[udp sum ok] ");
    } else {
      p.say("[bad udp cksum 0x{:04x} -> 0x{:04x}!] ", found, sum.folded());
    }
  }
  if (told > length && !around.fragmented) {
    p.say("UDP, bad length {} > {}", told - kUdpHeader, length - kUdpHeader);
  } else {
    p.say("UDP, length {}", told - kUdpHeader);
  }
}

void print_tcp(Printing& p, Bytes bytes, std::size_t length, const Around& around) {
  if (bytes.size() < kTcpHeader) {
    p.say("{} > {}: [|tcp]", around.source, around.destination);
    return;
  }
  const std::string from = end_point(around.source, base::load_be16(bytes, 0));
  const std::string to = end_point(around.destination, base::load_be16(bytes, 2));
  p.say("{} > {}: ", from, to);
  const std::size_t header = (base::load_u8(bytes, 12) >> 4) * 4U;
  if (header < kTcpHeader) {
    p.say(" tcp {} [bad hdr length {} - too short, < {}]", length - header, header, kTcpHeader);
    return;
  }
  if (p.options.quiet) {
    p.say("tcp {}", length - header);
    if (header > length) p.say(" [bad hdr length {} - too long, > {}]", header, length);
    return;
  }
  const std::uint8_t flags = base::load_u8(bytes, 13);
  const std::uint32_t sequence = base::load_be32(bytes, 4);
  const std::uint32_t acknowledgement = base::load_be32(bytes, 8);
  TcpStarts::Numbers numbers{sequence, acknowledgement};
  const bool counted = !p.options.absolute_sequence && (flags & kAck) != 0;
  if (counted) numbers = p.tcp.relative(from, to, numbers, (flags & kSyn) != 0);
  if (header > length) {
    p.say("Flags [{}] [bad hdr length {} - too long, > {}]", flags_of(flags), header, length);
    return;
  }
  const std::size_t payload = length - header;
  p.say("Flags [{}]", flags_of(flags));
  print_tcp_checksum(p, bytes, length, around);
  if (p.options.verbose > 1 || payload > 0 || (flags & (kSyn | kFin | kRst)) != 0) {
    p.say(", seq {}", numbers.sequence);
    if (payload > 0) p.say(":{}", numbers.sequence + static_cast<std::uint32_t>(payload));
  }
  if ((flags & kAck) != 0) p.say(", ack {}", numbers.acknowledgement);
  p.say(", win {}", base::load_be16(bytes, 14));
  if ((flags & kUrg) != 0) p.say(", urg {}", base::load_be16(bytes, 18));
  if (header > kTcpHeader && bytes.size() >= header) {
    const Bytes options = bytes.subspan(kTcpHeader, header - kTcpHeader);
    if (!print_options(p, options, numbers.sack_base)) return;
  }
  p.say(", length {}", payload);
}

}  // namespace host::capture
