// SPDX-License-Identifier: Apache-2.0
// A frame leaves: checked, given its queue, and to the qdisc there (Linux: __dev_queue_xmit, sch_handle_egress,
// __dev_xmit_skb).
#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/device/flow_hash.hpp"
#include "host/device/net_core.hpp"
#include "host/device/qdisc_run.hpp"
#include "host/device/validate_xmit.hpp"
#include "host/qdisc/packet_queue.hpp"

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

base::Result<void> NetCore::dev_queue_xmit(kernel::Cpu& cpu, skb::Skb&& skb) {
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
  if (!dev.egress().empty()) {
    auto left = dev.egress().run_sent(cpu, std::move(skb));
    if (!left) return left.error();
    skb = *std::move(left);
    if (!skb) return {};  // it went elsewhere
  }
  return enqueue(cpu, std::move(skb));
}

void NetCore::redirect(kernel::Cpu& cpu, skb::Skb skb) {
  ++redirects_[cpu.id()];
  static_cast<void>(dev_queue_xmit(cpu, std::move(skb)));
  --redirects_[cpu.id()];
}

bool NetCore::may_redirect(const kernel::Cpu& cpu) const {
  constexpr unsigned kDeepest = 4;
  return redirects_[cpu.id()] < kDeepest;
}

base::Result<void> NetCore::enqueue(kernel::Cpu& cpu, skb::Skb&& skb) {
  NetDevice& dev = *skb->dev;
  skb->queue_mapping = static_cast<std::uint16_t>(pick_tx_queue(dev, *skb, cpu.id()));
  qdisc::Qdisc& qdisc = dev.qdisc(skb->queue_mapping);
  const QdiscUse use(qdisc);
  if (!qdisc.queues()) return transmit_at_once(cpu, std::move(skb));
  const auto id = skb->id();
  qdisc::set_note(*skb, {.bytes = count_wire_bytes(*skb)});
  QdiscRun run(cpu, dev, qdisc);
  if (run.bypass(skb)) {
    return {};
  }
  const auto verdict = qdisc.enqueue(cpu, std::move(skb));
  if (verdict != qdisc::Verdict::drop) cpu.trace(kernel::JourneyStep::qdisc_enqueue, id);
  run.run();
  if (verdict == qdisc::Verdict::drop) return Errno::no_buffers;
  return {};
}

base::Result<void> NetCore::transmit_at_once(kernel::Cpu& cpu, skb::Skb&& skb) {
  NetDevice& dev = *skb->dev;
  auto rest = QdiscRun::transmit(cpu, dev, std::move(skb), XmitMore::no);
  if (rest.empty()) return {};
  for (skb::Skb& left : rest) {
    static_cast<void>(refuse(cpu, std::move(left), DropReason::tx_queue_stopped, Errno::network_down));
  }
  return Errno::network_down;
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

}  // namespace host::device
