// SPDX-License-Identifier: Apache-2.0
// From one end into the backlog of the other.
#include "host/device/veth.hpp"

#include "host/device/net_core.hpp"
#include "host/device/vlan.hpp"

namespace host::device {

VethPair::Port::Port(const End& end, std::uint32_t mtu) : device(end.name, end.address, mtu, *this) {
  device.set_no_queue();
  // Nothing is at risk on the way: whoever is behind the other end completes what is asked for.
  device.set_offloads({.checksum = true, .tso4 = true, .tso6 = true, .tso_ecn = true, .uso = true});
}

VethPair::VethPair(const End& one, const End& other, std::uint32_t mtu) : ports_{Port(one, mtu), Port(other, mtu)} {
  ports_[0].peer = &ports_[1].device;
  ports_[1].peer = &ports_[0].device;
}

base::Result<std::unique_ptr<VethPair>> VethPair::create(NetCore& core, const End& one, const End& other,
                                                         std::uint32_t mtu) {
  std::unique_ptr<VethPair> pair(new VethPair(one, other, mtu));
  for (Port& port : pair->ports_) {
    if (const auto registered = core.register_device(port.device); !registered) return registered.error();
  }
  for (Port& port : pair->ports_) port.device.carrier_off();
  return pair;
}

/// The carrier is there when both ends are up.
base::Result<void> VethPair::Port::open(kernel::Cpu&, NetDevice& dev) {
  if (!peer->is_up()) return {};
  dev.carrier_on();
  peer->carrier_on();
  return {};
}

void VethPair::Port::stop(kernel::Cpu&, NetDevice& dev) {
  dev.carrier_off();
  peer->carrier_off();
}

/// Linux: veth_xmit, ____dev_forward_skb. What the other end may not receive is dropped there.
TxResult VethPair::Port::start_xmit(kernel::Cpu& cpu, NetDevice& dev, skb::Skb& skb, XmitMore) {
  const auto bytes = skb->len();
  const bool fits = skb->is_gso() || bytes <= peer->mtu() + kEthernetHeaderBytes + kVlanTagBytes;
  if (!peer->is_up() || !fits || !eth_type_trans(*skb, *peer)) {
    ++dev.stats().tx_dropped;
    skb::drop(cpu, std::move(skb), base::DropReason::veth_refused);
    return TxResult::ok;
  }
  skb->rx_queue = 0;
  skb->owner.release();
  if (dev.core()->netif_rx(cpu, std::move(skb))) {
    ++dev.stats().tx_packets;
    dev.stats().tx_bytes += bytes;
    ++peer->stats().rx_packets;
    peer->stats().rx_bytes += bytes;
  } else {
    ++dev.stats().tx_dropped;
  }
  return TxResult::ok;
}

}  // namespace host::device
