// SPDX-License-Identifier: Apache-2.0
// Buffers are recycled, never freed before their pool goes.
#include "host/skb/buffer.hpp"

#include <algorithm>

#include "host/base/invariant.hpp"

namespace host::skb {
namespace {

constexpr std::uint32_t kSlabBuffers = 32;
constexpr std::size_t kCacheLine = 64;

}  // namespace

void BufferRef::release() {
  if (buffer_ == nullptr) return;
  if (--buffer_->references == 0) buffer_->pool->recycle(*buffer_);
  buffer_ = nullptr;
}

BufferPool::BufferPool(platform::DmaMemory& dma, std::uint32_t buffer_bytes, std::uint32_t limit)
    : dma_(dma), buffer_bytes_(buffer_bytes), limit_(limit) {
  INVARIANT(buffer_bytes % kCacheLine == 0, "buffers are whole cache lines");
}

BufferPool::~BufferPool() {
  INVARIANT(in_use_ == 0, "a buffer is still referenced when its pool goes");
  for (const auto slab : slabs_) dma_.free(slab);
}

bool BufferPool::grow() {
  const auto present = static_cast<std::uint32_t>(buffers_.size());
  const std::uint32_t more = std::min(kSlabBuffers, limit_ - present);
  if (more == 0) return false;
  const auto slab = dma_.allocate(std::size_t{more} * buffer_bytes_, kCacheLine);
  if (slab.empty()) return false;
  slabs_.push_back(slab);
  for (std::uint32_t i = 0; i < more; ++i) {
    const std::uint32_t slot = present + i;
    buffers_.push_back(
        std::make_unique<Buffer>(Buffer{this, slab.subspan(std::size_t{i} * buffer_bytes_, buffer_bytes_), 0, slot}));
  }
  for (std::uint32_t i = more; i > 0; --i) free_.push_back(present + i - 1);
  return true;
}

BufferRef BufferPool::allocate() {
  if (free_.empty() && !grow()) {
    ++exhausted_;
    return {};
  }
  Buffer& buffer = *buffers_[free_.back()];
  free_.pop_back();
  ++in_use_;
  return BufferRef(&buffer);
}

void BufferPool::recycle(Buffer& buffer) {
  --in_use_;
  free_.push_back(buffer.slot);
}

}  // namespace host::skb
