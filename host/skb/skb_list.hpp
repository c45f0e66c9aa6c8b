// SPDX-License-Identifier: Apache-2.0
// Packets one behind the other, linked through themselves: no memory beside them (Linux: struct sk_buff_head).
#pragma once

#include <cstddef>
#include <utility>

#include "host/skb/skb.hpp"

namespace host::skb {

/// Owns what is in it. An skb is in at most one list.
class SkbList {
 public:
  SkbList() = default;
  SkbList(SkbList&& other) noexcept
      : head_(std::exchange(other.head_, nullptr)),
        tail_(std::exchange(other.tail_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  SkbList& operator=(SkbList&& other) noexcept {
    std::swap(head_, other.head_);
    std::swap(tail_, other.tail_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~SkbList() {
    while (pop_front()) {
    }
  }

  [[nodiscard]] bool empty() const { return head_ == nullptr; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The oldest; null when there is none.
  [[nodiscard]] SkBuff* front() const { return head_; }
  /// The one behind it in its list; null when there is none.
  [[nodiscard]] static SkBuff* behind(const SkBuff& skb) { return skb.next_; }

  void push_back(Skb skb) {
    SkBuff* last = skb.release();
    last->next_ = nullptr;
    (head_ == nullptr ? head_ : tail_->next_) = last;
    tail_ = last;
    ++size_;
  }
  /// Null when there is none.
  [[nodiscard]] Skb pop_front() {
    if (head_ == nullptr) return nullptr;
    Skb first(head_);
    head_ = std::exchange(first->next_, nullptr);
    --size_;
    return first;
  }

 private:
  SkBuff* head_ = nullptr;
  SkBuff* tail_ = nullptr;  // of a list that is not empty
  std::size_t size_ = 0;
};

}  // namespace host::skb
