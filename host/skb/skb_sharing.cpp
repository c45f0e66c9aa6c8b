// SPDX-License-Identifier: Apache-2.0
// Clones share bytes, writers unshare them; fragments and how they become linear (Linux: pskb_expand_head).
#include <algorithm>
#include <cstring>

#include "host/base/invariant.hpp"
#include "host/kernel/kernel.hpp"
#include "host/skb/pool.hpp"
#include "host/skb/skb_runs.hpp"

namespace host::skb {

Skb SkBuff::clone(Site site) const {
  Skb twin = pool_->metadata(site);
  if (!twin) {
    ++pool_->exhausted_;
    return nullptr;
  }
  const auto id = twin->id_;
  *twin = *this;
  twin->id_ = id;
  twin->next_ = nullptr;
  twin->site_ = site;
  if (auto* observer = pool_->kernel_.observer()) observer->derived(id_, id);
  return twin;
}

Skb SkBuff::copy(std::uint32_t headroom, Site site) const {
  Skb twin = clone(site);
  if (twin && !twin->relocate(headroom, len())) return nullptr;
  return twin;
}

base::Result<void> SkBuff::unshare(std::uint32_t headroom) {
  if (!shared() && data_ >= headroom) return {};
  return relocate(headroom, headlen());
}

base::Result<void> SkBuff::expand_head(std::uint32_t more_headroom, std::uint32_t more_tailroom) {
  return relocate(data_ + more_headroom, headlen(), end_ - tail_ + more_tailroom);
}

base::Result<void> SkBuff::add_fragment(BufferRef buffer, std::uint32_t offset, std::uint32_t length) {
  INVARIANT(std::size_t{offset} + length <= buffer.memory().size(), "a fragment beyond its buffer");
  if (fragment_count_ == kMaxFragments) return base::Errno::no_buffers;
  fragments_[fragment_count_++] = {std::move(buffer), offset, length};
  data_len_ += length;
  return {};
}

bool SkBuff::copy_runs(std::uint32_t offset, std::span<std::byte> out) const {
  if (std::size_t{offset} + out.size() > len()) return false;
  each_run(*this, offset, static_cast<std::uint32_t>(out.size()), [&](std::span<const std::byte> run) {
    std::memcpy(out.data(), run.data(), run.size());
    out = out.subspan(run.size());
  });
  return true;
}

std::uint32_t SkBuff::first_used() const {
  return std::min({data_, mac_header_, network_header_, transport_header_});
}

void SkBuff::move_headers(std::uint32_t up) {
  for (auto* header : {&mac_header_, &network_header_, &transport_header_}) {
    if (*header != kNoHeader) *header += up;
  }
  if (ip_summed == IpSummed::partial) csum_start += up;
}

base::Result<void> SkBuff::relocate(std::uint32_t headroom, std::uint32_t linear_bytes, std::uint32_t tailroom) {
  const std::uint32_t new_data = std::max(headroom, data_);
  const std::uint32_t up = new_data - data_;
  BufferRef fresh = pool_->allocate_buffer(new_data + linear_bytes + tailroom, site_);
  if (!fresh) {
    ++pool_->exhausted_;
    return base::Errno::no_memory;
  }
  const std::uint32_t first = first_used();
  const auto pulled = buffer_.memory().subspan(first, data_ - first);
  std::copy(pulled.begin(), pulled.end(), fresh.memory().begin() + (first + up));
  const bool copied = copy_bits(0, fresh.memory().subspan(new_data, linear_bytes));
  INVARIANT(copied, "more linear bytes than the packet has");
  drop_front_of_fragments(linear_bytes - headlen());
  buffer_ = std::move(fresh);
  data_ = new_data;
  tail_ = new_data + linear_bytes;
  end_ = static_cast<std::uint32_t>(buffer_.memory().size());
  move_headers(up);
  return {};
}

void SkBuff::drop_front_of_fragments(std::uint32_t bytes) {
  data_len_ -= bytes;
  std::uint32_t gone = 0;
  while (bytes > 0 && gone < fragment_count_) {
    Fragment& fragment = fragments_[gone];
    const std::uint32_t count = std::min(bytes, fragment.length);
    fragment.offset += count;
    fragment.length -= count;
    bytes -= count;
    if (fragment.length == 0) ++gone;
  }
  for (std::uint32_t i = gone; i < fragment_count_; ++i) fragments_[i - gone] = fragments_[i];
  for (std::uint32_t i = fragment_count_ - gone; i < fragment_count_; ++i) fragments_[i] = {};
  fragment_count_ -= gone;
  list_skip_ += bytes;
  if (data_len_ == 0) frag_list_.reset();
}

}  // namespace host::skb
