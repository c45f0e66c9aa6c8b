// SPDX-License-Identifier: Apache-2.0
// Addresses and ports, the smaller end first, through a mixer.
#include "host/device/flow_hash.hpp"

#include <algorithm>

#include "host/base/byte_order.hpp"
#include "host/device/flow_dissector.hpp"

namespace host::device {
namespace {

constexpr std::uint32_t kMacBytes = 6;
constexpr std::uint32_t kPortBytes = 2;

/// FNV-1a, finished as MurmurHash3 does so that the upper bits depend on every byte.
class Mixer {
 public:
  void add(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) state_ = (state_ ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3;
  }
  [[nodiscard]] std::uint32_t result() const {
    std::uint64_t mixed = (state_ ^ state_ >> 33) * 0xff51afd7ed558ccd;
    mixed = (mixed ^ mixed >> 33) * 0xc4ceb9fe1a85ec53;
    return static_cast<std::uint32_t>(mixed >> 32);
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325;
};

/// Two neighbouring fields of `bytes` bytes each, whichever is smaller first.
void add_pair(Mixer& mixer, std::span<const std::byte> both, std::uint32_t bytes) {
  const auto one = both.first(bytes);
  const auto other = both.subspan(bytes, bytes);
  const bool in_order = std::ranges::lexicographical_compare(one, other);
  mixer.add(in_order ? one : other);
  mixer.add(in_order ? other : one);
}

}  // namespace

std::uint32_t flow_hash(const skb::SkBuff& skb) {
  if (skb.hash_valid) return skb.hash;
  const FlowKeys keys = dissect(skb);
  const std::span<const std::byte> bytes(keys.bytes.data(), keys.length);
  Mixer mixer;
  if (keys.network == Network::ipv4) {
    add_pair(mixer, bytes.subspan(keys.network_offset + 12, 8), 4);
  } else if (keys.network == Network::ipv6) {
    add_pair(mixer, bytes.subspan(keys.network_offset + 8, 32), 16);
  } else if (keys.length >= 2 * kMacBytes) {
    add_pair(mixer, bytes.first(2 * kMacBytes), kMacBytes);
  }
  const bool ports = keys.protocol == kProtocolTcp || keys.protocol == kProtocolUdp;
  if (ports && keys.transport_offset != 0) {
    add_pair(mixer, bytes.subspan(keys.transport_offset, 2 * kPortBytes), kPortBytes);
  }
  return mixer.result();
}

}  // namespace host::device
