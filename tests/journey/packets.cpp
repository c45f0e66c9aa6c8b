// SPDX-License-Identifier: Apache-2.0
#include "tests/journey/packets.hpp"

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "sim/pcie/seeded_random.hpp"

namespace tests::journey {
namespace {

namespace base = host::base;

constexpr std::size_t kFlowByte = 10;  // the last two of the source address

/// Everything up to TCP or UDP; returns the sum over what the pseudo header takes from it.
base::ChecksumSum write_network(std::span<std::byte> frame, const PacketShape& shape, std::uint16_t identifier) {
  const std::span<std::byte> ip = frame.subspan(kEthernet);
  const auto protocol = static_cast<std::uint8_t>(shape.tcp ? 6 : 17);
  const std::size_t length = frame.size() - transport_offset(shape);
  if (shape.v4) {
    base::store_be16(frame, 12, 0x0800);
    base::store_be16(ip, 0, 0x4500);
    base::store_be16(ip, 2, static_cast<std::uint16_t>(ip.size()));
    base::store_be16(ip, 4, identifier);
    base::store_be16(ip, 6, 0x4000);
    base::store_u8(ip, 8, 64);
    base::store_u8(ip, 9, protocol);
    base::store_be32(ip, 12, 0x0a4d0003 + (shape.flow << 8));
    base::store_be32(ip, 16, 0x0a4d0002);
    base::store_be16(ip, 10, base::internet_checksum(ip.first(20)));
  } else {
    base::store_be16(frame, 12, 0x86dd);
    base::store_be32(ip, 0, 0x60000000);
    base::store_be16(ip, 4, static_cast<std::uint16_t>(length));
    base::store_u8(ip, 6, protocol);
    base::store_u8(ip, 7, 64);
    base::store_be32(ip, 8, 0xfd000000);
    base::store_be32(ip, 20, shape.flow + 1);
    base::store_be32(ip, 24, 0xfd000000);
    base::store_be32(ip, 36, 0x0002);
  }
  base::ChecksumSum sum;
  sum.add(shape.v4 ? ip.subspan(12, 8) : ip.subspan(8, 32));
  sum.add_be16(protocol);
  sum.add_be16(static_cast<std::uint16_t>(length));
  return sum;
}

}  // namespace

Frame make_packet(const PacketShape& shape) {
  sim::pcie::SeededRandom random(shape.seed);
  const std::size_t transport = transport_offset(shape);
  Frame frame(transport + (shape.tcp ? 20 : 8) + shape.payload);
  for (std::size_t i = frame.size() - shape.payload; i < frame.size(); ++i)
    frame[i] = static_cast<std::byte>(random.next());
  base::store_be32(frame, 0, 0x525400c0);
  base::store_be16(frame, 4, 0x510c);
  base::store_be32(frame, 6, 0x02000000);
  base::store_be16(frame, kFlowByte, static_cast<std::uint16_t>(shape.flow));
  const auto identifier = static_cast<std::uint16_t>(random.next());
  base::ChecksumSum sum = write_network(frame, shape, shape.identifier.value_or(identifier));
  const std::span<std::byte> segment = std::span(frame).subspan(transport);
  base::store_be16(segment, 0, static_cast<std::uint16_t>(1024 + 7 * shape.flow));
  base::store_be16(segment, 2, 7000);
  if (shape.tcp) {
    base::store_be32(segment, 4, shape.sequence.value_or(static_cast<std::uint32_t>(random.next())));
    base::store_be32(segment, 8, 0x01020304);
    base::store_u8(segment, 12, 0x50);
    base::store_u8(segment, 13, shape.tcp_flags);
    base::store_be16(segment, 14, 0x4000);
  } else {
    base::store_be16(segment, 4, static_cast<std::uint16_t>(segment.size()));
  }
  if (!shape.request) sum.add(segment);
  std::uint16_t field = shape.request ? sum.folded() : sum.checksum();
  if (!shape.tcp && !shape.request && field == 0) field = 0xffff;  // RFC 768
  base::store_be16(segment, checksum_offset(shape), field);
  return frame;
}

std::uint64_t flow_of(const Frame& frame) {
  return base::load_be16(frame, kFlowByte);
}

}  // namespace tests::journey
