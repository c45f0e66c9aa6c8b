// SPDX-License-Identifier: Apache-2.0
// Resets that fit the segment (Linux: nf_reject_ip_tcphdr_put).
#include "host/netfilter/tcp_reset.hpp"

#include "host/base/byte_order.hpp"
#include "host/headers/checksum.hpp"
#include "host/headers/ipv6.hpp"
#include "host/netfilter/key.hpp"

namespace host::netfilter {
namespace {

using headers::Bytes;

constexpr std::size_t kHeaderBytes = 20;
enum TcpFlag : std::uint8_t { kFin = 0x01, kSyn = 0x02, kReset = 0x04, kAck = 0x10 };

std::size_t header_bytes(Bytes segment) {
  return (base::load_u8(segment, 12) >> 4U) * std::size_t{4};
}

base::ChecksumSum pseudo_header(bool ipv6, const headers::IpAddress& from, const headers::IpAddress& to,
                                std::size_t bytes) {
  return ipv6
             ? headers::pseudo_header(from.value, to.value, headers::NextHeader::tcp, static_cast<std::uint32_t>(bytes))
             : headers::pseudo_header(from.ipv4(), to.ipv4(), kTcp, static_cast<std::uint16_t>(bytes));
}

}  // namespace

bool may_reset(const PacketView& packet) {
  const Bytes segment = packet.transport();
  return packet.protocol() == kTcp && !packet.is_fragment() && segment.size() >= kHeaderBytes &&
         header_bytes(segment) >= kHeaderBytes && header_bytes(segment) <= segment.size() &&
         (base::load_u8(segment, 13) & kReset) == 0;
}

bool tcp_checksum_ok(const PacketView& packet) {
  auto sum = pseudo_header(packet.is_ipv6(), packet.source(), packet.destination(), packet.transport().size());
  sum.add(packet.transport());
  return sum.checksum() == 0;
}

void write_tcp_reset(headers::MutableBytes out, const PacketView& packet) {
  const Bytes segment = packet.transport();
  const std::uint8_t flags = base::load_u8(segment, 13);
  // It takes its sequence number from the acknowledgement, or acknowledges.
  const bool acknowledged = (flags & kAck) != 0;
  base::store_be16(out, 0, base::load_be16(segment, 2));
  base::store_be16(out, 2, base::load_be16(segment, 0));
  base::store_be32(out, 4, acknowledged ? base::load_be32(segment, 8) : 0);
  const auto payload = static_cast<std::uint32_t>(segment.size() - header_bytes(segment));
  const std::uint32_t next =
      base::load_be32(segment, 4) + payload + ((flags & kSyn) != 0 ? 1U : 0U) + ((flags & kFin) != 0 ? 1U : 0U);
  base::store_be32(out, 8, acknowledged ? 0 : next);
  base::store_u8(out, 12, kHeaderBytes / 4 << 4U);
  base::store_u8(out, 13, acknowledged ? kReset : kReset | kAck);
  for (const std::size_t at : {14U, 16U, 18U}) {
    base::store_be16(out, at, 0);
  }
  auto sum = pseudo_header(packet.is_ipv6(), packet.destination(), packet.source(), out.size());
  sum.add(out);
  base::store_be16(out, 16, sum.checksum());
}

}  // namespace host::netfilter
