// SPDX-License-Identifier: Apache-2.0
// Transmit: one packet into its ring, the doorbell, and reclaim (Linux: start_xmit, free_old_xmit_skbs).
#include <algorithm>
#include <limits>

#include "host/base/invariant.hpp"
#include "host/driver/virtio_net.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using namespace contract;
using base::DropReason;
using device::TxResult;
using device::XmitMore;
using kernel::JourneyStep;
using kernel::Op;

constexpr unsigned kRingWithRoom = 64;  // from this size on the largest chain may wait for room
constexpr int kArmTries = 2;
constexpr std::uint32_t kLargestPacket = 65535 + device::kEthernetHeaderBytes + 4;  // before segmentation

}  // namespace

/// A virtio_net_hdr fits in front of the frame without harm to anyone else.
bool VirtioNet::header_fits(const skb::SkBuff& skb) const {
  return !skb.shared() && skb.headroom() >= header_bytes_;
}

std::size_t VirtioNet::pieces_of(const skb::SkBuff& skb) const {
  return (header_fits(skb) ? 1 : 2) + skb.fragments().size();
}

unsigned VirtioNet::stop_threshold(const TxRing& queue) const {
  if (queue.ring->size() < kRingWithRoom) return 1;
  return queue.ring->descriptors_for(kMaxPieces);
}

DropReason VirtioNet::refusal(const skb::SkBuff& skb) const {
  if (skb.len() > (skb.is_gso() ? kLargestPacket : max_frame_bytes())) return DropReason::tx_too_long;
  return broken_ ? DropReason::tx_ring_error : DropReason::count;
}

TxResult VirtioNet::start_xmit(kernel::Cpu& cpu, device::NetDevice& dev, skb::Skb& skb, XmitMore more) {
  TxRing& queue = *tx_[skb->queue_mapping];
  cpu.trace(JourneyStep::driver_transmit, skb->id());
  cpu.charge(Op::driver_transmit_packet);
  cpu.charge(Op::dma_map, pieces_of(*skb));
  reclaim(cpu, queue, std::numeric_limits<int>::max());

  const auto id = skb->id();
  DropReason reason = refusal(*skb);
  const auto header = header_from_skb(*skb);
  if (reason == DropReason::count && !header) reason = DropReason::tx_bad_offload;
  if (reason == DropReason::count) {
    if (queue.ring->free_descriptors() == 0) {
      dev.stop_queue(queue.pair);
      after_enqueue(cpu, queue, XmitMore::no, id);
      return TxResult::busy;
    }
    if (!fit(queue, *skb)) reason = DropReason::tx_no_memory;
  }
  if (reason != DropReason::count) {
    ++dev.stats().tx_errors;
    ++dev.stats().tx_dropped;
    ++queue.stats.drops;
    skb::drop(cpu, std::move(skb), reason);
  } else {
    enqueue(queue, std::move(skb), *header, more);
    cpu.trace(JourneyStep::dma_map, id);
    if (queue.ring->free_descriptors() < stop_threshold(queue)) dev.stop_queue(queue.pair);
  }
  if (!broken_) after_enqueue(cpu, queue, more, id);
  return TxResult::ok;
}

/// Makes the packet's chain fit into what the ring has free (at least one descriptor). It has no pieces for a frag
/// list.
bool VirtioNet::fit(TxRing& queue, skb::SkBuff& skb) {
  const bool list = skb.has_frag_list();
  if (!list && queue.ring->descriptors_for(pieces_of(skb)) <= queue.ring->free_descriptors()) return true;
  ++stats_.tx_linearized;
  return skb.linearize().ok() && skb.unshare(header_bytes_).ok();
}

void VirtioNet::enqueue(TxRing& queue, skb::Skb&& skb, const NetHeader& header, XmitMore more) {
  std::array<BufferPiece, kMaxPieces> pieces;
  std::size_t count = 0;
  const std::uint32_t frame_bytes = skb->len();
  netdev_->tx_sent_queue(queue.pair, frame_bytes, more);
  stats_.tx_gso_packets += skb->is_gso() ? 1 : 0;
  stats_.tx_csum_packets += skb->ip_summed == skb::IpSummed::partial ? 1 : 0;
  const auto map = [&](std::span<const std::byte> bytes) {
    const auto length = static_cast<std::uint32_t>(bytes.size());
    pieces[count++] = {dma_.map(bytes, platform::DmaDirection::to_device), length, Access::device_reads};
  };
  std::uint16_t apart = UINT16_MAX;
  if (header_fits(*skb)) {
    header.store(skb->push(header_bytes_));
  } else {
    apart = queue.headers.take();
    header.store(queue.headers.bytes(apart, header_bytes_));
    pieces[count++] = {queue.headers.address(apart), header_bytes_, Access::device_reads};
  }
  const std::size_t unmapped = count;
  map(skb->bytes());
  for (const auto& fragment : skb->fragments()) map(fragment.bytes());
  const auto id = queue.ring->add({pieces.data(), count});
  INVARIANT(id.ok(), "a chain that was made to fit does not");
  BufferSlot& slot = queue.slots[*id];
  slot.frame_bytes = frame_bytes;
  slot.header = apart;
  slot.mappings.set(std::span(pieces.data(), count).subspan(unmapped));
  slot.skb = std::move(skb);
}

/// Interrupt wish, then the doorbell, unless another packet follows at once.
void VirtioNet::after_enqueue(kernel::Cpu& cpu, TxRing& queue, XmitMore more, kernel::SkbId id) {
  if (more == XmitMore::yes && !netdev_->queue_stopped(queue.pair)) return;
  if (queue.ring->should_kick()) {
    ++queue.stats.kicks;
    cpu.charge(Op::mmio_write);
    transport_.notify(QUEUE_TX0 + 2 * queue.pair, *queue.ring);
    cpu.trace(JourneyStep::doorbell, id);
  }
  if (queue.napi.scheduled()) return;  // it arms when it completes
  for (int tries = 0; tries < kArmTries; ++tries) {
    if (queue.ring->enable_interrupts_delayed()) return;
    reclaim(cpu, queue, std::numeric_limits<int>::max());
    wake_if_room(cpu, queue);
  }
  napi_schedule(cpu, queue.napi);
}

// --- completion --------------------------------------------------------------------------------------

int VirtioNet::reclaim(kernel::Cpu& cpu, TxRing& queue, int budget) {
  int work = 0;
  std::uint64_t bytes = 0;
  for (; work < budget; ++work) {
    UsedBuffer used{};
    if (!queue.ring->take_used(used)) break;
    BufferSlot& slot = queue.slots[used.id];
    slot.mappings.unmap(dma_);
    if (slot.header != UINT16_MAX) queue.headers.give_back(std::exchange(slot.header, std::uint16_t{UINT16_MAX}));
    ++netdev_->stats().tx_packets;
    netdev_->stats().tx_bytes += slot.frame_bytes;
    ++queue.stats.packets;
    queue.stats.bytes += slot.frame_bytes;
    bytes += slot.frame_bytes;
    skb::Skb skb = std::move(slot.skb);
    const auto id = skb->id();
    skb.reset();
    cpu.trace(JourneyStep::driver_reclaim, id);
    cpu.trace(JourneyStep::skb_free, id);
    cpu.charge(Op::driver_reclaim_packet);
  }
  netdev_->tx_completed_queue(cpu, queue.pair, bytes);
  check_ring(*queue.ring);
  return work;
}

void VirtioNet::wake_if_room(kernel::Cpu& cpu, TxRing& queue) {
  if (broken_ || !netdev_->queue_stopped(queue.pair)) return;
  if (queue.ring->free_descriptors() >= stop_threshold(queue)) netdev_->wake_queue(cpu, queue.pair);
}

int VirtioNet::poll_tx(kernel::Cpu& cpu, TxRing& queue, int budget) {
  ++queue.stats.polls;
  queue.ring->disable_interrupts();
  const int work = reclaim(cpu, queue, budget);
  wake_if_room(cpu, queue);
  if (work == budget) return work;
  if (!napi_complete_done(cpu, queue.napi, work) || broken_) return work;
  if (!queue.ring->enable_interrupts()) {
    queue.ring->disable_interrupts();
    ++stats_.napi_rearms;
    napi_schedule(cpu, queue.napi);
  }
  return work;
}

}  // namespace host::driver
