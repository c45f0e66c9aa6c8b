// SPDX-License-Identifier: Apache-2.0
// Filter first, clone then (Linux: deliver_skb, packet_rcv's run_filter).
#include "host/device/tap.hpp"

#include "host/base/invariant.hpp"
#include "host/device/net_device.hpp"
#include "host/kernel/kernel.hpp"

namespace host::device {

unsigned Taps::add(Tap tap) {
  INVARIANT(tap.take != nullptr, "a tap that takes nothing");
  taps_.emplace(++last_, Entry{std::move(tap)});
  return last_;
}

void Taps::remove(unsigned tap) {
  const auto found = taps_.find(tap);
  if (found == taps_.end()) return;
  if (shows_ == 0) {
    taps_.erase(found);
    return;
  }
  found->second.removed = true;
  stale_ = true;
}

void Taps::received(kernel::Cpu& cpu, skb::SkBuff& skb) {
  if (taps_.empty()) return;
  const std::uint32_t pulled = skb.mac_offset();
  skb.restore(pulled);
  show(cpu, skb, 0, skb.packet_type);
  skb.pull(pulled);
}

bool Taps::received_type(kernel::Cpu& cpu, skb::SkBuff& skb) {
  if (taps_.empty() || skb.protocol == 0) return false;
  const std::uint32_t pulled = skb.mac_offset();
  skb.restore(pulled);
  const bool any = show(cpu, skb, skb.protocol, skb.packet_type);
  skb.pull(pulled);
  return any;
}

void Taps::sent(kernel::Cpu& cpu, skb::SkBuff& skb) {
  if (!taps_.empty()) show(cpu, skb, 0, skb::PacketType::outgoing);
}

bool Taps::show(kernel::Cpu& cpu, skb::SkBuff& skb, std::uint16_t ether_type, skb::PacketType type) {
  const unsigned ifindex = skb.dev->ifindex();
  bool any = false;
  ++shows_;
  for (auto& [id, entry] : taps_) {
    const Tap& tap = entry.tap;
    const bool here = tap.ether_type == ether_type && (tap.ifindex == 0 || tap.ifindex == ifindex);
    const bool own = tap.owner != nullptr && tap.owner == skb.owner.get();
    if (entry.removed || !here || own) continue;
    any = true;
    show_one(cpu, skb, entry, type);
  }
  if (--shows_ == 0 && stale_) {
    stale_ = false;
    std::erase_if(taps_, [](const auto& each) { return each.second.removed; });
  }
  return any;
}

/// Time passes before each look at the tap, none between the look and what it does.
void Taps::show_one(kernel::Cpu& cpu, skb::SkBuff& skb, Entry& entry, skb::PacketType type) {
  std::uint32_t wanted = skb.len();
  if (entry.tap.filter != nullptr) {
    cpu.charge(kernel::Op::socket_filter);
    if (entry.removed) return;
    wanted = entry.tap.filter(cpu, skb);
    if (wanted == 0) return;
  }
  cpu.charge(kernel::Op::skb_clone);
  if (entry.removed) return;
  skb::Skb twin = skb.clone();
  if (!twin) {
    cpu.count_drop(base::DropReason::tap_no_memory, skb.id());
    return;
  }
  twin->packet_type = type;
  if (twin->timestamp == 0 || type == skb::PacketType::outgoing) twin->timestamp = cpu.now();
  cpu.trace(kernel::JourneyStep::tap, twin->id());
  entry.tap.take(cpu, std::move(twin), wanted);
}

}  // namespace host::device
