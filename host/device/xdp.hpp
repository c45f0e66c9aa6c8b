// SPDX-License-Identifier: Apache-2.0
// A program that sees each frame before the stack does (Linux: XDP; include/uapi/linux/bpf.h, enum xdp_action).
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "host/device/bpf.hpp"
#include "host/kernel/cpu.hpp"
#include "host/skb/skb.hpp"

namespace host::device {

class NetDevice;

/// In the values that a program returns.
enum class XdpAction : std::uint8_t { aborted, drop, pass, tx, redirect };

/// A received frame as its program sees it (Linux: struct xdp_md).
class XdpFrame {
 public:
  /// `skb` is linear and not shared, data at the Ethernet header; outlives it.
  XdpFrame(skb::SkBuff& skb, unsigned cpu) : skb_(skb), cpu_(cpu) {}

  /// From the Ethernet header on, for reading and writing.
  [[nodiscard]] std::span<std::byte> bytes() { return skb_.writable(); }
  /// More bytes in front (their contents are nobody's) or fewer (Linux: bpf_xdp_adjust_head, where the sign is the
  /// other one). invalid: no room, or no Ethernet header left.
  [[nodiscard]] base::Result<void> grow_head(std::uint32_t bytes);
  [[nodiscard]] base::Result<void> shrink_head(std::uint32_t bytes);
  /// Cut to so many bytes (Linux: bpf_xdp_adjust_tail). invalid: no Ethernet header left, or longer than it is.
  [[nodiscard]] base::Result<void> trim(std::uint32_t bytes);

  [[nodiscard]] unsigned rx_queue() const { return skb_.rx_queue == 0 ? 0 : skb_.rx_queue - 1u; }
  [[nodiscard]] unsigned cpu() const { return cpu_; }
  [[nodiscard]] const skb::SkBuff& skb() const { return skb_; }
  /// Where XdpAction::redirect goes (Linux: bpf_redirect).
  void redirect_to(NetDevice& dev) { target_ = &dev; }
  [[nodiscard]] NetDevice* target() const { return target_; }

 private:
  skb::SkBuff& skb_;
  unsigned cpu_;
  NetDevice* target_ = nullptr;
};

/// Runs in softirq context and takes no time of its own.
using XdpProgram = std::function<XdpAction(XdpFrame&)>;

/// A classic BPF program whose answer is the action, by number; any other number is aborted. It may redirect to
/// `target` only.
[[nodiscard]] XdpProgram xdp_from_bpf(BpfProgram program, NetDevice* target = nullptr);

/// `ethtool -S`: rx_xdp_packets and its kin.
struct XdpStats {
  std::uint64_t packets = 0;
  std::uint64_t tx = 0;
  std::uint64_t tx_errors = 0;  // the queue was full or down
  std::uint64_t redirects = 0;
  std::uint64_t redirect_errors = 0;
  std::uint64_t drops = 0;
  std::uint64_t aborted = 0;
};

/// Runs the program of skb->dev, data at the Ethernet header. The frame if it passes (data still at the Ethernet
/// header, which may have moved); else null: it went elsewhere, or was dropped and counted. tx and redirect go by the
/// target's qdisc, for its transmit ring has one sender at a time.
[[nodiscard]] skb::Skb xdp_run(kernel::Cpu& cpu, skb::Skb skb);

}  // namespace host::device
