// SPDX-License-Identifier: Apache-2.0
// An interface going up and down.
#include "host/device/net_device.hpp"

#include "host/base/invariant.hpp"
#include "host/device/net_core.hpp"

namespace host::device {

NetDevice::NetDevice(std::string name, base::MacAddress address, std::uint32_t mtu, NetDeviceOps& ops,
                     unsigned tx_queues)
    : name_(std::move(name)),
      address_(address),
      mtu_(mtu),
      max_mtu_(mtu),
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
  if (!opened) return opened;
  INVARIANT(core_ != nullptr, "an interface that nobody registered is up");
  if (!root_) attach(default_root());
  up_ = true;
  core_->notify(cpu, *this, DeviceEvent::up);
  return {};
}

void NetDevice::close(kernel::Cpu& cpu) {
  if (!up_) return;
  if (core_ != nullptr) core_->notify(cpu, *this, DeviceEvent::down);
  up_ = false;
  for (auto& queue : queues_) quiesce(cpu, *queue.qdisc);
  ops_.stop(cpu, *this);
}

void NetDevice::set_link(bool on) {
  if (on == link_) return;
  link_ = on;
  if (core_ == nullptr) return;
  ++(on ? carrier_ups_ : carrier_downs_);
  core_->vlans().follow_link(*this);
}

base::Result<void> NetDevice::set_mtu(std::uint32_t mtu) {
  if (mtu < kMinMtu || mtu > max_mtu_) return base::Errno::invalid;
  if (const auto able = ops_.change_mtu(*this, mtu); !able) return able;
  mtu_ = mtu;
  if (core_ != nullptr) core_->vlans().follow_mtu(*this);
  return {};
}

// --- receive ---------------------------------------------------------------------------------------

void NetDevice::set_promiscuous(bool on) {
  promiscuous_ = on;
  if (up_) ops_.set_rx_mode(*this);
}

void NetDevice::hold_promiscuous(int change) {
  INVARIANT(change > 0 || promiscuity_ > 0, "an interface is less than not promiscuous");
  const bool before = promiscuous();
  promiscuity_ += static_cast<unsigned>(change);
  if (up_ && promiscuous() != before) ops_.set_rx_mode(*this);
}

base::Result<void> NetDevice::set_xdp(XdpProgram program) {
  if (program) {
    const auto native = ops_.xdp_setup(*this);
    if (!native) return native.error();
    native_xdp_ = *native;
  }
  xdp_ = std::move(program);
  return {};
}

void NetDevice::set_rx_handler(RxHandler handler) {
  rx_handler_ = std::move(handler);
  if (up_ && rx_handler_ != nullptr) ops_.set_rx_mode(*this);
}

}  // namespace host::device
