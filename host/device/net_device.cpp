// SPDX-License-Identifier: Apache-2.0
// An interface going up and down, and its transmit queues stopping and waking.
#include "host/device/net_device.hpp"

#include <algorithm>

#include "host/base/invariant.hpp"
#include "host/device/net_core.hpp"

namespace host::device {
namespace {

constexpr platform::Nanoseconds kClosePause = 1000;

}  // namespace

NetDevice::NetDevice(std::string name, base::MacAddress address, std::uint32_t mtu, NetDeviceOps& ops,
                     unsigned tx_queues)
    : name_(std::move(name)),
      address_(address),
      mtu_(mtu),
      ops_(ops),
      queues_(tx_queues),
      real_tx_queues_(tx_queues),
      rx_queues_(tx_queues) {
  INVARIANT(tx_queues > 0, "an interface without a transmit queue");
}

NetDevice::~NetDevice() {
  up_ = false;
  if (core_ != nullptr) core_->unregister_device(*this);
}

base::Result<void> NetDevice::open(kernel::Cpu& cpu) {
  if (up_) return {};
  for (auto& queue : queues_) queue.stopped = false;
  const auto opened = ops_.open(cpu, *this);
  up_ = opened.ok();
  return opened;
}

void NetDevice::close(kernel::Cpu& cpu) {
  if (!up_) return;
  up_ = false;
  for (auto& queue : queues_) {
    while (queue.qdisc.running()) cpu.charge_ns(kClosePause);
    queue.qdisc.clear();
  }
  ops_.stop(cpu, *this);
  carrier_ = false;
}

// --- receive ---------------------------------------------------------------------------------------

void NetDevice::set_promiscuous(bool on) {
  promiscuous_ = on;
  if (up_) ops_.set_rx_mode(*this);
}

void NetDevice::set_rx_handler(RxHandler handler) {
  rx_handler_ = std::move(handler);
  if (up_ && rx_handler_ != nullptr) ops_.set_rx_mode(*this);
}

// --- transmit queues -----------------------------------------------------------------------------

void NetDevice::set_real_tx_queues(unsigned queues) {
  INVARIANT(queues > 0 && queues <= queues_.size(), "more transmit queues than the interface has");
  real_tx_queues_ = queues;
}

void NetDevice::set_xps(unsigned cpu, std::vector<unsigned> queues) {
  if (xps_.size() <= cpu) xps_.resize(cpu + 1);
  xps_[cpu] = std::move(queues);
}

const std::vector<unsigned>& NetDevice::xps(unsigned cpu) const {
  static const std::vector<unsigned> kAll;
  return cpu < xps_.size() ? xps_[cpu] : kAll;
}

void NetDevice::set_tx_queue_len(std::uint32_t packets) {
  for (auto& queue : queues_) queue.qdisc.set_limit(packets);
}

void NetDevice::stop_queue(unsigned queue) {
  if (queues_[queue].stopped) return;
  queues_[queue].stopped = true;
  ++queues_[queue].stops;
}

void NetDevice::wake_queue(kernel::Cpu& cpu, unsigned queue) {
  if (!queues_[queue].stopped) return;
  queues_[queue].stopped = false;
  ++queues_[queue].wakes;
  if (core_ != nullptr) core_->netif_schedule(cpu, *this, queue);
}

std::uint64_t NetDevice::queue_stops() const {
  std::uint64_t sum = 0;
  for (const auto& queue : queues_) sum += queue.stops;
  return sum;
}

std::uint64_t NetDevice::queue_wakes() const {
  std::uint64_t sum = 0;
  for (const auto& queue : queues_) sum += queue.wakes;
  return sum;
}

std::size_t NetDevice::backlog_packets() const {
  std::size_t sum = 0;
  for (const auto& queue : queues_) sum += queue.qdisc.backlog_packets();
  return sum;
}

QdiscStats NetDevice::qdisc_stats() const {
  QdiscStats sum;
  for (const auto& queue : queues_) {
    const auto& one = queue.qdisc.stats();
    sum.sent_packets += one.sent_packets;
    sum.sent_bytes += one.sent_bytes;
    sum.dropped += one.dropped;
    sum.requeues += one.requeues;
  }
  return sum;
}

}  // namespace host::device
