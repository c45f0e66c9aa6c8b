// SPDX-License-Identifier: Apache-2.0
// Buffers are recycled; slabs come and go.
#include "host/skb/buffer.hpp"

#include <algorithm>

#include "host/base/invariant.hpp"

namespace host::skb {
namespace {

constexpr std::size_t kCacheLine = 64;

}  // namespace

BufferPool::BufferPool(platform::DmaMemory& dma, Poison& poison, const BufferPoolOptions& options)
    : dma_(dma), poison_(poison), options_(options) {
  INVARIANT(options.buffer_bytes % kCacheLine == 0, "buffers are whole cache lines");
}

BufferPool::~BufferPool() {
  INVARIANT(in_use_ == 0, "a buffer is still referenced when its pool goes");
  for (Slab& slab : slabs_) {
    for (Buffer& buffer : slab.buffers) check(buffer);
    if (!slab.memory.empty()) dma_.free(slab.memory);
  }
}

/// One slab more, in the place of one that was given back if there is one.
bool BufferPool::grow() {
  const std::uint32_t more = std::min(kSlabBuffers, options_.limit - std::min(options_.limit, buffers()));
  if (more == 0) return false;
  const auto memory = dma_.allocate(std::size_t{more} * options_.buffer_bytes, kCacheLine);
  if (memory.empty()) return false;
  auto place = std::ranges::find_if(slabs_, [](const Slab& slab) { return slab.memory.empty(); });
  if (place == slabs_.end()) place = slabs_.insert(slabs_.end(), Slab{});
  place->memory = memory;
  place->free = place->count = more;
  place->buffers.resize(more);
  for (std::uint32_t i = 0; i < more; ++i) {
    Buffer& buffer = place->buffers[i];
    buffer = {this, memory.subspan(std::size_t{i} * options_.buffer_bytes, options_.buffer_bytes), 0,
              static_cast<std::uint32_t>(place - slabs_.begin())};
    poison_.fill(buffer.memory);
  }
  for (std::uint32_t i = more; i > 0; --i) free_.push_back(&place->buffers[i - 1]);
  ++present_slabs_;
  ++empty_slabs_;
  return true;
}

bool BufferPool::refill() {
  static_cast<void>(grow());
  if (!free_.empty()) return true;
  ++exhausted_;
  return false;
}

void BufferPool::check(Buffer& buffer) {
  if (!poison_.on()) return;
  poison_.check(buffer.memory, "a buffer of " + std::to_string(options_.buffer_bytes) + " bytes", buffer.site);
}

/// Gives back the slabs of which nothing is used, down to what is kept (Linux: __slab_free, discard_slab).
void BufferPool::shrink() {
  for (std::size_t i = slabs_.size(); i > 0 && empty_slabs_ > options_.min_partial; --i) {
    Slab& slab = slabs_[i - 1];
    if (slab.memory.empty() || slab.free != slab.count) continue;
    for (Buffer& buffer : slab.buffers) check(buffer);
    std::erase_if(free_, [&](const Buffer* buffer) { return buffer->slab == i - 1; });
    dma_.free(slab.memory);
    slab = {};
    --empty_slabs_;
    --present_slabs_;
  }
}

}  // namespace host::skb
