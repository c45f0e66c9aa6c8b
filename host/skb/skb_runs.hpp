// SPDX-License-Identifier: Apache-2.0
// All bytes of a packet in order, wherever they lie (Linux: skb_seq_read, skb_checksum).
#pragma once

#include <algorithm>

#include "host/base/checksum.hpp"
#include "host/skb/skb_list.hpp"

namespace host::skb {

/// Calls visit(std::span<const std::byte>) for each run of the `count` bytes from `offset` on, none of them empty: of
/// the linear part, the fragments, the packets of the frag list. What is beyond the end is left out.
template <typename Visitor>
void each_run(const SkBuff& skb, std::uint32_t offset, std::uint32_t count, Visitor visit) {
  std::size_t skip = offset;
  std::size_t left = count;
  const auto take = [&](std::span<const std::byte> piece) {
    const std::size_t from = std::min(skip, piece.size());
    skip -= from;
    const auto run = piece.subspan(from, std::min(piece.size() - from, left));
    left -= run.size();
    if (!run.empty()) visit(run);
  };
  const auto take_packet = [&take](const SkBuff& packet) {
    take(packet.bytes());
    for (const Fragment& fragment : packet.fragments()) take(fragment.bytes());
  };
  left = std::min<std::size_t>(left, skb.len() - std::min(skb.len(), offset));
  take_packet(skb);
  if (left == 0 || !skb.has_frag_list()) return;
  skip += skb.list_skip_;
  for (const SkBuff* packet = skb.frag_list_->front(); packet != nullptr && left != 0; packet = packet->next_) {
    take_packet(*packet);
  }
}

/// Copies what there is of a packet from its network header on, wherever data is; returns the bytes.
[[nodiscard]] inline std::size_t copy_packet(const SkBuff& skb, std::span<std::byte> out) {
  const auto linear = skb.network_header().first(std::min(out.size(), skb.network_header().size()));
  std::copy(linear.begin(), linear.end(), out.begin());
  std::size_t copied = linear.size();
  each_run(skb, skb.headlen(), static_cast<std::uint32_t>(out.size() - copied), [&](std::span<const std::byte> run) {
    std::copy(run.begin(), run.end(), out.begin() + static_cast<std::ptrdiff_t>(copied));
    copied += run.size();
  });
  return copied;
}

/// Adds `count` bytes from `offset` on.
inline void add_sum(base::ChecksumSum& sum, const SkBuff& skb, std::uint32_t offset, std::uint32_t count) {
  if (offset <= skb.headlen() && count <= skb.headlen() - offset) {
    sum.add(skb.bytes().subspan(offset, count));
    return;
  }
  each_run(skb, offset, count, [&sum](std::span<const std::byte> run) { sum.add(run); });
}

}  // namespace host::skb
