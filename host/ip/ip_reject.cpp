// SPDX-License-Identifier: Apache-2.0
// Answers to packets that a rule rejects (Linux: nf_send_unreach, nf_send_reset).
#include "host/ip/ip_reject.hpp"

#include "host/base/byte_order.hpp"
#include "host/headers/checksum.hpp"
#include "host/ip/icmp_send.hpp"
#include "host/ip/ip_output.hpp"

namespace host::ip {
namespace {

using headers::Bytes;
using headers::Ipv4View;

constexpr std::size_t kTcpHeaderBytes = 20;
constexpr auto kTcp = headers::IpProtocol::tcp;
enum TcpFlag : std::uint8_t { kFin = 0x01, kSyn = 0x02, kReset = 0x04, kAck = 0x10 };

bool checksum_ok(const Ipv4View& header, Bytes segment) {
  auto sum = headers::pseudo_header(header.source(), header.destination(), static_cast<std::uint8_t>(kTcp),
                                    static_cast<std::uint16_t>(segment.size()));
  sum.add(segment);
  return sum.checksum() == 0;
}

/// RFC 9293 section 3.5.2: the reset takes its sequence number from the acknowledgement, or acknowledges.
void write_reset(headers::MutableBytes out, Bytes segment, const OutputRoute& route) {
  const std::uint8_t flags = base::load_u8(segment, 13);
  base::store_be16(out, 0, base::load_be16(segment, 2));
  base::store_be16(out, 2, base::load_be16(segment, 0));
  base::store_be32(out, 4, (flags & kAck) != 0 ? base::load_be32(segment, 8) : 0);
  const auto header_bytes = static_cast<std::uint32_t>(base::load_u8(segment, 12) >> 4U) * 4U;
  const auto payload = static_cast<std::uint32_t>(segment.size()) - header_bytes;
  const std::uint32_t next =
      base::load_be32(segment, 4) + payload + ((flags & kSyn) != 0 ? 1U : 0U) + ((flags & kFin) != 0 ? 1U : 0U);
  base::store_be32(out, 8, (flags & kAck) != 0 ? 0 : next);
  base::store_u8(out, 12, kTcpHeaderBytes / 4 << 4U);
  base::store_u8(out, 13, (flags & kAck) != 0 ? kReset : kReset | kAck);
  base::store_be16(out, 14, 0);
  base::store_be16(out, 16, 0);
  base::store_be16(out, 18, 0);
  auto sum = headers::pseudo_header(route.source, route.destination, static_cast<std::uint8_t>(kTcp), kTcpHeaderBytes);
  sum.add(out);
  base::store_be16(out, 16, sum.checksum());
}

void send_reset(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& about, const Ipv4View& header) {
  const Bytes segment = header.payload();
  const bool whole = segment.size() >= kTcpHeaderBytes && (base::load_u8(segment, 12) >> 4U) * 4U <= segment.size() &&
                     base::load_u8(segment, 12) >> 4U >= kTcpHeaderBytes / 4;
  if (header.protocol() != kTcp || header.is_fragment() || !whole || (base::load_u8(segment, 13) & kReset) != 0) {
    return;
  }
  const bool trusted = about.ip_summed == skb::IpSummed::unnecessary || about.ip_summed == skb::IpSummed::partial;
  if (!trusted && !checksum_ok(header, segment)) {
    return;
  }
  const auto route = ip_route_output(ip, cpu, header.source());
  skb::Skb answer = ip.net.pool().allocate(kTcpHeaderBytes);
  if (!route.ok() || answer == nullptr) {
    return;
  }
  if (auto* observer = cpu.kernel().observer()) {
    observer->derived(about.id(), answer->id());
  }
  OutputRoute back = *route;
  back.source = header.destination();  // also one that is not ours: the packet was on its way through
  write_reset(answer->put(kTcpHeaderBytes), segment, back);
  static_cast<void>(ip_queue_xmit(ip, cpu, std::move(answer), back, {.protocol = kTcp, .dont_fragment = true}));
}

}  // namespace

void ip_reject(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& about, const netfilter::HookCall& call) {
  const auto header = Ipv4View::parse_quoted(about.bytes());
  if (!header) {
    return;
  }
  if (call.reject->type == netfilter::RejectType::tcp_reset) {
    send_reset(ip, cpu, about, *header);
    return;
  }
  icmp_send(ip, cpu, about, {headers::IcmpType::destination_unreachable, call.reject->code});
}

}  // namespace host::ip
