// SPDX-License-Identifier: Apache-2.0
// The two bits behind DSCP, and for IPv4 the header's checksum.
#include "host/qdisc/ecn.hpp"

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/headers/ethernet.hpp"

namespace host::qdisc {
namespace {

constexpr std::size_t kEtherTypeAt = 12;
constexpr std::size_t kVlanTagBytes = 4;
constexpr std::uint16_t kVlanTag = 0x8100;
constexpr std::uint16_t kIpv4 = 0x0800;
constexpr std::uint16_t kIpv6 = 0x86dd;
constexpr std::size_t kIpv4ChecksumAt = 10;
constexpr std::size_t kIpv4Bytes = 20;
constexpr std::uint16_t kEcnMask = 3;  // of the first 16 bits of an IPv4 header
constexpr unsigned kIpv6EcnShift = 4;  // of an IPv6 header
constexpr std::uint16_t kNotCapable = 0;
constexpr std::uint16_t kExperienced = 3;

}  // namespace

bool set_congestion_experienced(skb::SkBuff& skb) {
  std::size_t at = headers::kEthernetHeaderBytes;
  if (skb.headlen() < at + kVlanTagBytes + kIpv4Bytes) return false;
  std::uint16_t type = base::load_be16(skb.bytes(), kEtherTypeAt);
  if (type == kVlanTag) {
    type = base::load_be16(skb.bytes(), kEtherTypeAt + kVlanTagBytes);
    at += kVlanTagBytes;
  }
  if (type != kIpv4 && type != kIpv6) return false;
  const unsigned shift = type == kIpv4 ? 0 : kIpv6EcnShift;
  const std::uint16_t before = base::load_be16(skb.bytes(), at);
  const unsigned ecn = before >> shift & kEcnMask;
  if (ecn == kNotCapable) return false;
  if (ecn == kExperienced) return true;
  if (!skb.unshare()) return false;
  const auto after = static_cast<std::uint16_t>(before | kExperienced << shift);
  base::store_be16(skb.writable(), at, after);
  if (type == kIpv4) {
    const std::uint16_t checksum = base::load_be16(skb.bytes(), at + kIpv4ChecksumAt);
    base::store_be16(skb.writable(), at + kIpv4ChecksumAt, base::checksum_update(checksum, before, after));
  }
  return true;
}

}  // namespace host::qdisc
