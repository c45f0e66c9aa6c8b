// SPDX-License-Identifier: Apache-2.0
// The fragments of one datagram that have come so far (Linux: struct inet_frag_queue, inet_frag_queue_insert).
#include "host/ip/fragment_queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace host::ip {

bool FragmentQueue::accept_end(std::uint32_t end, bool last) {
  if (last) {
    if (end < length_ || (last_in_ && end != length_)) {
      return false;
    }
    last_in_ = true;
  } else if (end > length_ && last_in_) {
    return false;
  }
  length_ = std::max(length_, end);
  return true;
}

FragmentVerdict FragmentQueue::place(skb::Skb& packet, std::uint32_t offset, std::uint32_t end) {
  if (!runs_.empty() && end > runs_.rbegin()->second.end) {
    Run& tail = runs_.rbegin()->second;
    if (offset < tail.end) {
      return FragmentVerdict::overlap;
    }
    if (offset == tail.end) {
      tail.end = end;
      tail.pieces.push_back(std::move(packet));
      return FragmentVerdict::kept;
    }
  } else if (!runs_.empty()) {
    auto after = runs_.lower_bound(end);  // the runs before it begin below our end
    if (after != runs_.begin() && std::prev(after)->second.end > offset) {
      const auto& [start, run] = *std::prev(after);
      return offset >= start && end <= run.end ? FragmentVerdict::duplicate : FragmentVerdict::overlap;
    }
  }
  Run& run = runs_[offset];
  run.end = end;
  run.pieces.push_back(std::move(packet));
  return FragmentVerdict::kept;
}

FragmentVerdict FragmentQueue::insert(skb::Skb& packet, std::uint32_t offset, std::uint32_t end, bool last) {
  if (!accept_end(end, last) || end <= offset) {
    return FragmentVerdict::contradiction;
  }
  const FragmentVerdict verdict = place(packet, offset, end);
  if (verdict != FragmentVerdict::kept) {
    return verdict;
  }
  held_ += end - offset;
  return last_in_ && has_first() && held_ == length_ ? FragmentVerdict::complete : FragmentVerdict::kept;
}

std::vector<skb::Skb> FragmentQueue::take() {
  std::vector<skb::Skb> all;
  for (auto& [offset, run] : runs_) {
    for (skb::Skb& piece : run.pieces) {
      all.push_back(std::move(piece));
    }
  }
  *this = FragmentQueue();
  return all;
}

}  // namespace host::ip
