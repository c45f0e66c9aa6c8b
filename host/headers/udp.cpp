// SPDX-License-Identifier: Apache-2.0
// The UDP header (RFC 768).
#include "host/headers/udp.hpp"

#include "host/base/byte_order.hpp"
#include "host/headers/checksum.hpp"
#include "host/headers/ipv4.hpp"
#include "host/headers/ipv6.hpp"

namespace host::headers {

base::ChecksumSum udp_pseudo_header(const IpAddress& source, const IpAddress& destination, std::size_t length) {
  if (source.is_ipv4()) {
    return pseudo_header(source.ipv4(), destination.ipv4(), static_cast<std::uint8_t>(IpProtocol::udp),
                         static_cast<std::uint16_t>(length));
  }
  return pseudo_header(source.value, destination.value, NextHeader::udp, static_cast<std::uint32_t>(length));
}

namespace {

/// The checksum over pseudo header and datagram: 0 when the datagram carries its right one.
std::uint16_t checksum(const IpAddress& source, const IpAddress& destination, Bytes datagram) {
  auto sum = udp_pseudo_header(source, destination, datagram.size());
  sum.add(datagram);
  return sum.checksum();
}

}  // namespace

bool UdpView::checksum_ok(const IpAddress& source, const IpAddress& destination) const {
  if (!has_checksum()) {
    return source.is_ipv4();
  }
  return checksum(source, destination, datagram_) == 0;
}

namespace {

void write_fields(MutableBytes datagram, std::uint16_t source_port, std::uint16_t destination_port,
                  std::uint16_t checksum) {
  base::store_be16(datagram, 0, source_port);
  base::store_be16(datagram, 2, destination_port);
  base::store_be16(datagram, 4, static_cast<std::uint16_t>(datagram.size()));
  base::store_be16(datagram, kUdpChecksumOffset, checksum);
}

}  // namespace

void write_udp(MutableBytes datagram, std::uint16_t source_port, std::uint16_t destination_port,
               const IpAddress& source, const IpAddress& destination) {
  write_fields(datagram, source_port, destination_port, 0);
  const std::uint16_t sum = checksum(source, destination, datagram);
  base::store_be16(datagram, kUdpChecksumOffset, sum == 0 ? std::uint16_t{0xffff} : sum);
}

void write_udp_partial(MutableBytes datagram, std::uint16_t source_port, std::uint16_t destination_port,
                       const IpAddress& source, const IpAddress& destination) {
  const auto sum = udp_pseudo_header(source, destination, datagram.size());
  write_fields(datagram, source_port, destination_port, sum.folded());
}

}  // namespace host::headers
