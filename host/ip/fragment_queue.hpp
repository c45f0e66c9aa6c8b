// SPDX-License-Identifier: Apache-2.0
// The fragments of one datagram that have come so far (Linux: struct inet_frag_queue, inet_frag_queue_insert).
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "host/skb/skb.hpp"

namespace host::ip {

/// What becomes of a fragment that is put in.
enum class FragmentVerdict : std::uint8_t {
  kept,
  /// It was the last that was missing.
  complete,
  /// All of it is there already: only this fragment goes.
  duplicate,
  /// It overlaps others (RFC 5722: somebody plays tricks): the whole datagram goes.
  overlap,
  /// It lies beyond the end, or says that the end is elsewhere, or carries nothing: the whole datagram goes.
  contradiction,
};

class FragmentQueue {
 public:
  /// Payload bytes `offset` to `end`; `last`: no more fragments follow. The packet has data at these bytes; it is
  /// taken (and left null) when kept or complete.
  [[nodiscard]] FragmentVerdict insert(skb::Skb& packet, std::uint32_t offset, std::uint32_t end, bool last);

  [[nodiscard]] bool has_first() const { return !runs_.empty() && runs_.begin()->first == 0; }
  /// The first fragment, for its header; only with has_first().
  [[nodiscard]] const skb::SkBuff& first() const { return *runs_.begin()->second.pieces.front(); }
  /// Bytes of the datagram's payload; of a complete queue.
  [[nodiscard]] std::uint32_t payload_bytes() const { return length_; }
  /// All fragments in order; the queue is as new afterwards.
  [[nodiscard]] std::vector<skb::Skb> take();
  [[nodiscard]] bool empty() const { return runs_.empty(); }

 private:
  /// Fragments that came one after the other, each just behind the one before.
  struct Run {
    std::uint32_t end = 0;
    std::vector<skb::Skb> pieces{};
  };

  /// Whether the queue can have bytes up to `end`. Linux: the first half of ip_frag_queue.
  [[nodiscard]] bool accept_end(std::uint32_t end, bool last);
  [[nodiscard]] FragmentVerdict place(skb::Skb& packet, std::uint32_t offset, std::uint32_t end);

  std::map<std::uint32_t, Run> runs_;  // by offset
  std::uint32_t length_ = 0;           // the largest end that was told
  std::uint32_t held_ = 0;             // payload bytes that are there
  bool last_in_ = false;
};

}  // namespace host::ip
