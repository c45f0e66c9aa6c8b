// SPDX-License-Identifier: Apache-2.0
// Open, stop and ring replacement: the queues' lives (Linux: virtnet_open, virtnet_close, virtnet_rx_resize).
#include <algorithm>
#include <bit>
#include <limits>

#include "host/driver/virtio_net.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using base::Errno;
using namespace contract;

constexpr unsigned kConfigEntry = 0;

unsigned rx_number(unsigned pair) {
  return QUEUE_RX0 + 2 * pair;
}
unsigned tx_number(unsigned pair) {
  return QUEUE_TX0 + 2 * pair;
}

void add_up(VirtqueueStats& sum, const VirtqueueStats& more) {
  sum.added += more.added;
  sum.used += more.used;
  sum.indirect += more.indirect;
  sum.kicks += more.kicks;
  sum.kicks_suppressed += more.kicks_suppressed;
  sum.rearm_races += more.rearm_races;
}

}  // namespace

base::Result<void> VirtioNet::open(kernel::Cpu& cpu, device::NetDevice&) {
  broken_ = false;
  const Features before = features_;
  auto done = negotiate();
  if (done && features_ != before) done = Errno::io;  // 2.2.1: a device does not change its mind
  if (done && interrupt_mode_ != InterruptMode::intx) done = transport_.set_config_vector(kConfigEntry);
  for (unsigned pair = 0; done && pair < queue_pairs(); ++pair) {
    done = create_rx(*rx_[pair]);
    if (done) done = create_tx(*tx_[pair]);
  }
  if (!done) {
    transport_.fail();
    release_all(cpu);
    return done;
  }
  transport_.driver_ok();
  if (control_) configure(*control_);
  for (auto& queue : rx_) start_rx(cpu, *queue);
  for (auto& queue : tx_) start_tx(cpu, *queue);
  update_link();
  return {};
}

/// What a reset of the device took from its control window.
void VirtioNet::configure(NicControl& control) {
  static_cast<void>(rss_ ? control.set_rss(*rss_) : control.set_channels(channels_));
  for (unsigned pair = 0; pair < queue_pairs(); ++pair) control.set_coalesce(pair, options_.coalesce);
  if (receives_large(features_)) control.set_lro_usecs(options_.lro_usecs);
  set_rx_mode(*netdev_);
}

/// Linux: virtnet_set_rx_mode. The stack joins no groups, so it wants those that all do: every multicast frame. What
/// the interface has been called since (Linux: virtnet_set_mac_address) is an entry of the device's filter.
void VirtioNet::set_rx_mode(device::NetDevice& dev) {
  if (!control_) return;
  const bool renamed = dev.address() != address_;
  if (renamed || renamed_) static_cast<void>(control_->set_addresses({&dev.address(), renamed ? 1U : 0U}));
  renamed_ = renamed;
  control_->set_rx_mode({.promisc = dev.promiscuous(), .all_multicast = true});
}

base::Result<void> VirtioNet::set_rss(const Rss& rss) {
  if (!control_ || !netdev_->is_up()) return Errno::network_down;
  const auto done = control_->set_rss(rss);
  if (done) rss_ = rss;
  return done;
}

void VirtioNet::set_coalesce(const Coalesce& coalesce) {
  options_.coalesce = coalesce;
  if (!control_ || !netdev_->is_up()) return;
  for (unsigned pair = 0; pair < queue_pairs(); ++pair) control_->set_coalesce(pair, coalesce);
}

void VirtioNet::set_lro_usecs(unsigned usecs) {
  options_.lro_usecs = usecs;
  if (control_ && netdev_->is_up()) control_->set_lro_usecs(usecs);
}

void VirtioNet::stop(kernel::Cpu& cpu, device::NetDevice&) {
  for (auto& queue : rx_) {
    napi_disable(cpu, queue->napi);
    queue->refill_timer.stop();
  }
  for (auto& queue : tx_) napi_disable(cpu, queue->napi);
  if (!transport_.reset()) ++stats_.reset_failures;
  release_all(cpu);
}

void VirtioNet::release_all(kernel::Cpu& cpu) {
  for (auto& queue : rx_) release_rx(*queue);
  for (auto& queue : tx_) release_tx(cpu, *queue);
}

base::Result<std::unique_ptr<Virtqueue>> VirtioNet::create_ring(unsigned queue, unsigned wanted, unsigned pieces) {
  const bool packed = has_feature(features_, F_RING_PACKED);
  unsigned size = std::min(wanted, transport_.queue_size_max(queue));
  if (!packed) size = std::bit_floor(size);
  return Virtqueue::create(
      dma_, {.kind = packed ? RingKind::packed : RingKind::split,
             .size = size,
             .event_index = has_feature(features_, RING_F_EVENT_IDX) ? EventIndex::on : EventIndex::off,
             .in_order = has_feature(features_, F_IN_ORDER) ? InOrder::yes : InOrder::no,
             .indirect_pieces = has_feature(features_, RING_F_INDIRECT_DESC) && pieces > 1 ? pieces : 0});
}

base::Result<void> VirtioNet::create_rx(RxQueue& queue) {
  const unsigned number = rx_number(queue.pair);
  auto ring = create_ring(number, options_.rx_ring, 1 + rx_plan(options_.rx_ring).pages);
  if (!ring) return ring.error();
  queue.ring = std::move(*ring);
  queue.slots.resize(queue.ring->size());
  return transport_.enable_queue(number, *queue.ring, msix_entry(number));
}

base::Result<void> VirtioNet::create_tx(TxRing& queue) {
  const unsigned number = tx_number(queue.pair);
  auto ring = create_ring(number, options_.tx_ring, kMaxPieces);
  if (!ring) return ring.error();
  queue.ring = std::move(*ring);
  queue.slots.resize(queue.ring->size());
  if (!queue.headers.create(dma_, queue.ring->size())) return Errno::no_memory;
  return transport_.enable_queue(number, *queue.ring, msix_entry(number));
}

void VirtioNet::start_rx(kernel::Cpu& cpu, RxQueue& queue) {
  napi_enable(queue.napi);
  const kernel::BottomHalfGuard guard(cpu);
  refill(cpu, queue);
  arm_rx(cpu, queue);
}

void VirtioNet::start_tx(kernel::Cpu& cpu, TxRing& queue) {
  napi_enable(queue.napi);
  const kernel::BottomHalfGuard guard(cpu);
  if (!queue.ring->enable_interrupts()) napi_schedule(cpu, queue.napi);
}

void VirtioNet::release_rx(RxQueue& queue) {
  for (auto& slot : queue.slots) {
    if (!slot.skb) continue;
    slot.mappings.unmap(dma_);
    slot.skb.reset();
  }
  queue.slots.clear();
  if (queue.ring) add_up(queue.past, queue.ring->stats());
  queue.ring.reset();
}

void VirtioNet::release_tx(kernel::Cpu& cpu, TxRing& queue) {
  for (auto& slot : queue.slots) {
    if (!slot.skb) continue;
    slot.mappings.unmap(dma_);
    ++netdev_->stats().tx_dropped;
    ++queue.stats.drops;
    skb::drop(cpu, std::move(slot.skb), base::DropReason::tx_reset);
  }
  queue.slots.clear();
  netdev_->tx_reset_queue(queue.pair);
  if (queue.ring) add_up(queue.past, queue.ring->stats());
  queue.ring.reset();
  queue.headers.destroy(dma_);
}

// --- headers outside packets -------------------------------------------------------------------------

bool TxHeaders::create(platform::DmaMemory& dma, unsigned count) {
  memory_ = dma.allocate(count * kStride, kStride);
  if (memory_.empty()) return false;
  address_ = dma.map(memory_, platform::DmaDirection::to_device);
  for (unsigned i = count; i > 0; --i) free_.push_back(static_cast<std::uint16_t>(i - 1));
  return true;
}

void TxHeaders::destroy(platform::DmaMemory& dma) {
  if (memory_.empty()) return;
  dma.unmap(address_, memory_.size());
  dma.free(memory_);
  memory_ = {};
  free_.clear();
}

std::uint16_t TxHeaders::take() {
  INVARIANT(!free_.empty(), "more packets in a ring than descriptors");
  const std::uint16_t which = free_.back();
  free_.pop_back();
  return which;
}

// --- other sizes -------------------------------------------------------------------------------------

base::Result<void> VirtioNet::resize_rings(kernel::Cpu& cpu, unsigned rx, unsigned tx) {
  if (rx == 0 || tx == 0) return Errno::invalid;
  const bool rx_changes = rx != options_.rx_ring;
  const bool tx_changes = tx != options_.tx_ring;
  options_.rx_ring = rx;
  options_.tx_ring = tx;
  if (!netdev_->is_up()) return {};
  if (!has_feature(features_, F_RING_RESET) || broken_) {
    netdev_->close(cpu);
    return netdev_->open(cpu);
  }
  for (unsigned pair = 0; pair < queue_pairs(); ++pair) {
    if (rx_changes) {
      if (const auto done = replace_rx(cpu, *rx_[pair]); !done) return done;
    }
    if (tx_changes) {
      if (const auto done = replace_tx(cpu, *tx_[pair]); !done) return done;
    }
  }
  return {};
}

base::Result<void> VirtioNet::replace_rx(kernel::Cpu& cpu, RxQueue& queue) {
  napi_disable(cpu, queue.napi);
  queue.refill_timer.stop();
  ++stats_.queue_resets;
  auto done = transport_.reset_queue(rx_number(queue.pair));
  if (done) {
    receive_rest(cpu, queue);
    release_rx(queue);
    done = create_rx(queue);
  }
  if (!done) {
    mark_broken();
    return done;
  }
  start_rx(cpu, queue);
  return {};
}

base::Result<void> VirtioNet::replace_tx(kernel::Cpu& cpu, TxRing& queue) {
  napi_disable(cpu, queue.napi);  // first: until then a poll may wake the queue
  netdev_->stop_queue(queue.pair);
  while (netdev_->qdisc(queue.pair).state.running) cpu.charge_ns(1000);
  ++stats_.queue_resets;
  auto done = transport_.reset_queue(tx_number(queue.pair));
  if (done) {
    reclaim(cpu, queue, std::numeric_limits<int>::max());
    release_tx(cpu, queue);
    done = create_tx(queue);
  }
  if (!done) {
    mark_broken();
    return done;
  }
  start_tx(cpu, queue);
  netdev_->wake_queue(cpu, queue.pair);
  return {};
}

}  // namespace host::driver
