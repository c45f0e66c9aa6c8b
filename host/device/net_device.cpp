// SPDX-License-Identifier: Apache-2.0
// An interface going up and down, and its transmit queue stopping and waking.
#include "host/device/net_device.hpp"

#include "host/device/net_core.hpp"

namespace host::device {
namespace {

constexpr platform::Nanoseconds kClosePause = 1000;

}  // namespace

NetDevice::NetDevice(std::string name, base::MacAddress address, std::uint32_t mtu, NetDeviceOps& ops)
    : name_(std::move(name)), address_(address), mtu_(mtu), ops_(ops) {}

NetDevice::~NetDevice() {
  up_ = false;
  if (core_ != nullptr) core_->unregister_device(*this);
}

base::Result<void> NetDevice::open(kernel::Cpu& cpu) {
  if (up_) return {};
  queue_stopped_ = false;
  const auto opened = ops_.open(cpu, *this);
  up_ = opened.ok();
  return opened;
}

void NetDevice::close(kernel::Cpu& cpu) {
  if (!up_) return;
  up_ = false;
  while (qdisc_.running()) cpu.charge_ns(kClosePause);
  qdisc_.clear();
  ops_.stop(cpu, *this);
  carrier_ = false;
}

void NetDevice::stop_queue() {
  if (queue_stopped_) return;
  queue_stopped_ = true;
  ++queue_stops_;
}

void NetDevice::wake_queue(kernel::Cpu& cpu) {
  if (!queue_stopped_) return;
  queue_stopped_ = false;
  ++queue_wakes_;
  if (core_ != nullptr) core_->netif_schedule(cpu, *this);
}

}  // namespace host::device
