// SPDX-License-Identifier: Apache-2.0
// One receive and one transmit queue of the driver: ring, buffers by id, NAPI and counters
// (Linux: struct receive_queue, struct send_queue).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "host/device/gro.hpp"
#include "host/driver/virtqueue.hpp"
#include "host/kernel/kernel.hpp"
#include "host/skb/skb.hpp"

namespace host::driver {

/// Header piece, linear part, fragments.
inline constexpr std::size_t kMaxPieces = 2 + skb::kMaxFragments;

/// Where the device finds a buffer: in one piece mostly, which takes no memory of its own.
class Mappings {
 public:
  void set(std::span<const BufferPiece> pieces) {
    count_ = static_cast<std::uint32_t>(pieces.size());
    if (pieces.empty()) return;
    first_ = {pieces.front().address, pieces.front().length};
    if (pieces.size() > 1) [[unlikely]] {
      more_.clear();
      for (const BufferPiece& piece : pieces.subspan(1)) more_.push_back({piece.address, piece.length});
    }
  }
  /// The device has it no more; returns how many pieces it had.
  std::size_t unmap(platform::DmaMemory& dma) {
    const std::size_t count = std::exchange(count_, 0);
    if (count == 0) return 0;
    dma.unmap(first_.address, first_.length);
    for (std::size_t i = 1; i < count; ++i) dma.unmap(more_[i - 1].address, more_[i - 1].length);
    return count;
  }

 private:
  struct Mapping {
    platform::DmaAddress address = 0;
    std::uint32_t length = 0;
  };
  Mapping first_;
  std::uint32_t count_ = 0;
  std::vector<Mapping> more_;
};

/// What belongs to a buffer that the device has; a cache line each.
struct alignas(64) BufferSlot {
  skb::Skb skb;
  Mappings mappings;
  std::uint32_t frame_bytes = 0;
  std::uint16_t header = UINT16_MAX;  // the header of a packet without headroom: see TxHeaders
};
static_assert(sizeof(BufferSlot) == 64);

/// How NAPI reaches a queue.
class QueueNapi final : public kernel::Napi {
 public:
  using Poll = std::function<int(kernel::Cpu&, int budget)>;
  QueueNapi(std::string name, Poll poll) : Napi(std::move(name)), poll_(std::move(poll)) {}
  int poll(kernel::Cpu& cpu, int budget) override { return poll_(cpu, budget); }

 private:
  Poll poll_;
};

/// The same for a queue whose packets may be merged.
class RxNapi final : public device::GroNapi {
 public:
  RxNapi(std::string name, device::NetCore& core, QueueNapi::Poll poll)
      : GroNapi(std::move(name), core), poll_(std::move(poll)) {}
  int poll(kernel::Cpu& cpu, int budget) override { return poll_(cpu, budget); }

 private:
  QueueNapi::Poll poll_;
};

/// What both directions count.
struct QueueStats {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::uint64_t drops = 0;
  std::uint64_t interrupts = 0;
  std::uint64_t polls = 0;
  std::uint64_t kicks = 0;
};

struct RxQueue {
  RxQueue(unsigned number, std::string name, device::NetCore& core, QueueNapi::Poll poll, kernel::Timer::Handler retry)
      : pair(number), napi(std::move(name), core, std::move(poll)), refill_timer(std::move(retry)) {}
  unsigned pair;
  RxNapi napi;
  kernel::Timer refill_timer;
  std::unique_ptr<Virtqueue> ring;
  std::vector<BufferSlot> slots;  // by buffer id
  QueueStats stats;
  VirtqueueStats past;  // of rings that are gone
};

/// virtio_net_hdrs outside their packets, one for each buffer of a ring.
class TxHeaders {
 public:
  static constexpr std::size_t kStride = 32;

  /// False without memory.
  [[nodiscard]] bool create(platform::DmaMemory& dma, unsigned count);
  void destroy(platform::DmaMemory& dma);
  [[nodiscard]] std::uint16_t take();
  void give_back(std::uint16_t which) { free_.push_back(which); }
  [[nodiscard]] std::span<std::byte> bytes(std::uint16_t which, std::size_t count) const {
    return memory_.subspan(which * kStride, count);
  }
  [[nodiscard]] platform::DmaAddress address(std::uint16_t which) const { return address_ + which * kStride; }

 private:
  std::span<std::byte> memory_;
  platform::DmaAddress address_ = 0;
  std::vector<std::uint16_t> free_;
};

struct TxRing {
  TxRing(unsigned number, std::string name, QueueNapi::Poll poll)
      : pair(number), napi(std::move(name), std::move(poll)) {}
  unsigned pair;
  QueueNapi napi;
  std::unique_ptr<Virtqueue> ring;
  std::vector<BufferSlot> slots;  // by buffer id
  TxHeaders headers;
  QueueStats stats;
  VirtqueueStats past;
};

/// What one receive buffer consists of.
struct RxBufferPlan {
  std::uint32_t linear = 0;  // bytes behind the headroom
  std::uint32_t pages = 0;   // fragments behind that
  std::uint32_t bytes = 0;   // in all
  bool mergeable = false;    // a frame may take several
};

}  // namespace host::driver
