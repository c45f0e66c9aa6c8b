// SPDX-License-Identifier: Apache-2.0
// Reference-counted data buffers out of DMA-able memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "host/platform/dma_memory.hpp"

namespace host::skb {

class BufferPool;

/// One buffer's bookkeeping; lives in its pool.
struct Buffer {
  BufferPool* pool = nullptr;
  std::span<std::byte> memory;
  std::uint32_t references = 0;
  std::uint32_t slot = 0;
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
  void release();
  Buffer* buffer_ = nullptr;
};

/// Buffers of one size, cut from slabs of DmaMemory that it takes as needed, up to a limit.
class BufferPool {
 public:
  BufferPool(platform::DmaMemory& dma, std::uint32_t buffer_bytes, std::uint32_t limit);
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  /// An empty reference when all `limit` are in use (counted).
  [[nodiscard]] BufferRef allocate();
  [[nodiscard]] std::uint32_t buffer_bytes() const { return buffer_bytes_; }
  [[nodiscard]] std::uint32_t in_use() const { return in_use_; }
  [[nodiscard]] std::uint32_t limit() const { return limit_; }
  [[nodiscard]] std::uint64_t exhausted() const { return exhausted_; }

 private:
  friend class BufferRef;
  [[nodiscard]] bool grow();
  void recycle(Buffer& buffer);

  platform::DmaMemory& dma_;
  std::uint32_t buffer_bytes_;
  std::uint32_t limit_;
  std::uint32_t in_use_ = 0;
  std::uint64_t exhausted_ = 0;
  std::vector<std::span<std::byte>> slabs_;
  std::vector<std::unique_ptr<Buffer>> buffers_;
  std::vector<std::uint32_t> free_;  // slots, last freed on top: warm memory first
};

}  // namespace host::skb
