// SPDX-License-Identifier: Apache-2.0
// Reference-counted data buffers out of DMA-able memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "host/base/invariant.hpp"
#include "host/platform/dma_memory.hpp"
#include "host/skb/poison.hpp"

namespace host::skb {

class BufferPool;

/// One buffer's bookkeeping; lives in its pool.
struct Buffer {
  BufferPool* pool = nullptr;
  std::span<std::byte> memory;
  std::uint32_t references = 0;
  std::uint32_t slab = 0;
  Site site = {};  // who had it last; while memory is poisoned
};

/// A counted reference to a buffer (Linux: page reference). The last one recycles it.
class BufferRef {
 public:
  BufferRef() = default;
  explicit BufferRef(Buffer* buffer) : buffer_(buffer) {
    if (buffer_ != nullptr) ++buffer_->references;
  }
  BufferRef(const BufferRef& other) : BufferRef(other.buffer_) {}
  BufferRef(BufferRef&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  BufferRef& operator=(BufferRef other) noexcept {
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~BufferRef() { release(); }

  explicit operator bool() const { return buffer_ != nullptr; }
  [[nodiscard]] std::span<std::byte> memory() const { return buffer_->memory; }
  [[nodiscard]] bool shared() const { return buffer_->references > 1; }

 private:
  inline void release();
  Buffer* buffer_ = nullptr;
};

struct BufferPoolOptions {
  std::uint32_t buffer_bytes = 2048;
  std::uint32_t limit = 8192;
  std::uint32_t reserve = 8;       // low: fewer free ones, and a slab is taken before it is needed
  std::uint32_t min_partial = 16;  // high: slabs that are kept although nobody uses a buffer of them
};

/// Buffers of one size, cut from slabs of DmaMemory that it takes as needed, up to a limit, and gives back when many
/// are free.
class BufferPool {
 public:
  static constexpr std::uint32_t kSlabBuffers = 32;

  /// `poison` outlives it.
  BufferPool(platform::DmaMemory& dma, Poison& poison, const BufferPoolOptions& options);
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  /// An empty reference when all `limit` are in use, or the machine has no more DMA memory (counted). `site` is for
  /// reports of poisoned memory.
  [[nodiscard]] inline BufferRef allocate(Site site = Site::here());
  [[nodiscard]] std::uint32_t buffer_bytes() const { return options_.buffer_bytes; }
  [[nodiscard]] std::uint32_t in_use() const { return in_use_; }
  [[nodiscard]] std::uint32_t limit() const { return options_.limit; }
  [[nodiscard]] std::uint64_t exhausted() const { return exhausted_; }
  /// Of slabs that it has: buffers, and how many slabs they are.
  [[nodiscard]] std::uint32_t buffers() const { return in_use_ + static_cast<std::uint32_t>(free_.size()); }
  [[nodiscard]] std::uint32_t slabs() const { return present_slabs_; }

  [[nodiscard]] const BufferPoolOptions& options() const { return options_; }
  void set_reserve(std::uint32_t buffers) { options_.reserve = buffers; }
  /// Takes effect when the next buffer comes back.
  void set_min_partial(std::uint32_t slabs) { options_.min_partial = slabs; }

 private:
  friend class BufferRef;
  /// No memory: it was given back.
  struct Slab {
    std::span<std::byte> memory;
    std::vector<Buffer> buffers;
    std::uint32_t free = 0;
    std::uint32_t count = 0;  // of buffers
  };
  [[nodiscard]] bool grow();
  /// Takes a slab because few are free; false: none is free.
  [[nodiscard]] bool refill();
  inline void recycle(Buffer& buffer);
  void shrink();
  void check(Buffer& buffer);

  platform::DmaMemory& dma_;
  Poison& poison_;
  BufferPoolOptions options_;
  std::uint32_t in_use_ = 0;
  std::uint32_t present_slabs_ = 0;
  std::uint32_t empty_slabs_ = 0;  // all of their buffers are free
  std::uint64_t exhausted_ = 0;
  std::vector<Slab> slabs_;
  std::vector<Buffer*> free_;  // last freed on top: warm memory first
};

inline BufferRef BufferPool::allocate(Site site) {
  if (free_.size() <= options_.reserve && !refill()) [[unlikely]]
    return {};
  Buffer& buffer = *free_.back();
  free_.pop_back();
  ++in_use_;
  Slab& slab = slabs_[buffer.slab];
  if (slab.free == slab.count) --empty_slabs_;
  --slab.free;
  if (poison_.on()) [[unlikely]] {
    check(buffer);
    buffer.site = site;
  }
  return BufferRef(&buffer);
}

inline void BufferPool::recycle(Buffer& buffer) {
  --in_use_;
  if (poison_.on()) [[unlikely]]
    poison_.fill(buffer.memory);
  free_.push_back(&buffer);
  Slab& slab = slabs_[buffer.slab];
  if (++slab.free == slab.count && ++empty_slabs_ > options_.min_partial) shrink();
}

inline void BufferRef::release() {
  if (buffer_ != nullptr && --buffer_->references == 0) buffer_->pool->recycle(*buffer_);
  buffer_ = nullptr;
}

}  // namespace host::skb
