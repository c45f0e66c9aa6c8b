// SPDX-License-Identifier: Apache-2.0
// Receive packet steering: a packet goes on where its flow's CPU is, or its application's (Linux: net/core/dev.c,
// get_rps_cpu, enqueue_to_backlog; Documentation/networking/scaling.rst).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "host/device/backlog.hpp"
#include "host/device/flow_limit.hpp"
#include "host/device/rx_queue.hpp"
#include "host/device/sock_flow_table.hpp"
#include "host/kernel/kernel.hpp"

namespace host::device {

/// The backlogs of all CPUs, and who decides between them.
class Rps {
 public:
  /// The kernel outlives it.
  Rps(kernel::Kernel& kernel, const Backlog::Receive& receive);

  /// The CPU that shall take the packet, data behind the Ethernet header; none: this one, without a backlog. Gives the
  /// packet a hash if it needs one. The application's CPU is preferred, once the packets of the flow that are on their
  /// way to another one are through.
  [[nodiscard]] std::optional<unsigned> select(kernel::Cpu& cpu, skb::SkBuff& skb);
  /// To the backlog of CPU `target`; false when it was dropped there: netdev_max_backlog, or the flow's limit.
  bool enqueue(kernel::Cpu& cpu, skb::Skb skb, unsigned target);

  /// Sockets tell it where their applications are.
  [[nodiscard]] SockFlowTable& sock_flows() { return sock_flows_; }
  [[nodiscard]] const Backlog& backlog(unsigned cpu) const { return *backlogs_[cpu]; }
  /// The device goes, and with it the packets that came by it.
  void flush(const NetDevice& dev);

 private:
  [[nodiscard]] std::optional<unsigned> follow(RpsFlow& flow, unsigned desired) const;
  void remember(const skb::SkBuff& skb, unsigned target);
  void add_flow_limit_tunables();
  void set_flow_limit_cpus(const kernel::CpuSet& cpus);
  [[nodiscard]] bool exceeds_flow_limit(kernel::Cpu& cpu, const skb::SkBuff& skb, std::size_t queued);

  kernel::Kernel& kernel_;
  const kernel::Sysctl& max_backlog_;
  std::vector<std::unique_ptr<Backlog>> backlogs_;  // by CPU
  SockFlowTable sock_flows_;
  std::size_t flow_limit_table_len_;
  std::vector<std::optional<FlowLimit>> flow_limits_;  // by CPU, of what that CPU enqueues anywhere
};

/// The flow's hash of a packet with data behind the Ethernet header; computed once (Linux: skb_get_hash).
[[nodiscard]] std::uint32_t receive_hash(kernel::Cpu& cpu, skb::SkBuff& skb);

}  // namespace host::device
