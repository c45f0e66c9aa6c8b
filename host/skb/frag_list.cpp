// SPDX-License-Identifier: Apache-2.0
// Packets whose bytes are another's (Linux: skb_shinfo(skb)->frag_list).
#include "host/base/invariant.hpp"
#include "host/skb/skb_list.hpp"

namespace host::skb {

std::uint32_t SkBuff::fragment_bytes() const {
  std::uint32_t bytes = 0;
  for (const Fragment& fragment : fragments()) bytes += fragment.length;
  return bytes;
}

void SkBuff::set_frag_list(SkbList list) {
  INVARIANT(!has_frag_list(), "a second frag list");
  for (const SkBuff* packet = list.front(); packet != nullptr; packet = packet->next_) {
    INVARIANT(!packet->has_frag_list(), "a frag list in a frag list");
    data_len_ += packet->len();
  }
  if (list.empty()) return;
  list_skip_ = 0;
  frag_list_ = std::make_shared<SkbList>(std::move(list));
}

SkbList SkBuff::take_frag_list() {
  if (!has_frag_list() || frag_list_.use_count() != 1 || list_skip_ != 0) return {};
  const std::uint32_t ours = fragment_bytes();
  std::uint32_t whole = 0;
  for (const SkBuff* packet = frag_list_->front(); packet != nullptr; packet = packet->next_) whole += packet->len();
  if (data_len_ - ours != whole) return {};
  SkbList list = std::move(*frag_list_);
  frag_list_.reset();
  data_len_ = ours;
  return list;
}

std::size_t SkBuff::frag_list_truesize() const {
  std::size_t bytes = 0;
  for (const SkBuff* packet = frag_list_->front(); packet != nullptr; packet = packet->next_) {
    bytes += packet->truesize();
  }
  return bytes;
}

}  // namespace host::skb
