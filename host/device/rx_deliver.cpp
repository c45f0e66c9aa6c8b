// SPDX-License-Identifier: Apache-2.0
// A received frame finds its takers (Linux: eth_type_trans, __netif_receive_skb_core).
#include <algorithm>

#include "host/base/byte_order.hpp"
#include "host/device/net_core.hpp"

namespace host::device {
namespace {

constexpr std::size_t kDestination = 0;
constexpr std::size_t kEtherType = 12;

skb::PacketType classify(const base::MacAddress& destination, const NetDevice& dev) {
  if (destination == dev.address()) return skb::PacketType::host;
  if (destination.is_broadcast()) return skb::PacketType::broadcast;
  if (destination.is_multicast()) return skb::PacketType::multicast;
  return skb::PacketType::otherhost;
}

}  // namespace

bool eth_type_trans(skb::SkBuff& skb, NetDevice& dev) {
  if (!skb.may_pull(kEthernetHeaderBytes)) return false;
  skb.dev = &dev;
  skb.reset_mac_header();
  const auto header = skb.bytes();
  skb.packet_type = classify(base::MacAddress::load(header, kDestination), dev);
  skb.protocol = base::load_be16(header, kEtherType);
  skb.pull(kEthernetHeaderBytes);
  skb.reset_network_header();
  return true;
}

namespace {

/// The queue that it came by has CPUs, or a flow table: only then RPS is asked.
bool is_steered(const skb::SkBuff& skb) {
  const auto& queues = skb.dev->rx_queues();
  const std::size_t queue = skb.rx_queue != 0 ? skb.rx_queue - 1u : 0;
  return queue < queues.size() && !(queues[queue].rps_cpus.empty() && queues[queue].flows.empty());
}

}  // namespace

bool NetCore::netif_rx(kernel::Cpu& cpu, skb::Skb skb) {
  const kernel::BottomHalfGuard guard(cpu);
  const auto target = rps_.select(cpu, *skb);
  return rps_.enqueue(cpu, std::move(skb), target.value_or(cpu.id()));
}

namespace {

/// A program that the driver has not run (Linux: do_xdp_generic).
void xdp_generic(kernel::Cpu& cpu, skb::Skb& skb) {
  NetDevice& dev = *skb->dev;
  if (!dev.xdp() || dev.xdp_is_native()) return;
  skb->restore(skb->mac_offset());
  skb = xdp_run(cpu, std::move(skb));
  if (!skb || eth_type_trans(*skb, dev)) return;
  skb::drop(cpu, std::move(skb), base::DropReason::short_ethernet);
}

}  // namespace

/// Taps, tc and VLANs of the present interface; null when the packet has ended.
[[gnu::always_inline]] inline void NetCore::receive_on(kernel::Cpu& cpu, skb::Skb& skb) {
  NetDevice& dev = *skb->dev;
  if (skb->packet_type == skb::PacketType::multicast) ++dev.stats().multicast;
  taps_.received(cpu, *skb);
  if (!dev.ingress().empty()) skb = dev.ingress().run(cpu, std::move(skb));
  if (!skb || skb->protocol != kEtherTypeVlan) return;
  NetDevice* vlan = vlans_.device_of(*skb);
  if (vlan == nullptr) return;
  if (!vlan_untag(*skb)) {
    ++vlan->stats().rx_dropped;
    skb::drop(cpu, std::move(skb), base::DropReason::vlan_no_memory);
    return;
  }
  skb->dev = vlan;
  if (skb->packet_type == skb::PacketType::otherhost) {  // it may have an address of its own
    skb->restore(skb->mac_offset());
    skb->packet_type = classify(base::MacAddress::load(skb->bytes(), kDestination), *vlan);
    skb->pull(kEthernetHeaderBytes);
  }
  ++vlan->stats().rx_packets;
  vlan->stats().rx_bytes += skb->len();
}

[[gnu::always_inline]] inline void NetCore::receive_protocol(kernel::Cpu& cpu, skb::Skb&& skb) {
  NetDevice& dev = *skb->dev;
  if (dev.rx_handler_ && dev.rx_handler_(cpu, skb) == RxHandlerResult::consumed) return;
  if (skb->protocol == kEtherTypeVlan) {
    // Of a VLAN that nobody has: as if it were for somebody else. A tag that is only a priority goes off.
    if (vlan_id(*skb) != 0) {
      skb->packet_type = skb::PacketType::otherhost;
    } else {
      static_cast<void>(vlan_untag(*skb));
    }
  }
  const bool tapped = taps_.received_type(cpu, *skb);
  if (skb->packet_type == skb::PacketType::otherhost) {
    skb::drop(cpu, std::move(skb), base::DropReason::other_host);
    return;
  }
  const auto protocol = std::ranges::find(protocols_, skb->protocol, &Protocol::first);
  if (protocol == protocols_.end()) {
    if (tapped) return;  // who asked for the type has it
    ++dev.stats().rx_dropped;
    skb::drop(cpu, std::move(skb), base::DropReason::unknown_protocol);
    return;
  }
  protocol->second(cpu, std::move(skb));
}

/// Linux: __netif_receive_skb_core. A tagged frame comes twice: by the real interface, then by the VLAN's.
void NetCore::receive_core(kernel::Cpu& cpu, skb::Skb&& skb) {
  cpu.charge(kernel::Op::netif_receive);
  cpu.trace(kernel::JourneyStep::netif_receive, skb->id());
  ++cpu.softnet().processed;
  xdp_generic(cpu, skb);
  while (skb) {
    const NetDevice* dev = skb->dev;
    receive_on(cpu, skb);
    if (skb && skb->dev == dev) {
      receive_protocol(cpu, std::move(skb));
      return;
    }
  }
}

void NetCore::netif_receive_skb(kernel::Cpu& cpu, skb::Skb&& skb) {
  if (is_steered(*skb)) {
    if (const auto target = rps_.select(cpu, *skb)) {
      rps_.enqueue(cpu, std::move(skb), *target);
      return;
    }
  }
  receive_core(cpu, std::move(skb));
}

}  // namespace host::device
