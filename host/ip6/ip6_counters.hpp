// SPDX-License-Identifier: Apache-2.0
// The counters of IPv6 and ICMPv6 under Linux's names (Linux: net/ipv6/proc.c).
#pragma once

#include <array>

#include "host/ip/counter_table.hpp"

namespace host::ip6 {

/// /proc/net/snmp6, the lines that begin with Ip6.
struct Ip6Counters {
  std::uint64_t in_receives = 0;
  std::uint64_t in_hdr_errors = 0;
  std::uint64_t in_too_big_errors = 0;
  std::uint64_t in_no_routes = 0;
  std::uint64_t in_addr_errors = 0;
  std::uint64_t in_unknown_protos = 0;
  std::uint64_t in_truncated_pkts = 0;
  std::uint64_t in_discards = 0;
  std::uint64_t in_delivers = 0;
  std::uint64_t out_forw_datagrams = 0;
  std::uint64_t out_requests = 0;
  std::uint64_t out_discards = 0;
  std::uint64_t out_no_routes = 0;
  std::uint64_t reasm_timeout = 0;
  std::uint64_t reasm_reqds = 0;
  std::uint64_t reasm_oks = 0;
  std::uint64_t reasm_fails = 0;
  std::uint64_t frag_oks = 0;
  std::uint64_t frag_fails = 0;
  std::uint64_t frag_creates = 0;
  std::uint64_t in_mcast_pkts = 0;
  std::uint64_t out_mcast_pkts = 0;
  std::uint64_t in_octets = 0;
  std::uint64_t out_octets = 0;
  std::uint64_t in_mcast_octets = 0;
  std::uint64_t out_mcast_octets = 0;
};

inline constexpr std::array<ip::CounterName<Ip6Counters>, 26> kIp6CounterNames{{
    {"InReceives", &Ip6Counters::in_receives},
    {"InHdrErrors", &Ip6Counters::in_hdr_errors},
    {"InTooBigErrors", &Ip6Counters::in_too_big_errors},
    {"InNoRoutes", &Ip6Counters::in_no_routes},
    {"InAddrErrors", &Ip6Counters::in_addr_errors},
    {"InUnknownProtos", &Ip6Counters::in_unknown_protos},
    {"InTruncatedPkts", &Ip6Counters::in_truncated_pkts},
    {"InDiscards", &Ip6Counters::in_discards},
    {"InDelivers", &Ip6Counters::in_delivers},
    {"OutForwDatagrams", &Ip6Counters::out_forw_datagrams},
    {"OutRequests", &Ip6Counters::out_requests},
    {"OutDiscards", &Ip6Counters::out_discards},
    {"OutNoRoutes", &Ip6Counters::out_no_routes},
    {"ReasmTimeout", &Ip6Counters::reasm_timeout},
    {"ReasmReqds", &Ip6Counters::reasm_reqds},
    {"ReasmOKs", &Ip6Counters::reasm_oks},
    {"ReasmFails", &Ip6Counters::reasm_fails},
    {"FragOKs", &Ip6Counters::frag_oks},
    {"FragFails", &Ip6Counters::frag_fails},
    {"FragCreates", &Ip6Counters::frag_creates},
    {"InMcastPkts", &Ip6Counters::in_mcast_pkts},
    {"OutMcastPkts", &Ip6Counters::out_mcast_pkts},
    {"InOctets", &Ip6Counters::in_octets},
    {"OutOctets", &Ip6Counters::out_octets},
    {"InMcastOctets", &Ip6Counters::in_mcast_octets},
    {"OutMcastOctets", &Ip6Counters::out_mcast_octets},
}};

/// The lines that begin with Icmp6.
struct Icmp6Counters {
  std::uint64_t in_msgs = 0;
  std::uint64_t in_errors = 0;
  std::uint64_t out_msgs = 0;
  std::uint64_t out_errors = 0;
  std::uint64_t in_csum_errors = 0;
  std::uint64_t out_rate_limit_host = 0;
  /// Messages by type: `Icmp6InType128` and `Icmp6OutType129`; those with a name of their own have both lines.
  std::array<std::uint64_t, 256> in_types{};
  std::array<std::uint64_t, 256> out_types{};
};

inline constexpr std::array<ip::CounterName<Icmp6Counters>, 6> kIcmp6CounterNames{{
    {"InMsgs", &Icmp6Counters::in_msgs},
    {"InErrors", &Icmp6Counters::in_errors},
    {"OutMsgs", &Icmp6Counters::out_msgs},
    {"OutErrors", &Icmp6Counters::out_errors},
    {"InCsumErrors", &Icmp6Counters::in_csum_errors},
    {"OutRateLimitHost", &Icmp6Counters::out_rate_limit_host},
}};

/// Linux: icmp6type2name, in the order of /proc/net/snmp6.
struct Icmp6TypeName {
  std::uint8_t type;
  std::string_view name;
};
inline constexpr std::array<Icmp6TypeName, 15> kIcmp6TypeNames{{
    {1, "DestUnreachs"},
    {2, "PktTooBigs"},
    {3, "TimeExcds"},
    {4, "ParmProblems"},
    {128, "Echos"},
    {129, "EchoReplies"},
    {130, "GroupMembQueries"},
    {131, "GroupMembResponses"},
    {132, "GroupMembReductions"},
    {133, "RouterSolicits"},
    {134, "RouterAdvertisements"},
    {135, "NeighborSolicits"},
    {136, "NeighborAdvertisements"},
    {137, "Redirects"},
    {143, "MLDv2Reports"},
}};

}  // namespace host::ip6
