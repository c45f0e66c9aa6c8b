// SPDX-License-Identifier: Apache-2.0
// The kernel log's line about a packet (Linux: dump_ipv4_packet).
#include "host/netfilter/packet_log.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/byte_order.hpp"
#include "host/headers/ipv4.hpp"
#include "host/headers/ipv6.hpp"

namespace host::netfilter {
namespace {

constexpr double kNanosecondsASecond = 1e9;

template <std::size_t N>
void keep(std::array<char, N>& out, std::string_view text) {
  out = {};
  std::copy_n(text.begin(), std::min(text.size(), N - 1), out.begin());
}

std::string transport(std::uint8_t protocol, headers::Bytes bytes) {
  const auto has = [&](std::size_t needed) { return bytes.size() >= needed; };
  const auto at = [&](std::size_t offset) { return base::load_be16(bytes, offset); };
  switch (protocol) {
    case kUdp:
      return has(8) ? fmt::format("PROTO=UDP SPT={} DPT={} LEN={} ", at(0), at(2), at(4)) : "PROTO=UDP INCOMPLETE ";
    case kTcp: {
      if (!has(20)) {
        return "PROTO=TCP INCOMPLETE ";
      }
      constexpr std::array<std::pair<unsigned, std::string_view>, 6> kFlags{
          {{0x20, "URG "}, {0x10, "ACK "}, {0x08, "PSH "}, {0x04, "RST "}, {0x02, "SYN "}, {0x01, "FIN "}}};
      std::string flags;
      for (const auto& [bit, name] : kFlags) {
        flags += (base::load_u8(bytes, 13) & bit) != 0 ? name : "";
      }
      return fmt::format("PROTO=TCP SPT={} DPT={} WINDOW={} RES=0x00 {}URGP={} ", at(0), at(2), at(14), flags, at(18));
    }
    case kIcmp: {
      if (!has(8)) {
        return "PROTO=ICMP INCOMPLETE ";
      }
      const unsigned type = base::load_u8(bytes, 0);
      const bool echo = type == 0 || type == 8;
      return fmt::format("PROTO=ICMP TYPE={} CODE={} ", type, base::load_u8(bytes, 1)) +
             (echo ? fmt::format("ID={} SEQ={} ", at(4), at(6)) : "");
    }
    default:
      return fmt::format("PROTO={} ", protocol);
  }
}

std::string transport6(std::uint8_t protocol, headers::Bytes bytes) {
  if (protocol != kIcmp6) {
    return transport(protocol, bytes);
  }
  if (bytes.size() < 8) {
    return "PROTO=ICMPv6 INCOMPLETE ";
  }
  const unsigned type = base::load_u8(bytes, 0);
  const bool echo = type == 128 || type == 129;
  return fmt::format("PROTO=ICMPv6 TYPE={} CODE={} ", type, base::load_u8(bytes, 1)) +
         (echo ? fmt::format("ID={} SEQ={} ", base::load_be16(bytes, 4), base::load_be16(bytes, 6)) : "");
}

/// All eight groups with all their digits, as the kernel prints %pI6.
std::string long_text(const headers::Ipv6Address& address) {
  std::string text;
  for (unsigned group = 0; group < 8; ++group) {
    text += fmt::format("{}{:04x}", group == 0 ? "" : ":", address.group(group));
  }
  return text;
}

std::string fragment(const headers::Ipv4Fields& ip) {
  return std::string(ip.dont_fragment ? "DF " : "") + (ip.more_fragments ? "MF " : "") +
         (ip.fragment_offset != 0 ? fmt::format("FRAG:{} ", ip.fragment_offset / 8) : "");
}

}  // namespace

void PacketLog::write(const Log& log, const PacketInfo& packet, const HookCall& call) {
  if (lines_.size() < kMostLines) {
    lines_.reserve(kMostLines);
    lines_.emplace_back();
  }
  Line& line = lines_[written_++ % kMostLines];
  line.when = call.now;
  keep(line.prefix, log.prefix);
  keep(line.in, call.in != nullptr ? call.in->name() : "");
  keep(line.out, call.out != nullptr ? call.out->name() : "");
  const headers::Bytes bytes = packet.view().packet();
  line.packet_bytes = std::min(bytes.size(), kPacketBytes);
  std::copy_n(bytes.begin(), line.packet_bytes, line.packet.begin());
  Value mark = 0;
  static_cast<void>(packet.load(Key::meta_mark, mark));
  line.mark = static_cast<std::uint32_t>(mark);
}

namespace {

/// Linux: dump_ipv4_packet.
std::string describe(const headers::Ipv4View& view) {
  const headers::Ipv4Fields ip = view.fields();
  return fmt::format("SRC={} DST={} LEN={} TOS=0x{:02X} PREC=0x{:02X} TTL={} ID={} {}{}", to_string(ip.source),
                     to_string(ip.destination), ip.total_length, ip.tos & 0x1eU, ip.tos & 0xe0U, ip.ttl, ip.id,
                     fragment(ip),
                     ip.fragment_offset == 0 ? transport(static_cast<std::uint8_t>(ip.protocol), view.payload()) : "");
}

/// Linux: dump_ipv6_packet, without extension headers.
std::string describe(const headers::Ipv6View& ip, const PacketView& view) {
  return fmt::format("SRC={} DST={} LEN={} TC={} HOPLIMIT={} FLOWLBL={} {}{}", long_text(ip.source()),
                     long_text(ip.destination()), ip.payload_length() + headers::kIpv6HeaderBytes, ip.traffic_class(),
                     ip.hop_limit(), ip.flow_label(),
                     view.is_fragment() ? fmt::format("FRAG:{} ", view.fragment_offset()) : std::string(),
                     view.fragment_offset() == 0 ? transport6(view.protocol(), view.transport()) : std::string());
}

}  // namespace

std::string PacketLog::render(const Line& line) {
  const auto bytes = headers::Bytes(line.packet).first(line.packet_bytes);
  const auto view = PacketView::parse(bytes).value();
  const std::string packet = view.is_ipv6() ? describe(headers::Ipv6View::parse_quoted(bytes).value(), view)
                                            : describe(headers::Ipv4View::parse_quoted(bytes).value());
  return fmt::format("[{:12.6f}] {}IN={} OUT={} {}", static_cast<double>(line.when) / kNanosecondsASecond,
                     line.prefix.data(), line.in.data(), line.out.data(), packet) +
         (line.mark != 0 ? fmt::format("MARK=0x{:x} \n", line.mark) : "\n");
}

std::string PacketLog::text() const {
  std::string text;
  const std::uint64_t first = written_ - lines_.size();
  for (std::uint64_t i = first; i < written_; ++i) {
    text += render(lines_[i % kMostLines]);
  }
  return text;
}

}  // namespace host::netfilter
