// SPDX-License-Identifier: Apache-2.0
// IPv6 fragments as tests write them.
#pragma once

#include "host/headers/ipv6_extensions.hpp"
#include "tests/host/ip6/world6.hpp"

namespace host_test {

struct Part6 {
  std::size_t offset;
  std::size_t end;
  bool more;
};

/// The transport packet of a frame that ipv6_frame() made.
[[nodiscard]] inline Frame transport6_of(const Frame& frame) {
  const auto payload = ip6_of(frame).payload();
  return {payload.begin(), payload.end()};
}

/// Bytes `offset` to `end` of a transport packet behind a fragment header.
[[nodiscard]] inline Frame fragment6_of(const Frame& transport, const Part6& part, std::uint32_t id = 1,
                                        const Packet6Options& options = {}) {
  Frame payload(8);
  host::base::store_u8(payload, 0, static_cast<std::uint8_t>(host::headers::NextHeader::icmp6));
  host::base::store_be16(payload, 2, static_cast<std::uint16_t>(part.offset | (part.more ? 1U : 0U)));
  host::base::store_be32(payload, 4, id);
  payload.insert(payload.end(), transport.begin() + static_cast<std::ptrdiff_t>(part.offset),
                 transport.begin() + static_cast<std::ptrdiff_t>(part.end));
  return ipv6_frame(host::headers::NextHeader::fragment, payload, options);
}

}  // namespace host_test
