// SPDX-License-Identifier: Apache-2.0
// `lo`: what is sent through it comes back (Linux: drivers/net/loopback.c).
#include "host/ip/loopback.hpp"

namespace host::ip {

Loopback::Loopback(device::NetCore& core)
    : kernel::Napi("lo"), core_(core), device_("lo", base::MacAddress{}, kMtu, *this) {
  device_.set_no_queue();
  device_.set_hardware_type(device::HardwareType::loopback);
  const auto registered = core_.register_device(device_);
  INVARIANT(registered.ok(), "a second loopback device");
}

Loopback::~Loopback() {
  core_.unregister_device(device_);
}

base::Result<void> Loopback::open(kernel::Cpu&, device::NetDevice& dev) {
  napi_enable(*this);
  dev.carrier_on();
  return {};
}

void Loopback::stop(kernel::Cpu& cpu, device::NetDevice&) {
  napi_disable(cpu, *this);
  std::deque<skb::Skb> unread = std::exchange(backlog_, {});
  for (skb::Skb& packet : unread) {
    drop(cpu, std::move(packet), base::DropReason::interface_down);
  }
}

device::TxResult Loopback::start_xmit(kernel::Cpu& cpu, device::NetDevice& dev, skb::Skb& skb, device::XmitMore) {
  if (backlog_.size() >= kBacklog) {
    dev.stop_queue();
    return device::TxResult::busy;
  }
  ++dev.stats().tx_packets;
  dev.stats().tx_bytes += skb->len();
  skb->owner.release();
  backlog_.push_back(std::move(skb));
  napi_schedule(cpu, *this);
  return device::TxResult::ok;
}

int Loopback::poll(kernel::Cpu& cpu, int budget) {
  int done = 0;
  while (done < budget && !backlog_.empty()) {
    skb::Skb packet = std::move(backlog_.front());
    backlog_.pop_front();
    ++done;
    ++device_.stats().rx_packets;
    device_.stats().rx_bytes += packet->len();
    if (!eth_type_trans(*packet, device_)) {
      drop(cpu, std::move(packet), base::DropReason::short_ethernet);
      continue;
    }
    packet->ip_summed = skb::IpSummed::unnecessary;
    core_.netif_receive_skb(cpu, std::move(packet));
  }
  if (device_.queue_stopped() && backlog_.size() < kBacklog) {
    device_.wake_queue(cpu);
  }
  if (done < budget) {
    static_cast<void>(napi_complete_done(cpu, *this, done));
  }
  return done;
}

}  // namespace host::ip
