// SPDX-License-Identifier: Apache-2.0
// Moving the ends of a packet: pointers move, bytes stay (Linux: net/core/skbuff.c).
#include "host/skb/skb.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "host/base/invariant.hpp"
#include "host/kernel/kernel.hpp"
#include "host/skb/pool.hpp"

namespace host::skb {
namespace {

constexpr std::uint32_t kPoisonWord = 0x6b6b'6b6b;

}  // namespace

std::span<const std::byte> Fragment::bytes() const {
  return buffer.memory().subspan(offset, length);
}

void SkBuff::trim_fragments(std::uint32_t length) {
  tail_ = std::min(tail_, data_ + length);
  std::uint32_t left = length - headlen();
  data_len_ = left;
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < fragment_count_; ++i) {
    fragments_[i].length = std::min(fragments_[i].length, left);
    left -= fragments_[i].length;
    if (fragments_[i].length != 0) {
      kept = i + 1;
    } else {
      fragments_[i] = {};
    }
  }
  fragment_count_ = kept;
  if (left == 0) frag_list_.reset();
}

void SkBuff::request_checksum(std::uint32_t from_data, std::uint16_t offset) {
  ip_summed = IpSummed::partial;
  csum_start = data_ + from_data;
  csum_offset = offset;
}

void SkBuff::release_rest() {
  for (std::uint32_t i = 0; i < fragment_count_; ++i) fragments_[i] = {};
  frag_list_.reset();
}

/// What a freed skb's fields say is as good as any buffer's poison.
void SkBuff::poison() {
  pool_->poison_.fill(control);
  mark = priority = hash = kPoisonWord;
}

void SkBuff::check_poison(Poison& poison) {
  poison.check(control, "an skb's control block", site_);
  std::array<std::byte, 3 * sizeof(std::uint32_t) + 1> words;
  std::size_t at = 0;
  for (const std::uint32_t word : {mark, priority, hash}) {
    std::memcpy(words.data() + at, &word, sizeof word);
    at += sizeof word;
  }
  words.back() = Poison::kEnd;
  poison.check(words, "an skb's mark, priority and hash", site_);
  control = {};
  mark = priority = hash = 0;
}

void drop(kernel::Cpu& cpu, Skb skb, base::DropReason reason) {
  cpu.count_drop(reason, skb->id());
  skb.reset();
  cpu.charge(kernel::Op::skb_free);
}

}  // namespace host::skb
