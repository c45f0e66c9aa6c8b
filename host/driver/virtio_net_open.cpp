// SPDX-License-Identifier: Apache-2.0
// Open, stop and ring replacement: the queues' lives (Linux: virtnet_open, virtnet_close, virtnet_rx_resize).
#include <algorithm>

#include "host/driver/virtio_net.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using base::Errno;
using namespace contract;

}  // namespace

base::Result<void> VirtioNet::open(kernel::Cpu& cpu, device::NetDevice& dev) {
  broken_ = false;
  const Features before = features_;
  auto done = negotiate();
  if (done && features_ != before) done = Errno::io;  // 2.2.1: a device does not change its mind
  if (done) done = transport_.set_config_vector(static_cast<unsigned>(MsixEntry::config));
  if (done) done = create_rx();
  if (done) done = create_tx();
  if (!done) {
    transport_.fail();
    release_rx();
    release_tx(cpu);
    return done;
  }
  transport_.driver_ok();
  start_rx(cpu);
  start_tx(cpu);
  dev.carrier_off();
  update_link();
  return {};
}

void VirtioNet::stop(kernel::Cpu& cpu, device::NetDevice&) {
  napi_disable(cpu, *rx_napi_);
  napi_disable(cpu, *tx_napi_);
  refill_timer_.stop();
  if (!transport_.reset()) ++stats_.reset_failures;
  release_rx();
  release_tx(cpu);
}

base::Result<void> VirtioNet::create_rx() {
  const unsigned size = std::min(options_.rx_ring, transport_.queue_size_max(QUEUE_RX0));
  const auto event_index = (features_ & feature(RING_F_EVENT_IDX)) != 0 ? EventIndex::on : EventIndex::off;
  auto ring = Virtqueue::create(dma_, size, event_index);
  if (!ring) return ring.error();
  rx_.ring = std::move(*ring);
  rx_.slots.resize(size);
  return transport_.enable_queue(QUEUE_RX0, *rx_.ring, static_cast<unsigned>(MsixEntry::rx));
}

base::Result<void> VirtioNet::create_tx() {
  const unsigned size = std::min(options_.tx_ring, transport_.queue_size_max(QUEUE_TX0));
  const auto event_index = (features_ & feature(RING_F_EVENT_IDX)) != 0 ? EventIndex::on : EventIndex::off;
  auto ring = Virtqueue::create(dma_, size, event_index);
  if (!ring) return ring.error();
  tx_.ring = std::move(*ring);
  tx_.slots.resize(size);
  if (no_header_.empty()) {
    no_header_ = dma_.allocate(NET_HDR_BYTES, sizeof(std::uint64_t));
    if (no_header_.empty()) return Errno::no_memory;
    tx_.no_header = dma_.map(no_header_, platform::DmaDirection::to_device);
  }
  return transport_.enable_queue(QUEUE_TX0, *tx_.ring, static_cast<unsigned>(MsixEntry::tx));
}

void VirtioNet::start_rx(kernel::Cpu& cpu) {
  napi_enable(*rx_napi_);
  const kernel::BottomHalfGuard guard(cpu);
  refill(cpu);
  arm_rx(cpu);
}

void VirtioNet::start_tx(kernel::Cpu& cpu) {
  napi_enable(*tx_napi_);
  const kernel::BottomHalfGuard guard(cpu);
  if (!tx_.ring->enable_interrupts()) napi_schedule(cpu, *tx_napi_);
}

void VirtioNet::release_rx() {
  for (auto& slot : rx_.slots) {
    if (!slot.skb) continue;
    dma_.unmap(slot.mapping.address, slot.mapping.length);
    slot.skb.reset();
  }
  rx_.slots.clear();
  rx_.ring.reset();
}

void VirtioNet::release_tx(kernel::Cpu& cpu) {
  for (auto& slot : tx_.slots) {
    if (!slot.skb) continue;
    for (std::size_t i = 0; i < slot.count; ++i) dma_.unmap(slot.mappings[i].address, slot.mappings[i].length);
    ++netdev_->stats().tx_dropped;
    skb::drop(cpu, std::move(slot.skb), base::DropReason::tx_reset);
  }
  tx_.slots.clear();
  tx_.ring.reset();
  if (!no_header_.empty()) {
    dma_.unmap(tx_.no_header, NET_HDR_BYTES);
    dma_.free(no_header_);
    no_header_ = {};
  }
}

// --- other sizes -------------------------------------------------------------------------------------

base::Result<void> VirtioNet::resize_rings(kernel::Cpu& cpu, unsigned rx, unsigned tx) {
  if (rx == 0 || tx == 0) return Errno::invalid;
  const bool rx_changes = rx != options_.rx_ring;
  const bool tx_changes = tx != options_.tx_ring;
  options_.rx_ring = rx;
  options_.tx_ring = tx;
  if (!netdev_->is_up()) return {};
  if ((features_ & feature(F_RING_RESET)) == 0 || broken_) {
    netdev_->close(cpu);
    return netdev_->open(cpu);
  }
  if (rx_changes) {
    if (const auto done = replace_rx(cpu); !done) return done;
  }
  if (tx_changes) return replace_tx(cpu);
  return {};
}

base::Result<void> VirtioNet::replace_rx(kernel::Cpu& cpu) {
  napi_disable(cpu, *rx_napi_);
  refill_timer_.stop();
  auto done = transport_.reset_queue(QUEUE_RX0);
  if (done) {
    release_rx();
    done = create_rx();
  }
  if (!done) {
    mark_broken();
    return done;
  }
  start_rx(cpu);
  return {};
}

base::Result<void> VirtioNet::replace_tx(kernel::Cpu& cpu) {
  netdev_->stop_queue();
  while (netdev_->qdisc().running()) cpu.charge_ns(1000);
  napi_disable(cpu, *tx_napi_);
  auto done = transport_.reset_queue(QUEUE_TX0);
  if (done) {
    release_tx(cpu);
    done = create_tx();
  }
  if (!done) {
    mark_broken();
    return done;
  }
  start_tx(cpu);
  netdev_->wake_queue(cpu);
  return {};
}

}  // namespace host::driver
