// SPDX-License-Identifier: Apache-2.0
// A ring that doubles when it is full.
#include "host/qdisc/packet_queue.hpp"

#include <cstring>
#include <utility>

namespace host::qdisc {
namespace {

constexpr std::size_t kSmallest = 8;

}  // namespace

static_assert(sizeof(PacketNote) <= skb::kControlBlockBytes);

PacketNote note_of(const skb::SkBuff& skb) {
  PacketNote note;
  std::memcpy(&note, skb.control.data(), sizeof note);
  return note;
}

void set_note(skb::SkBuff& skb, const PacketNote& note) {
  std::memcpy(skb.control.data(), &note, sizeof note);
}

void PacketQueue::grow() {
  std::vector<skb::Skb> larger(ring_.empty() ? kSmallest : 2 * ring_.size());
  for (std::size_t i = 0; i < count_; ++i) larger[i] = std::move(ring_[(first_ + i) & (ring_.size() - 1)]);
  ring_ = std::move(larger);
  first_ = 0;
}

void PacketQueue::push(skb::Skb skb) {
  if (count_ == ring_.size()) grow();
  bytes_ += wire_bytes(*skb);
  ring_[(first_ + count_++) & (ring_.size() - 1)] = std::move(skb);
}

skb::Skb PacketQueue::pop() {
  if (count_ == 0) return nullptr;
  skb::Skb skb = std::move(ring_[first_]);
  first_ = (first_ + 1) & (ring_.size() - 1);
  --count_;
  bytes_ -= wire_bytes(*skb);
  return skb;
}

}  // namespace host::qdisc
