// SPDX-License-Identifier: Apache-2.0
// Packets in a row, and what a qdisc notes on each (Linux: struct qdisc_skb_head, struct qdisc_skb_cb).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "host/skb/skb_list.hpp"

namespace host::qdisc {

/// What stands in a packet's control block while a qdisc has it.
struct PacketNote {
  std::uint32_t bytes = 0;                 // on the wire: the headers of every segment that it will be cut into too
  platform::Nanoseconds enqueued = 0;      // CoDel: when it came
  platform::Nanoseconds time_to_send = 0;  // fq: not before
};

static_assert(sizeof(PacketNote) <= skb::kControlBlockBytes);

[[nodiscard]] inline PacketNote note_of(const skb::SkBuff& skb) {
  PacketNote note;
  std::memcpy(&note, skb.control.data(), sizeof note);
  return note;
}
inline void set_note(skb::SkBuff& skb, const PacketNote& note) {
  std::memcpy(skb.control.data(), &note, sizeof note);
}

/// Linux: qdisc_pkt_len.
[[nodiscard]] inline std::uint32_t wire_bytes(const skb::SkBuff& skb) {
  return note_of(skb).bytes;
}
/// Frames that it is, or will be.
[[nodiscard]] inline std::uint32_t wire_packets(const skb::SkBuff& skb) {
  return skb.gso_segs != 0 ? skb.gso_segs : 1;
}

/// First in, first out, of any length: its user bounds it. Costs nothing while it is empty.
class PacketQueue {
 public:
  void push(skb::Skb&& skb) {
    bytes_ += wire_bytes(*skb);
    packets_.push_back(std::move(skb));
  }
  /// Null when empty.
  [[nodiscard]] skb::Skb pop() {
    skb::Skb skb = packets_.pop_front();
    if (skb) bytes_ -= wire_bytes(*skb);
    return skb;
  }
  [[nodiscard]] const skb::SkBuff* front() const { return packets_.front(); }
  [[nodiscard]] bool empty() const { return packets_.empty(); }
  [[nodiscard]] std::size_t size() const { return packets_.size(); }
  /// Sum of wire_bytes().
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  skb::SkbList packets_;
  std::uint64_t bytes_ = 0;
};

}  // namespace host::qdisc
