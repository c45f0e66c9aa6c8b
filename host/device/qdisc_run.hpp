// SPDX-License-Identifier: Apache-2.0
// A qdisc's packets go to the driver (Linux: __qdisc_run, sch_direct_xmit, dev_hard_start_xmit).
#pragma once

#include "host/device/net_core.hpp"

namespace host::device {

/// Sends what a qdisc gives while the driver takes it, up to a quota; the rest is left to NET_TX.
class QdiscRun {
 public:
  QdiscRun(kernel::Cpu& cpu, NetDevice& dev, qdisc::Qdisc& qdisc) : cpu_(cpu), dev_(dev), qdisc_(qdisc) {}

  /// Does nothing while another CPU runs it: that one finds what was queued.
  void run();
  /// Sends the packet past its qdisc when that has nothing to say, and what comes meanwhile; false: the packet is still
  /// there. Linux: TCQ_F_CAN_BYPASS in __dev_xmit_skb.
  [[nodiscard]] bool bypass(skb::Skb& skb);
  /// One packet, or the frames that it is cut into, to the taps and the driver; returns what the driver did not take,
  /// in order. Linux: validate_xmit_skb, dev_hard_start_xmit.
  [[nodiscard]] static std::vector<skb::Skb> transmit(kernel::Cpu& cpu, NetDevice& dev, skb::Skb&& skb, XmitMore more);

 private:
  /// Whether there may be something left that could go at once.
  [[nodiscard]] bool send_quota();
  /// What the driver did not take goes back to the qdisc; returns whether it may take it now.
  [[nodiscard]] bool put_back(std::vector<skb::Skb> rest, unsigned queue);
  void end(bool again);
  [[nodiscard]] skb::Skb next_packet();
  [[nodiscard]] static TxResult transmit_one(kernel::Cpu& cpu, NetDevice& dev, skb::Skb& skb, XmitMore more);
  /// The device may have another one beside this. Linux: qdisc_avail_bulklimit.
  [[nodiscard]] bool may_follow(const skb::SkBuff& skb) const;

  kernel::Cpu& cpu_;
  NetDevice& dev_;
  qdisc::Qdisc& qdisc_;
};

/// Its qdisc stays where it is while this lives.
class QdiscUse {
 public:
  explicit QdiscUse(qdisc::Qdisc& qdisc) : qdisc_(qdisc) { ++qdisc_.state.users; }
  ~QdiscUse() { --qdisc_.state.users; }
  QdiscUse(const QdiscUse&) = delete;
  QdiscUse& operator=(const QdiscUse&) = delete;

 private:
  qdisc::Qdisc& qdisc_;
};

}  // namespace host::device
