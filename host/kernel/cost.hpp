// SPDX-License-Identifier: Apache-2.0
// What each operation of the host costs its CPU: a table of times by name.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "host/base/result.hpp"

namespace host::kernel {

/// Every operation that is charged: X(name, default in nanoseconds). Names are what a configuration uses.
/// `_per_byte` rows are charged once a byte. Append new ones beside their layer.
// clang-format off
#define HOST_OPERATIONS(X)                                                                  \
  X(hard_irq_entry, 400) X(hard_irq_exit, 150) X(softirq_entry, 60) X(context_switch, 600)  \
  X(timer_expire, 80) X(ipi_send, 120) X(mmio_write, 60)                                    \
  X(napi_schedule, 30) X(napi_poll, 60) X(napi_complete, 40)                                \
  X(driver_receive_packet, 60) X(driver_refill_buffer, 30) X(driver_transmit_packet, 80)    \
  X(driver_reclaim_packet, 30) X(dma_map, 20) X(dma_unmap, 15)                              \
  X(skb_alloc, 35) X(skb_free, 20) X(skb_clone, 30) X(copy_per_byte, 0.06)                  \
  X(checksum_per_byte, 0.08) X(netif_receive, 60) X(dev_queue_xmit, 70)                     \
  X(flow_dissect, 45) X(backlog_enqueue, 30) X(gro_receive, 40) X(xdp, 25)                 \
  X(tc_classify, 30)                                                                        \
  X(arp_input, 120) X(neighbour_lookup, 30) X(ip_rcv, 70) X(ip_route, 40) X(ip_output, 70)  \
  X(ip_forward, 60) X(ip_fragment, 100) X(ip_reassemble, 80)                                  \
  X(icmp_rcv, 80) X(icmp_send, 80) X(igmp_rcv, 60) X(igmp_send, 60)                         \
  X(udp_rcv, 90) X(udp_send, 90)                                                            \
  X(nf_hook, 25) X(nft_rule, 12) X(conntrack, 60)                                           \
  X(socket_lookup, 30) X(socket_filter, 25) X(socket_queue, 40) X(socket_wake, 150) X(syscall, 180)
// clang-format on

#define HOST_OPERATION_ITEM(name, cost) name,
#define HOST_OPERATION_NAME(name, cost) #name,

enum class Op : std::uint8_t { HOST_OPERATIONS(HOST_OPERATION_ITEM) count };

inline constexpr std::size_t kOps = static_cast<std::size_t>(Op::count);
inline constexpr std::array<std::string_view, kOps> kOpNames = {HOST_OPERATIONS(HOST_OPERATION_NAME)};

/// Times in picoseconds, so that a cost a byte can be below a nanosecond.
class CostTable {
 public:
  /// Nothing costs anything: native tests and benchmarks.
  [[nodiscard]] static CostTable free();
  /// The defaults above: a 3 GHz server core, roughly.
  [[nodiscard]] static CostTable typical();

  [[nodiscard]] std::int64_t picoseconds(Op op) const { return costs_[static_cast<std::size_t>(op)]; }
  void set(Op op, double nanoseconds);
  /// Applies name -> nanoseconds. The unknown or negative entry's name on failure is in `culprit`.
  [[nodiscard]] base::Result<void> load(const std::map<std::string, double>& nanoseconds,
                                        std::string* culprit = nullptr);

 private:
  std::array<std::int64_t, kOps> costs_{};
};

}  // namespace host::kernel
