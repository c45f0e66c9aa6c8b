// SPDX-License-Identifier: Apache-2.0
// Receive: interrupt, poll, one packet, refill (Linux: skb_recv_done, virtnet_poll, receive_buf, try_fill_recv).
#include <algorithm>

#include "host/driver/virtio_net.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using namespace contract;
using kernel::JourneyStep;
using kernel::Op;

/// The device's writes start on a cache line; behind the pulled virtio header a reply finds its headroom.
constexpr std::uint32_t kRxHeadroom = 64;
constexpr unsigned kRefillBatch = 16;
constexpr platform::Nanoseconds kRefillRetry = 100'000;

}  // namespace

void VirtioNet::rx_interrupt(kernel::Cpu& cpu) {
  ++stats_.rx_interrupts;
  cpu.trace(JourneyStep::driver_interrupt, 0);
  if (!rx_.ring) return;  // a message that was on its way when the interface stopped
  rx_.ring->disable_interrupts();
  napi_schedule(cpu, *rx_napi_);
}

int VirtioNet::poll_rx(kernel::Cpu& cpu, int budget) {
  ++stats_.rx_polls;
  cpu.trace(JourneyStep::driver_poll, 0);
  rx_.ring->disable_interrupts();
  int work = 0;
  while (work < budget && rx_.ring->has_used()) {
    cpu.charge(Op::driver_receive_packet);
    const auto used = rx_.ring->take_used();
    if (!used) break;
    receive(cpu, *used);
    ++work;
  }
  if (rx_.ring->broken()) {
    if (!broken_) ++stats_.ring_faults;
    mark_broken();
  } else if (rx_.ring->free_descriptors() >= std::min(kRefillBatch, std::max(1u, rx_.ring->size() / 4))) {
    refill(cpu);
  }
  if (work == budget) return work;
  if (napi_complete_done(cpu, *rx_napi_, work) && !rx_.ring->broken()) arm_rx(cpu);
  return work;
}

void VirtioNet::arm_rx(kernel::Cpu& cpu) {
  if (rx_.ring->enable_interrupts()) return;
  rx_.ring->disable_interrupts();
  ++stats_.napi_rearms;
  napi_schedule(cpu, *rx_napi_);
}

void VirtioNet::receive(kernel::Cpu& cpu, UsedBuffer used) {
  RxSlot slot = std::move(rx_.slots[used.id]);
  rx_.slots[used.id] = {};
  dma_.unmap(slot.mapping.address, slot.mapping.length);
  cpu.charge(Op::dma_unmap);
  skb::Skb skb = std::move(slot.skb);
  cpu.trace(JourneyStep::driver_receive, skb->id());
  auto& stats = netdev_->stats();
  if (used.length < NET_HDR_BYTES + device::kEthernetHeaderBytes) {
    ++stats.rx_errors;
    ++stats.rx_length_errors;
    skb::drop(cpu, std::move(skb), base::DropReason::rx_length_error);
    return;
  }
  static_cast<void>(skb->put(used.length));
  skb->pull(NET_HDR_BYTES);  // no offload is negotiated: the header says nothing
  skb->timestamp = cpu.now();
  ++stats.rx_packets;
  stats.rx_bytes += skb->len();
  if (!device::eth_type_trans(*skb, *netdev_)) {
    skb::drop(cpu, std::move(skb), base::DropReason::short_ethernet);
    return;
  }
  core_.netif_receive_skb(cpu, std::move(skb));
}

void VirtioNet::refill(kernel::Cpu& cpu) {
  const std::uint32_t bytes = NET_HDR_BYTES + max_frame_bytes();
  while (rx_.ring->free_descriptors() > 0) {
    cpu.charge(Op::driver_refill_buffer);
    cpu.charge(Op::skb_alloc);
    cpu.charge(Op::dma_map);
    skb::Skb skb = core_.pool().allocate(bytes, kRxHeadroom);
    if (!skb) {
      ++stats_.refill_failures;
      // With nothing in the ring no interrupt will ever come: a timer tries again.
      const bool starved = rx_.ring->free_descriptors() == rx_.ring->size();
      if (starved) refill_timer_.start(cpu, cpu.now() + kRefillRetry);
      break;
    }
    cpu.trace(JourneyStep::skb_alloc, skb->id());
    const auto memory = skb->memory().subspan(skb->headroom(), bytes);
    const Mapping mapping{dma_.map(memory, platform::DmaDirection::from_device), bytes};
    const BufferPiece piece{mapping.address, bytes, Access::device_writes};
    const auto id = rx_.ring->add({&piece, 1});
    if (!id) {
      dma_.unmap(mapping.address, mapping.length);
      break;
    }
    rx_.slots[*id] = {std::move(skb), mapping};
  }
  kick_rx(cpu);
}

void VirtioNet::kick_rx(kernel::Cpu& cpu) {
  if (!rx_.ring->should_kick()) return;
  ++stats_.rx_kicks;
  cpu.charge(Op::mmio_write);
  transport_.notify(QUEUE_RX0);
}

}  // namespace host::driver
