// SPDX-License-Identifier: Apache-2.0
// Packets in a row, and what a qdisc notes on each (Linux: struct qdisc_skb_head, struct qdisc_skb_cb).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/skb/skb.hpp"

namespace host::qdisc {

/// What stands in a packet's control block while a qdisc has it.
struct PacketNote {
  std::uint32_t bytes = 0;                 // on the wire: the headers of every segment that it will be cut into too
  platform::Nanoseconds enqueued = 0;      // CoDel: when it came
  platform::Nanoseconds time_to_send = 0;  // fq: not before
};

[[nodiscard]] PacketNote note_of(const skb::SkBuff& skb);
void set_note(skb::SkBuff& skb, const PacketNote& note);

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
  void push(skb::Skb skb);
  /// Null when empty.
  [[nodiscard]] skb::Skb pop();
  [[nodiscard]] const skb::SkBuff* front() const { return count_ == 0 ? nullptr : ring_[first_].get(); }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::size_t size() const { return count_; }
  /// Sum of wire_bytes().
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  void grow();

  std::vector<skb::Skb> ring_;  // a power of two
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace host::qdisc
