// SPDX-License-Identifier: Apache-2.0
// Allocation and recycling of skbs, and the leak report.
#include "host/skb/pool.hpp"

#include <cstdio>
#include <map>

#include "host/base/invariant.hpp"

namespace host::skb {

SkbPool::SkbPool(kernel::Kernel& kernel, SkbPoolOptions options)
    : kernel_(kernel),
      limit_(options.skbs),
      normal_(kernel.machine().dma, options.buffer_bytes, options.buffers),
      page_(kernel.machine().dma, options.page_bytes, options.pages),
      large_(kernel.machine().dma, options.large_bytes, options.large_buffers) {}

SkbPool::~SkbPool() {
  if (in_use_ == 0) return;
  std::fprintf(stderr, "skbs leaked:\n%s", leaks().c_str());
  INVARIANT(in_use_ == 0, "skbs are still out when their pool goes");
}

Skb SkbPool::metadata(const char* site) {
  if (free_.empty()) {
    if (skbs_.size() == limit_) return nullptr;
    free_.push_back(static_cast<std::uint32_t>(skbs_.size()));
    skbs_.push_back(std::make_unique<SkBuff>());
    skbs_.back()->pool_ = this;
    skbs_.back()->slot_ = free_.back();
  }
  SkBuff& skb = *skbs_[free_.back()];
  free_.pop_back();
  ++in_use_;
  ++allocated_;
  skb.id_ = kernel_.next_skb_id();
  skb.site_ = site;
  return Skb(&skb);
}

BufferRef SkbPool::allocate_buffer(std::uint32_t bytes) {
  if (bytes <= normal_.buffer_bytes()) return normal_.allocate();
  if (bytes <= page_.buffer_bytes()) return page_.allocate();
  if (bytes <= large_.buffer_bytes()) return large_.allocate();
  return {};
}

Skb SkbPool::allocate(std::uint32_t bytes, std::uint32_t headroom, const char* site) {
  BufferRef buffer = allocate_buffer(bytes + headroom);
  Skb skb = buffer ? metadata(site) : nullptr;
  if (!skb) {
    ++exhausted_;
    return nullptr;
  }
  skb->end_ = static_cast<std::uint32_t>(buffer.memory().size());
  skb->buffer_ = std::move(buffer);
  skb->reserve(headroom);
  return skb;
}

void SkbPool::recycle(SkBuff& skb) {
  skb.reset();
  --in_use_;
  free_.push_back(skb.slot_);
}

std::string SkbPool::leaks() const {
  std::map<std::string, std::uint32_t> sites;
  for (const auto& skb : skbs_) {
    if (skb->site_ != nullptr) ++sites[skb->site_];
  }
  std::string report;
  for (const auto& [site, count] : sites) report += site + ": " + std::to_string(count) + "\n";
  return report;
}

}  // namespace host::skb
