// SPDX-License-Identifier: Apache-2.0
// Segmentation and checksums in software.
#include "host/device/validate_xmit.hpp"

#include <utility>

#include "host/device/gso.hpp"
#include "host/device/net_core.hpp"
#include "host/qdisc/packet_queue.hpp"

namespace host::device {
namespace {

void refuse(kernel::Cpu& cpu, NetDevice& dev, skb::Skb skb, base::Errno error) {
  const bool memory = error == base::Errno::no_memory;
  ++dev.stats().tx_dropped;
  skb::drop(cpu, std::move(skb), memory ? base::DropReason::tx_no_memory : base::DropReason::tx_bad_offload);
}

}  // namespace

bool device_takes(const NetDevice& dev, const skb::SkBuff& skb) {
  if (skb.is_gso()) return device_segments(dev.offloads(), skb);
  return skb.ip_summed != skb::IpSummed::partial || dev.offloads().checksum;
}

base::Result<std::vector<skb::Skb>> segment_in_software(kernel::Cpu& cpu, const NetDevice& dev,
                                                        const skb::SkBuff& skb) {
  const GsoChecksum who = dev.offloads().checksum ? GsoChecksum::by_device : GsoChecksum::here;
  auto frames = gso_segment(skb, who);
  if (!frames) return frames;
  cpu.charge(kernel::Op::copy_per_byte, skb.len());
  if (who == GsoChecksum::here) cpu.charge(kernel::Op::checksum_per_byte, skb.len());
  cpu.charge(kernel::Op::skb_alloc, frames->size());
  return frames;
}

std::vector<skb::Skb> validate_xmit(kernel::Cpu& cpu, NetDevice& dev, skb::Skb skb) {
  std::vector<skb::Skb> frames;
  if (!skb->is_gso()) {
    cpu.charge(kernel::Op::checksum_per_byte, skb->len());
    if (const auto summed = checksum_help(*skb); !summed) {
      refuse(cpu, dev, std::move(skb), summed.error());
    } else {
      frames.push_back(std::move(skb));
    }
    return frames;
  }
  auto segments = segment_in_software(cpu, dev, *skb);
  if (!segments) {
    refuse(cpu, dev, std::move(skb), segments.error());
    return frames;
  }
  frames = std::move(*segments);
  for (const skb::Skb& frame : frames) {
    frame->queue_mapping = skb->queue_mapping;
    qdisc::set_note(*frame, {.bytes = frame->len()});
  }
  // The sender has his memory back when the last of them has gone.
  frames.back()->owner = std::move(skb->owner);
  return frames;
}

std::uint32_t count_wire_bytes(skb::SkBuff& skb) {
  if (!skb.is_gso()) return skb.len();
  const std::uint32_t header = gso_header_bytes(skb);
  if (header == 0) return skb.len();  // validate_xmit will refuse it
  if (skb.gso_segs == 0) {
    skb.gso_segs = static_cast<std::uint16_t>((skb.len() - header + skb.gso_size - 1) / skb.gso_size);
  }
  return skb.len() + (skb.gso_segs - 1u) * header;
}

}  // namespace host::device
