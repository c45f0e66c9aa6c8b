// SPDX-License-Identifier: Apache-2.0
// Receive: poll, one packet of one or more buffers (Linux: virtnet_poll, receive_buf, receive_mergeable).
#include "host/driver/virtio_net.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using namespace contract;
using base::DropReason;
using kernel::JourneyStep;
using kernel::Op;

constexpr unsigned kRefillBatch = 16;

/// A virtio_net_hdr that says nothing about the packet.
bool is_plain(std::span<const std::byte> header) {
  static_assert(NetHeader::kGsoType == NetHeader::kFlags + 1);
  const bool hashed = header.size() >= NET_HDR_HASH_BYTES && base::load_le16(header, NetHeader::kHashReport) != 0;
  return base::load_le16(header, NetHeader::kFlags) == 0 && !hashed;
}

}  // namespace

int VirtioNet::poll_rx(kernel::Cpu& cpu, RxQueue& queue, int budget) {
  ++queue.stats.polls;
  cpu.trace(JourneyStep::driver_poll, 0);
  queue.ring->disable_interrupts();
  int work = 0;
  while (work < budget && queue.ring->has_used()) {
    cpu.charge(Op::driver_receive_packet);
    UsedBuffer used{};
    if (!queue.ring->take_next(used)) break;
    receive(cpu, queue, used);
    ++work;
  }
  check_ring(*queue.ring);
  const unsigned size = queue.ring->size();
  if (!queue.ring->broken() && queue.ring->free_descriptors() >= std::min(kRefillBatch, std::max(1u, size / 4))) {
    refill(cpu, queue);
  }
  if (work == budget) return work;
  if (napi_complete_done(cpu, queue.napi, work) && !queue.ring->broken()) arm_rx(cpu, queue);
  return work;
}

/// Linux 2.4: the handler takes the packet and gives it to netif_rx. A packet that is there already is one more
/// interrupt at once, which costs what an interrupt costs; nothing else runs on this CPU before the ring is empty.
void VirtioNet::receive_in_interrupt(kernel::Cpu& cpu, RxQueue& queue) {
  Virtqueue& ring = *queue.ring;
  do {
    while (const auto used = ring.take_used()) {
      cpu.charge(Op::driver_receive_packet);
      receive(cpu, queue, *used);
      if (ring.free_descriptors() >= std::min(kRefillBatch, std::max(1u, ring.size() / 4))) refill(cpu, queue);
      if (!ring.has_used()) break;
      ++queue.stats.interrupts;
      cpu.charge(Op::hard_irq_exit);
      cpu.charge(Op::hard_irq_entry);
    }
    check_ring(ring);
  } while (!ring.broken() && !ring.enable_interrupts());
}

void VirtioNet::receive_rest(kernel::Cpu& cpu, RxQueue& queue) {
  const kernel::BottomHalfGuard guard(cpu);
  while (const auto used = queue.ring->take_used()) receive(cpu, queue, *used);
}

void VirtioNet::arm_rx(kernel::Cpu& cpu, RxQueue& queue) {
  if (queue.ring->enable_interrupts()) return;
  queue.ring->disable_interrupts();
  ++stats_.napi_rearms;
  napi_schedule(cpu, queue.napi);
}

/// The buffer's skb, as long as the device wrote it.
[[gnu::always_inline]] inline skb::Skb VirtioNet::take_buffer(kernel::Cpu& cpu, RxQueue& queue, UsedBuffer used) {
  BufferSlot& slot = queue.slots[used.id];
  skb::Skb skb = std::move(slot.skb);
  cpu.charge(Op::dma_unmap, slot.mappings.unmap(dma_));
  skb->trim(used.length);
  return skb;
}

void VirtioNet::receive(kernel::Cpu& cpu, RxQueue& queue, UsedBuffer used) {
  skb::Skb skb = take_buffer(cpu, queue, used);
  cpu.trace(JourneyStep::driver_receive, skb->id());
  if (used.length < header_bytes_ + device::kEthernetHeaderBytes) {
    drop_received(cpu, queue, std::move(skb), DropReason::rx_length_error);
    return;
  }
  const auto header = skb->bytes().first(header_bytes_);
  const unsigned buffers = has_feature(features_, NET_F_MRG_RXBUF) ? base::load_le16(header, NET_HDR_NUM_BUFFERS) : 1U;
  skb->pull(header_bytes_);
  if (buffers != 1 && !gather(cpu, queue, *skb, buffers)) {
    ++stats_.rx_bad_merges;
    drop_received(cpu, queue, std::move(skb), DropReason::rx_length_error);
    return;
  }
  skb->dev = netdev_.get();
  skb->rx_queue = static_cast<std::uint16_t>(queue.pair + 1);
  if (netdev_->xdp()) {
    receive_xdp(cpu, queue, std::move(skb));
    return;
  }
  if (!is_plain(header) && !header_to_skb(NetHeader::load(header), features_, *skb)) {
    drop_received(cpu, queue, std::move(skb), DropReason::rx_bad_offload);
    return;
  }
  stats_.rx_gso_packets += skb->is_gso() ? 1 : 0;
  stats_.rx_csum_good += skb->ip_summed == skb::IpSummed::unnecessary ? 1 : 0;
  stats_.rx_hashed += skb->hash_valid ? 1 : 0;
  count_received(queue, *skb);
  hand_up(cpu, queue, std::move(skb));
}

void VirtioNet::count_received(RxQueue& queue, const skb::SkBuff& skb) {
  ++netdev_->stats().rx_packets;
  netdev_->stats().rx_bytes += skb.len();
  ++queue.stats.packets;
  queue.stats.bytes += skb.len();
}

/// The program sees the frame before anything is known of it; what passes has nobody's word for its checksum.
void VirtioNet::receive_xdp(kernel::Cpu& cpu, RxQueue& queue, skb::Skb skb) {
  count_received(queue, *skb);
  skb = device::xdp_run(cpu, std::move(skb));
  if (skb) hand_up(cpu, queue, std::move(skb));
}

/// Large packets are not frames (Linux: virtnet_xdp_set wants LRO off).
base::Result<device::NativeXdp> VirtioNet::xdp_setup(device::NetDevice&) {
  const bool large = has_feature(features_, NET_F_GUEST_TSO4) || has_feature(features_, NET_F_GUEST_TSO6);
  if (large && options_.lro_usecs != 0) return base::Errno::not_supported;
  return device::NativeXdp::yes;
}

void VirtioNet::hand_up(kernel::Cpu& cpu, RxQueue& queue, skb::Skb&& skb) {
  skb->timestamp = cpu.now();
  if (!device::eth_type_trans(*skb, *netdev_)) {
    skb::drop(cpu, std::move(skb), DropReason::short_ethernet);
    return;
  }
  if (!options_.napi && cpu.in_hard_irq()) {
    static_cast<void>(core_.netif_rx(cpu, std::move(skb)));  // what it drops it counts
    return;
  }
  queue.napi.gro_receive(cpu, std::move(skb));
}

/// The frame's other buffers become fragments of the first one's skb: `buffers` in all, which stand in the ring
/// together (5.1.6.4). All that are there are taken, even when the packet is no good.
bool VirtioNet::gather(kernel::Cpu& cpu, RxQueue& queue, skb::SkBuff& head, unsigned buffers) {
  ++stats_.rx_merged;
  bool good = buffers != 0;
  for (unsigned i = 1; i < buffers; ++i) {
    const auto used = queue.ring->take_used();
    if (!used) return false;
    const skb::Skb next = take_buffer(cpu, queue, *used);
    if (next->len() == 0 || !next->is_linear()) {
      good = false;
    } else if (good) {
      good = head.add_fragment(next->buffer(), next->headroom(), next->headlen()).ok();
    }
  }
  return good;
}

void VirtioNet::drop_received(kernel::Cpu& cpu, RxQueue& queue, skb::Skb skb, DropReason reason) {
  auto& stats = netdev_->stats();
  ++stats.rx_errors;
  ++(reason == DropReason::rx_length_error ? stats.rx_length_errors : stats.rx_frame_errors);
  ++queue.stats.drops;
  skb::drop(cpu, std::move(skb), reason);
}

}  // namespace host::driver
