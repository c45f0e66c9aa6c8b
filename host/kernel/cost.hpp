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

/// Every operation that is charged, by layer. What it costs, and why, is its line in costs.toml; `_per_byte` rows are
/// charged once a byte.
// clang-format off
#define HOST_OPERATIONS(X)                                                                  \
  X(hard_irq_entry) X(hard_irq_exit) X(softirq_entry) X(context_switch)                     \
  X(timer_expire) X(ipi_send) X(mmio_write)                                                 \
  X(napi_schedule) X(napi_poll) X(napi_complete)                                            \
  X(driver_receive_packet) X(driver_refill_buffer) X(driver_transmit_packet)                \
  X(driver_reclaim_packet) X(dma_map) X(dma_unmap)                                          \
  X(skb_alloc) X(skb_free) X(skb_clone) X(copy_per_byte)                                    \
  X(checksum_per_byte) X(netif_receive) X(dev_queue_xmit)                                   \
  X(flow_dissect) X(backlog_enqueue) X(gro_receive) X(xdp)                                  \
  X(tc_classify)                                                                            \
  X(arp_input) X(neighbour_lookup) X(ip_rcv) X(ip_route) X(ip_output)                       \
  X(ip_forward) X(ip_fragment) X(ip_reassemble)                                             \
  X(icmp_rcv) X(icmp_send) X(igmp_rcv) X(igmp_send)                                         \
  X(udp_rcv) X(udp_send)                                                                    \
  X(nf_hook) X(nft_rule) X(conntrack)                                                       \
  X(socket_lookup) X(socket_filter) X(socket_queue) X(socket_wake) X(syscall)
// clang-format on

#define HOST_OPERATION_ITEM(name) name,
#define HOST_OPERATION_NAME(name) #name,

enum class Op : std::uint8_t { HOST_OPERATIONS(HOST_OPERATION_ITEM) count };

inline constexpr std::size_t kOps = static_cast<std::size_t>(Op::count);
inline constexpr std::array<std::string_view, kOps> kOpNames = {HOST_OPERATIONS(HOST_OPERATION_NAME)};

/// Times in picoseconds, so that a cost a byte can be below a nanosecond.
class CostTable {
 public:
  /// Nothing costs anything: native tests and benchmarks.
  [[nodiscard]] static CostTable free();
  /// Those of costs.toml in this folder: a server core of about 3.6 GHz.
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
