// SPDX-License-Identifier: Apache-2.0
// A frame leaves: through the qdisc to the driver (Linux: __dev_queue_xmit, __qdisc_run, sch_direct_xmit).
#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/device/net_core.hpp"

namespace host::device {
namespace {

using base::DropReason;
using base::Errno;

/// Ends a frame that may not leave; the caller gets the errno.
Errno refuse(kernel::Cpu& cpu, skb::Skb skb, DropReason reason, Errno error) {
  ++skb->dev->stats().tx_dropped;
  skb::drop(cpu, std::move(skb), reason);
  return error;
}

}  // namespace

base::Result<void> NetCore::dev_queue_xmit(kernel::Cpu& cpu, skb::Skb skb) {
  const kernel::BottomHalfGuard guard(cpu);
  cpu.charge(kernel::Op::dev_queue_xmit);
  cpu.trace(kernel::JourneyStep::dev_queue_xmit, skb->id());
  NetDevice& dev = *skb->dev;
  if (skb->headlen() < kEthernetHeaderBytes) {
    return refuse(cpu, std::move(skb), DropReason::short_ethernet, Errno::invalid);
  }
  if (!dev.is_up()) return refuse(cpu, std::move(skb), DropReason::interface_down, Errno::network_down);
  if (!dev.carrier_ok()) {
    ++dev.stats().tx_carrier_errors;
    return refuse(cpu, std::move(skb), DropReason::interface_down, Errno::network_down);
  }
  if (skb->ip_summed == skb::IpSummed::partial) {
    cpu.charge(kernel::Op::checksum_per_byte, skb->len());
    const auto summed = checksum_help(*skb);
    if (!summed) return refuse(cpu, std::move(skb), DropReason::tx_no_memory, summed.error());
  }
  skb->reset_mac_header();
  const auto id = skb->id();
  if (!dev.qdisc().enqueue(skb)) {
    return refuse(cpu, std::move(skb), DropReason::qdisc_full, Errno::no_buffers);
  }
  cpu.trace(kernel::JourneyStep::qdisc_enqueue, id);
  qdisc_run(cpu, dev);
  return {};
}

base::Result<void> checksum_help(skb::SkBuff& skb) {
  if (const auto linear = skb.linearize(); !linear) return linear.error();
  if (const auto own = skb.unshare(); !own) return own.error();
  const auto bytes = skb.writable();
  const std::size_t start = skb.csum_start_from_data();
  const std::size_t field = start + skb.csum_offset;
  if (start > bytes.size() || field + sizeof(std::uint16_t) > bytes.size()) return Errno::invalid;
  const std::uint16_t sum = base::internet_checksum(bytes.subspan(start));
  base::store_be16(bytes, field, sum == 0 ? std::uint16_t{0xffff} : sum);  // RFC 768: 0 means none
  skb.ip_summed = skb::IpSummed::none;
  return {};
}

void qdisc_run(kernel::Cpu& cpu, NetDevice& dev) {
  auto& qdisc = dev.qdisc();
  if (qdisc.running_) return;  // whoever runs it finds what we queued
  qdisc.running_ = true;
  auto quota = dev.core()->tx_quota();
  for (; quota > 0 && dev.is_up() && !dev.queue_stopped(); --quota) {
    skb::Skb skb = qdisc.dequeue();
    if (!skb) break;
    const auto bytes = skb->len();
    const auto more = quota > 1 && qdisc.backlog_packets() > 0 ? XmitMore::yes : XmitMore::no;
    dev.core()->deliver_to_taps(cpu, *skb, 0);
    if (dev.ops_.start_xmit(cpu, dev, skb, more) == TxResult::busy) {
      qdisc.requeue(std::move(skb));
      break;
    }
    ++qdisc.stats_.sent_packets;
    qdisc.stats_.sent_bytes += bytes;
  }
  qdisc.running_ = false;
  const bool more_to_do = dev.is_up() && !dev.queue_stopped() && qdisc.backlog_packets() > 0;
  if (more_to_do) dev.core()->netif_schedule(cpu, dev);
}

}  // namespace host::device
