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
      poison_(options.poison),
      normal_(kernel.machine().dma, poison_, {.buffer_bytes = options.buffer_bytes, .limit = options.buffers}),
      page_(kernel.machine().dma, poison_, {.buffer_bytes = options.page_bytes, .limit = options.pages}),
      large_(kernel.machine().dma, poison_,
             {.buffer_bytes = options.large_bytes, .limit = options.large_buffers, .reserve = 0, .min_partial = 1}) {
  add_files();
}

SkbPool::~SkbPool() {
  remove_files();
  for (const std::string& line : poison_.reports()) std::fprintf(stderr, "%s\n", line.c_str());
  if (in_use_ == 0) return;
  std::fprintf(stderr, "skbs leaked:\n%s", live().c_str());
  INVARIANT(in_use_ == 0, "skbs are still out when their pool goes");
}

bool SkbPool::grow() {
  if (skbs_.size() == limit_) return false;
  skbs_.push_back(std::make_unique<SkBuff>());
  free_.push_back(skbs_.back().get());
  free_.back()->pool_ = this;
  if (poison_.on()) free_.back()->poison();
  return true;
}

Skb SkbPool::metadata(Site site) {
  if (free_.empty() && !grow()) [[unlikely]] {
    return nullptr;
  }
  SkBuff& skb = *free_.back();
  free_.pop_back();
  ++in_use_;
  ++allocated_;
  if (poison_.on()) [[unlikely]] {
    skb.check_poison(poison_);
  }
  skb.id_ = kernel_.next_skb_id();
  skb.site_ = site;
  skb.live_ = true;
  return Skb(&skb);
}

BufferRef SkbPool::allocate_buffer(std::uint32_t bytes, Site site) {
  if (bytes <= normal_.buffer_bytes()) return normal_.allocate(site);
  if (bytes <= page_.buffer_bytes()) return page_.allocate(site);
  if (bytes <= large_.buffer_bytes()) return large_.allocate(site);
  return {};
}

Skb SkbPool::allocate(std::uint32_t bytes, std::uint32_t headroom, Site site) {
  BufferRef buffer = allocate_buffer(bytes + headroom, site);
  Skb skb = buffer ? metadata(site) : nullptr;
  if (!skb) {
    ++exhausted_;
    return nullptr;
  }
  skb->end_ = static_cast<std::uint32_t>(buffer.memory().size());
  skb->buffer_ = std::move(buffer);
  skb->data_ = skb->tail_ = headroom;
  return skb;
}

/// In the order in which they lie there, so that a compiler clears them together.
[[gnu::always_inline]] inline void SkBuff::reset() {
  dev = nullptr;
  protocol = 0;
  packet_type = PacketType::host;
  ip_summed = IpSummed::none;
  csum_start = csum = hash = mark = priority = napi_id = 0;
  csum_offset = gso_size = gso_segs = queue_mapping = rx_queue = 0;
  hash_valid = gso_ecn = false;
  gso_type = GsoType::none;
  nfctinfo = 0;
  timestamp = 0;
  control = {};
  owner.release();
  if (nfct) nfct = {};
  buffer_ = {};
  if (fragment_count_ != 0 || frag_list_ != nullptr) release_rest();
  data_ = tail_ = end_ = data_len_ = fragment_count_ = list_skip_ = 0;
  mac_header_ = network_header_ = transport_header_ = kNoHeader;
}

[[gnu::always_inline]] inline void SkbPool::recycle(SkBuff& skb) {
  if (!skb.live_) [[unlikely]] {
    INVARIANT(poison_.on(), "an skb is freed twice");
    poison_.double_free("an skb", skb.site_);
    return;
  }
  skb.reset();
  skb.live_ = false;
  if (poison_.on()) [[unlikely]] {
    skb.poison();
  }
  --in_use_;
  free_.push_back(&skb);
}

void SkbRelease::operator()(SkBuff* skb) const {
  skb->pool_->recycle(*skb);
}

std::string SkbPool::leaks() const {
  std::map<std::string, std::uint32_t> sites;
  for (const auto& skb : skbs_) {
    if (skb->live_) ++sites[skb->site_.text()];
  }
  std::string report;
  for (const auto& [site, count] : sites) report += site + ": " + std::to_string(count) + "\n";
  return report;
}

std::string SkbPool::live() const {
  std::string report;
  for (const auto& skb : skbs_) {
    if (!skb->live_) continue;
    report += "skb " + std::to_string(skb->id()) + ", " + std::to_string(skb->len()) + " bytes, allocated in " +
              skb->site_.text() + "\n";
  }
  return report;
}

}  // namespace host::skb
