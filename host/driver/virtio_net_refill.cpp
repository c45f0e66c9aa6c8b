// SPDX-License-Identifier: Apache-2.0
// Buffers for what will come: one piece, pages in a chain, or mergeable ones (Linux: try_fill_recv, add_recvbuf_*).
#include <algorithm>

#include "host/driver/virtio_net.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using namespace contract;
using kernel::Op;

/// The device's writes start on a cache line; behind the pulled virtio header a reply finds its headroom.
constexpr std::uint32_t kRxHeadroom = 64;
constexpr platform::Nanoseconds kRefillRetry = 100'000;
/// 5.1.6.3.1: what a buffer must hold when large packets come and buffers are not mergeable, its header apart.
constexpr std::uint32_t kLargestFrame = 65550;
constexpr std::uint32_t kMostBuffers = 1 + skb::kMaxFragments;  // of a packet

}  // namespace

RxBufferPlan VirtioNet::rx_plan(unsigned ring_size) const {
  const std::uint32_t frame =
      receives_large(features_) ? std::max(kLargestFrame, max_frame_bytes()) : max_frame_bytes();
  const std::uint32_t bytes = header_bytes_ + frame;
  const std::uint32_t normal_room = core_.pool().normal_bytes() - kRxHeadroom;
  const std::uint32_t page = core_.pool().page_bytes();
  const std::uint32_t page_room = page - kRxHeadroom;
  const bool mergeable = has_feature(features_, NET_F_MRG_RXBUF);
  if (mergeable && options_.rx_buffer != 0 && options_.rx_buffer < std::min(bytes, page_room)) {
    // A large packet has to fit the pieces of an skb.
    const std::uint32_t least = receives_large(features_) ? (bytes + kMostBuffers - 1) / kMostBuffers
                                                          : header_bytes_ + device::kEthernetHeaderBytes;
    const std::uint32_t chosen = std::max<std::uint32_t>(options_.rx_buffer, least);
    return {chosen, 0, chosen, true};
  }
  if (bytes <= normal_room || bytes <= page_room) return {bytes, 0, bytes, mergeable};
  if (mergeable) return {page_room, 0, page_room, true};
  const std::uint32_t pages = (bytes - page_room + page - 1) / page;
  const bool chain_fits = pages < ring_size || ring_size == 0;
  if (!chain_fits) return {bytes, 0, bytes, false};
  return {page_room, pages, bytes, false};
}

/// Filled to the last byte: receiving it cuts it down.
[[gnu::always_inline]] inline skb::Skb VirtioNet::allocate_rx(const RxBufferPlan& plan) {
  skb::Skb skb = core_.pool().allocate(plan.linear, kRxHeadroom);
  if (!skb) return nullptr;
  static_cast<void>(skb->put(plan.linear));
  for (std::uint32_t page = 0; page < plan.pages; ++page) {
    const std::uint32_t bytes = std::min(core_.pool().page_bytes(), plan.bytes - skb->len());
    auto buffer = core_.pool().allocate_buffer(core_.pool().page_bytes());
    if (!buffer || !skb->add_fragment(std::move(buffer), 0, bytes)) return nullptr;
  }
  return skb;
}

[[gnu::always_inline]] inline bool VirtioNet::add_rx(RxQueue& queue, skb::Skb&& skb) {
  std::array<BufferPiece, kMaxPieces> pieces;
  std::size_t count = 0;
  const auto map = [&](std::span<const std::byte> bytes) {
    const auto length = static_cast<std::uint32_t>(bytes.size());
    pieces[count++] = {dma_.map(bytes, platform::DmaDirection::from_device), length, Access::device_writes};
  };
  map(skb->bytes());
  for (const auto& fragment : skb->fragments()) map(fragment.bytes());
  const auto id = queue.ring->add({pieces.data(), count});
  if (!id) {
    for (std::size_t i = 0; i < count; ++i) dma_.unmap(pieces[i].address, pieces[i].length);
    return false;
  }
  BufferSlot& slot = queue.slots[*id];
  slot.mappings.set({pieces.data(), count});
  slot.skb = std::move(skb);
  return true;
}

void VirtioNet::refill(kernel::Cpu& cpu, RxQueue& queue) {
  const RxBufferPlan plan = rx_plan(queue.ring->size());
  const unsigned descriptors = queue.ring->descriptors_for(1 + plan.pages);
  while (queue.ring->free_descriptors() >= descriptors) {
    cpu.charge(Op::driver_refill_buffer);
    cpu.charge(Op::skb_alloc);
    cpu.charge(Op::dma_map, 1 + plan.pages);
    skb::Skb skb = allocate_rx(plan);
    if (!skb) {
      ++stats_.refill_failures;
      // With nothing in the ring no interrupt will ever come: a timer tries again.
      const bool starved = queue.ring->free_descriptors() == queue.ring->size();
      if (starved) queue.refill_timer.start(cpu, cpu.now() + kRefillRetry);
      break;
    }
    cpu.trace(kernel::JourneyStep::skb_alloc, skb->id());
    if (!add_rx(queue, std::move(skb))) break;
  }
  kick_rx(cpu, queue);
}

void VirtioNet::kick_rx(kernel::Cpu& cpu, RxQueue& queue) {
  if (!queue.ring->should_kick()) return;
  ++queue.stats.kicks;
  cpu.charge(Op::mmio_write);
  transport_.notify(QUEUE_RX0 + 2 * queue.pair, *queue.ring);
}

}  // namespace host::driver
