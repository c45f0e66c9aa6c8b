// SPDX-License-Identifier: Apache-2.0
// Transmit: one packet into the ring, the doorbell, and reclaim (Linux: start_xmit, free_old_xmit_skbs).
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

/// A virtio_net_hdr fits in front of the frame without harm to anyone else.
bool header_fits(const skb::SkBuff& skb) {
  return !skb.shared() && skb.headroom() >= NET_HDR_BYTES;
}

std::size_t pieces_of(const skb::SkBuff& skb) {
  return (header_fits(skb) ? 1 : 2) + skb.fragments().size();
}

}  // namespace

unsigned VirtioNet::stop_threshold() const {
  return tx_.ring->size() >= kRingWithRoom ? static_cast<unsigned>(kMaxPieces) : 1;
}

TxResult VirtioNet::start_xmit(kernel::Cpu& cpu, device::NetDevice& dev, skb::Skb& skb, XmitMore more) {
  cpu.trace(JourneyStep::driver_transmit, skb->id());
  cpu.charge(Op::driver_transmit_packet);
  cpu.charge(Op::dma_map, pieces_of(*skb));
  reclaim(cpu, std::numeric_limits<int>::max());

  const auto id = skb->id();
  DropReason reason = DropReason::count;
  if (broken_) reason = DropReason::tx_ring_error;
  if (skb->len() > max_frame_bytes()) reason = DropReason::tx_too_long;
  if (reason == DropReason::count) {
    if (tx_.ring->free_descriptors() == 0) {
      dev.stop_queue();
      after_enqueue(cpu, XmitMore::no, id);
      return TxResult::busy;
    }
    if (!fit(*skb)) reason = DropReason::tx_no_memory;
  }
  if (reason != DropReason::count) {
    ++dev.stats().tx_errors;
    ++dev.stats().tx_dropped;
    skb::drop(cpu, std::move(skb), reason);
  } else {
    enqueue(std::move(skb));
    cpu.trace(JourneyStep::dma_map, id);
    if (tx_.ring->free_descriptors() < stop_threshold()) dev.stop_queue();
  }
  if (!broken_) after_enqueue(cpu, more, id);
  return TxResult::ok;
}

/// Makes the packet's chain fit into what the ring has free (at least one descriptor).
bool VirtioNet::fit(skb::SkBuff& skb) {
  if (pieces_of(skb) <= tx_.ring->free_descriptors()) return true;
  ++stats_.tx_linearized;
  return skb.linearize().ok() && skb.unshare(NET_HDR_BYTES).ok();
}

void VirtioNet::enqueue(skb::Skb skb) {
  std::array<BufferPiece, kMaxPieces> pieces{};
  std::array<Mapping, kMaxPieces> mappings{};
  std::size_t count = 0;
  std::size_t mapped = 0;
  const std::uint32_t frame_bytes = skb->len();
  const auto map = [&](std::span<const std::byte> bytes) {
    const auto length = static_cast<std::uint32_t>(bytes.size());
    const Mapping mapping{dma_.map(bytes, platform::DmaDirection::to_device), length};
    mappings[mapped++] = mapping;
    pieces[count++] = {mapping.address, length, Access::device_reads};
  };
  if (header_fits(*skb)) {
    std::ranges::fill(skb->push(NET_HDR_BYTES), std::byte{0});  // no checksum, no segmentation
  } else {
    pieces[count++] = {tx_.no_header, NET_HDR_BYTES, Access::device_reads};
  }
  map(skb->bytes());
  for (const auto& fragment : skb->fragments()) map(fragment.bytes());
  const auto id = tx_.ring->add({pieces.data(), count});
  INVARIANT(id.ok(), "a chain that was made to fit does not");
  tx_.slots[*id] = {std::move(skb), mappings, mapped, frame_bytes};
}

/// Interrupt wish, then the doorbell, unless another packet follows at once.
void VirtioNet::after_enqueue(kernel::Cpu& cpu, XmitMore more, kernel::SkbId id) {
  if (more == XmitMore::yes && !netdev_->queue_stopped()) return;
  if (tx_.ring->should_kick()) {
    ++stats_.tx_kicks;
    cpu.charge(Op::mmio_write);
    transport_.notify(QUEUE_TX0);
    cpu.trace(JourneyStep::doorbell, id);
  }
  if (tx_napi_->scheduled()) return;  // it arms when it completes
  for (int tries = 0; tries < kArmTries; ++tries) {
    if (tx_.ring->enable_interrupts_delayed()) return;
    reclaim(cpu, std::numeric_limits<int>::max());
    wake_if_room(cpu);
  }
  napi_schedule(cpu, *tx_napi_);
}

// --- completion --------------------------------------------------------------------------------------

void VirtioNet::tx_interrupt(kernel::Cpu& cpu) {
  ++stats_.tx_interrupts;
  cpu.trace(JourneyStep::tx_interrupt, 0);
  if (!tx_.ring) return;
  tx_.ring->disable_interrupts();
  napi_schedule(cpu, *tx_napi_);
}

int VirtioNet::reclaim(kernel::Cpu& cpu, int budget) {
  int work = 0;
  for (; work < budget; ++work) {
    const auto used = tx_.ring->take_used();
    if (!used) break;
    TxSlot slot = std::move(tx_.slots[used->id]);
    tx_.slots[used->id] = {};
    for (std::size_t i = 0; i < slot.count; ++i) dma_.unmap(slot.mappings[i].address, slot.mappings[i].length);
    ++netdev_->stats().tx_packets;
    netdev_->stats().tx_bytes += slot.frame_bytes;
    const auto id = slot.skb->id();
    slot.skb.reset();
    cpu.trace(JourneyStep::driver_reclaim, id);
    cpu.trace(JourneyStep::skb_free, id);
    cpu.charge(Op::driver_reclaim_packet);
  }
  if (tx_.ring->broken() && !broken_) {
    ++stats_.ring_faults;
    mark_broken();
  }
  return work;
}

void VirtioNet::wake_if_room(kernel::Cpu& cpu) {
  if (broken_ || !netdev_->queue_stopped()) return;
  if (tx_.ring->free_descriptors() >= stop_threshold()) netdev_->wake_queue(cpu);
}

int VirtioNet::poll_tx(kernel::Cpu& cpu, int budget) {
  ++stats_.tx_polls;
  tx_.ring->disable_interrupts();
  const int work = reclaim(cpu, budget);
  wake_if_room(cpu);
  if (work == budget) return work;
  if (!napi_complete_done(cpu, *tx_napi_, work) || broken_) return work;
  if (!tx_.ring->enable_interrupts()) {
    tx_.ring->disable_interrupts();
    ++stats_.napi_rearms;
    napi_schedule(cpu, *tx_napi_);
  }
  return work;
}

}  // namespace host::driver
