// SPDX-License-Identifier: Apache-2.0
// A frame leaves: through the qdisc to the driver (Linux: __dev_queue_xmit, __qdisc_run, sch_direct_xmit).
#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/device/flow_hash.hpp"
#include "host/device/gso.hpp"
#include "host/device/net_core.hpp"

namespace host::device {
namespace {

using base::DropReason;
using base::Errno;

constexpr std::uint16_t kUdpChecksumOffset = 6;

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
  skb->reset_mac_header();
  if (skb->is_gso() && !device_segments(dev.offloads(), *skb)) return segment_and_enqueue(cpu, std::move(skb));
  if (skb->ip_summed == skb::IpSummed::partial && !dev.offloads().checksum) {
    cpu.charge(kernel::Op::checksum_per_byte, skb->len());
    const auto summed = checksum_help(*skb);
    if (!summed) return refuse(cpu, std::move(skb), DropReason::tx_no_memory, summed.error());
  }
  return enqueue(cpu, std::move(skb));
}

base::Result<void> NetCore::segment_and_enqueue(kernel::Cpu& cpu, skb::Skb skb) {
  cpu.charge(kernel::Op::copy_per_byte, skb->len());
  cpu.charge(kernel::Op::checksum_per_byte, skb->len());
  auto segments = gso_segment(*skb);
  if (!segments) return refuse(cpu, std::move(skb), DropReason::tx_no_memory, segments.error());
  base::Result<void> result;
  for (skb::Skb& segment : *segments) {
    cpu.charge(kernel::Op::skb_alloc);
    if (const auto sent = enqueue(cpu, std::move(segment)); !sent) result = sent;
  }
  return result;
}

base::Result<void> NetCore::enqueue(kernel::Cpu& cpu, skb::Skb skb) {
  NetDevice& dev = *skb->dev;
  const unsigned queue = pick_tx_queue(dev, *skb, cpu.id());
  skb->queue_mapping = static_cast<std::uint16_t>(queue);
  const auto id = skb->id();
  if (!dev.qdisc(queue).enqueue(skb)) {
    return refuse(cpu, std::move(skb), DropReason::qdisc_full, Errno::no_buffers);
  }
  cpu.trace(kernel::JourneyStep::qdisc_enqueue, id);
  qdisc_run(cpu, dev, queue);
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
  // RFC 768: 0 means none, so UDP sends the other zero. TCP keeps it, as the device does.
  const bool other_zero = sum == 0 && skb.csum_offset == kUdpChecksumOffset;
  base::store_be16(bytes, field, other_zero ? std::uint16_t{0xffff} : sum);
  skb.ip_summed = skb::IpSummed::none;
  return {};
}

unsigned pick_tx_queue(const NetDevice& dev, const skb::SkBuff& skb, unsigned cpu) {
  const unsigned all = dev.real_tx_queues();
  if (all == 1) return 0;
  const auto& mine = dev.xps(cpu);
  if (mine.size() == 1) return mine.front() % all;
  if (!mine.empty()) return mine[scale_hash(flow_hash(skb), static_cast<unsigned>(mine.size()))] % all;
  if (skb.rx_queue != 0) return (skb.rx_queue - 1u) % all;
  return scale_hash(flow_hash(skb), all);
}

void qdisc_run(kernel::Cpu& cpu, NetDevice& dev, unsigned queue) {
  auto& qdisc = dev.qdisc(queue);
  if (qdisc.running_) return;  // whoever runs it finds what we queued
  qdisc.running_ = true;
  auto quota = dev.core()->tx_quota();
  for (; quota > 0 && dev.is_up() && !dev.queue_stopped(queue); --quota) {
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
  const bool more_to_do = dev.is_up() && !dev.queue_stopped(queue) && qdisc.backlog_packets() > 0;
  if (more_to_do) dev.core()->netif_schedule(cpu, dev, queue);
}

}  // namespace host::device
