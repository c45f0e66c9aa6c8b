// SPDX-License-Identifier: Apache-2.0
// Why a packet ended early (Linux: enum skb_drop_reason), and how many did.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace host::base {

/// Every reason, in the order of a packet's journey. Append new ones beside their layer.
// clang-format off
#define HOST_DROP_REASONS(X)                                                        \
  /* driver */                                                                      \
  X(rx_length_error) X(rx_no_memory) X(rx_bad_offload) X(tx_device_down) X(tx_too_long) \
  X(tx_no_memory) X(tx_ring_error) X(tx_bad_offload) X(tx_reset)                    \
  /* device */                                                                      \
  X(xdp_drop) X(xdp_aborted) X(xdp_redirect) X(xdp_no_memory) X(tc_ingress) X(tc_egress) X(vlan_no_memory) \
  X(veth_refused) X(short_ethernet) X(cpu_backlog) X(unknown_protocol) X(other_host) X(interface_down) X(qdisc_full) \
  X(qdisc_congested) X(qdisc_too_big) X(fq_flow_limit) X(queue_purge) X(tx_queue_stopped) X(tap_no_memory) \
  X(tap_buffer_full)                                                                \
  /* arp */                                                                         \
  X(arp_malformed) X(arp_unwanted) X(arp_queue_full) X(arp_unresolved)                              \
  /* ip */                                                                          \
  X(ip_too_short) X(ip_bad_version) X(ip_bad_checksum) X(ip_bad_length)             \
  X(ip_bad_options) X(ip_not_local) X(ip_no_route) X(ip_no_protocol) X(ip_bad_source) \
  X(ip_bad_destination) X(ip_reverse_path) X(ip_source_route) X(ip_not_member)                       \
  X(ip_fragment_failed) X(ip_fragment_timeout) X(ip_fragment_overflow) X(ip_fragment_duplicate) X(ip_ttl_expired) \
  X(ip_no_memory) X(ip_too_big)                                                     \
  /* netfilter */                                                                   \
  X(netfilter_drop)                                                                 \
  /* ipv6 and neighbour discovery */                                                \
  X(ip6_disabled) X(nd_malformed) X(nd_queue_full) X(nd_unresolved)                 \
  /* icmp */                                                                        \
  X(icmp_too_short) X(icmp_bad_checksum) X(icmp_unhandled) X(icmp_rate_limited) X(igmp_malformed)     \
  X(mld_malformed) X(mld_unwanted)                                                  \
  /* udp and sockets */                                                             \
  X(udp_too_short) X(udp_bad_length) X(udp_bad_checksum) X(udp_no_port)             \
  X(socket_filter) X(socket_receive_buffer_full) X(socket_no_memory) X(socket_closed)
// clang-format on

#define HOST_DROP_REASON_ITEM(name) name,
#define HOST_DROP_REASON_NAME(name) #name,

enum class DropReason : std::uint8_t { HOST_DROP_REASONS(HOST_DROP_REASON_ITEM) count };

inline constexpr std::size_t kDropReasons = static_cast<std::size_t>(DropReason::count);
inline constexpr std::array<std::string_view, kDropReasons> kDropReasonNames = {
    HOST_DROP_REASONS(HOST_DROP_REASON_NAME)};

[[nodiscard]] constexpr std::string_view drop_reason_name(DropReason reason) {
  return kDropReasonNames[static_cast<std::size_t>(reason)];
}

/// One host's drops, each under exactly one reason.
class DropCounters {
 public:
  void add(DropReason reason) { ++counts_[static_cast<std::size_t>(reason)]; }
  [[nodiscard]] std::uint64_t operator[](DropReason reason) const { return counts_[static_cast<std::size_t>(reason)]; }
  [[nodiscard]] std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const auto count : counts_) sum += count;
    return sum;
  }

 private:
  std::array<std::uint64_t, kDropReasons> counts_{};
};

}  // namespace host::base
