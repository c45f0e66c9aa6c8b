// SPDX-License-Identifier: Apache-2.0
// Verdicts on frames (Linux: net/core/filter.c, bpf_prog_run_xdp and its callers in drivers).
#include "host/device/xdp.hpp"

#include "host/device/net_core.hpp"

namespace host::device {
namespace {

using base::DropReason;
using base::Errno;

/// Out of `dev`, as it is.
bool send(kernel::Cpu& cpu, skb::Skb skb, NetDevice& dev) {
  skb->dev = &dev;
  return dev.core()->dev_queue_xmit(cpu, std::move(skb)).ok();
}

skb::Skb end(kernel::Cpu& cpu, skb::Skb skb, DropReason reason) {
  skb::drop(cpu, std::move(skb), reason);
  return nullptr;
}

}  // namespace

base::Result<void> XdpFrame::grow_head(std::uint32_t bytes) {
  if (bytes > skb_.headroom()) return Errno::invalid;
  skb_.restore(bytes);
  return {};
}

base::Result<void> XdpFrame::shrink_head(std::uint32_t bytes) {
  if (skb_.len() < kEthernetHeaderBytes || bytes > skb_.len() - kEthernetHeaderBytes) return Errno::invalid;
  skb_.pull(bytes);
  return {};
}

base::Result<void> XdpFrame::trim(std::uint32_t bytes) {
  if (bytes < kEthernetHeaderBytes || bytes > skb_.len()) return Errno::invalid;
  skb_.trim(bytes);
  return {};
}

XdpProgram xdp_from_bpf(BpfProgram program, NetDevice* target) {
  return [program = std::move(program), target](XdpFrame& frame) {
    if (target != nullptr) frame.redirect_to(*target);
    const std::uint32_t answer = program.run({frame.skb(), frame.cpu()});
    return answer <= static_cast<std::uint32_t>(XdpAction::redirect) ? static_cast<XdpAction>(answer)
                                                                     : XdpAction::aborted;
  };
}

skb::Skb xdp_run(kernel::Cpu& cpu, skb::Skb skb) {
  NetDevice& dev = *skb->dev;
  cpu.charge(kernel::Op::xdp);
  XdpStats& stats = dev.xdp_stats();
  ++stats.packets;
  if (!skb->linearize() || !skb->unshare()) {
    ++stats.drops;
    return end(cpu, std::move(skb), DropReason::xdp_no_memory);
  }
  const XdpProgram program = dev.xdp();  // it may be replaced while a frame is sent
  XdpFrame frame(*skb, cpu.id());
  switch (program(frame)) {
    case XdpAction::pass:
      return skb;
    case XdpAction::tx:
      ++(send(cpu, std::move(skb), dev) ? stats.tx : stats.tx_errors);
      return nullptr;
    case XdpAction::redirect:
      if (frame.target() == nullptr || frame.target()->core() == nullptr) {
        ++stats.redirect_errors;
        return end(cpu, std::move(skb), DropReason::xdp_redirect);
      }
      ++(send(cpu, std::move(skb), *frame.target()) ? stats.redirects : stats.redirect_errors);
      return nullptr;
    case XdpAction::drop:
      ++stats.drops;
      return end(cpu, std::move(skb), DropReason::xdp_drop);
    case XdpAction::aborted:
      break;
  }
  ++stats.aborted;
  return end(cpu, std::move(skb), DropReason::xdp_aborted);
}

}  // namespace host::device
