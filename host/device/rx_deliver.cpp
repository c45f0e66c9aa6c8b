// SPDX-License-Identifier: Apache-2.0
// A received frame finds its takers (Linux: eth_type_trans, __netif_receive_skb_core).
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

void NetCore::deliver_to_taps(kernel::Cpu& cpu, const skb::SkBuff& skb, std::uint32_t mac_offset) {
  for (auto& [id, handler] : taps_) {
    cpu.charge(kernel::Op::skb_clone);
    skb::Skb twin = skb.clone();
    if (!twin) {
      cpu.count_drop(base::DropReason::tap_no_memory, skb.id());
      continue;
    }
    twin->restore(mac_offset);
    cpu.trace(kernel::JourneyStep::tap, twin->id());
    handler(cpu, std::move(twin));
  }
}

void NetCore::netif_receive_skb(kernel::Cpu& cpu, skb::Skb skb) {
  if (const auto target = rps_.select(cpu, *skb)) {
    rps_.enqueue(cpu, std::move(skb), *target);
  } else {
    receive_core(cpu, std::move(skb));
  }
}

/// Linux: __netif_receive_skb_core.
void NetCore::receive_core(kernel::Cpu& cpu, skb::Skb skb) {
  cpu.charge(kernel::Op::netif_receive);
  cpu.trace(kernel::JourneyStep::netif_receive, skb->id());
  ++cpu.softnet().processed;
  NetDevice& dev = *skb->dev;
  if (skb->packet_type == skb::PacketType::multicast) ++dev.stats().multicast;
  deliver_to_taps(cpu, *skb, skb->mac_offset());
  if (dev.rx_handler_ && dev.rx_handler_(cpu, skb) == RxHandlerResult::consumed) return;
  if (skb->packet_type == skb::PacketType::otherhost) {
    skb::drop(cpu, std::move(skb), base::DropReason::other_host);
    return;
  }
  const auto protocol = protocols_.find(skb->protocol);
  if (protocol == protocols_.end()) {
    ++dev.stats().rx_dropped;
    skb::drop(cpu, std::move(skb), base::DropReason::unknown_protocol);
    return;
  }
  protocol->second(cpu, std::move(skb));
}

}  // namespace host::device
