// SPDX-License-Identifier: Apache-2.0
// The counters of IP and ICMP under Linux's names (Linux: net/ipv4/proc.c).
#pragma once

#include <array>

#include "host/ip/counter_table.hpp"

namespace host::ip {

/// /proc/net/snmp `Ip:`. Forwarding and DefaultTTL are settings that Linux prints on the same line.
struct IpCounters {
  std::uint64_t forwarding = 2;  // RFC 1213: 2 is "not forwarding"
  std::uint64_t default_ttl = 64;
  std::uint64_t in_receives = 0;
  std::uint64_t in_hdr_errors = 0;
  std::uint64_t in_addr_errors = 0;
  std::uint64_t forw_datagrams = 0;
  std::uint64_t in_unknown_protos = 0;
  std::uint64_t in_discards = 0;
  std::uint64_t in_delivers = 0;
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
  std::uint64_t out_transmits = 0;
};

inline constexpr std::array<CounterName<IpCounters>, 20> kIpCounterNames{{
    {"Forwarding", &IpCounters::forwarding},
    {"DefaultTTL", &IpCounters::default_ttl},
    {"InReceives", &IpCounters::in_receives},
    {"InHdrErrors", &IpCounters::in_hdr_errors},
    {"InAddrErrors", &IpCounters::in_addr_errors},
    {"ForwDatagrams", &IpCounters::forw_datagrams},
    {"InUnknownProtos", &IpCounters::in_unknown_protos},
    {"InDiscards", &IpCounters::in_discards},
    {"InDelivers", &IpCounters::in_delivers},
    {"OutRequests", &IpCounters::out_requests},
    {"OutDiscards", &IpCounters::out_discards},
    {"OutNoRoutes", &IpCounters::out_no_routes},
    {"ReasmTimeout", &IpCounters::reasm_timeout},
    {"ReasmReqds", &IpCounters::reasm_reqds},
    {"ReasmOKs", &IpCounters::reasm_oks},
    {"ReasmFails", &IpCounters::reasm_fails},
    {"FragOKs", &IpCounters::frag_oks},
    {"FragFails", &IpCounters::frag_fails},
    {"FragCreates", &IpCounters::frag_creates},
    {"OutTransmits", &IpCounters::out_transmits},
}};

/// The part of /proc/net/netstat `IpExt:` that this stack counts.
struct IpExtCounters {
  std::uint64_t in_no_routes = 0;
  std::uint64_t in_truncated_pkts = 0;
  std::uint64_t in_mcast_pkts = 0;
  std::uint64_t out_mcast_pkts = 0;
  std::uint64_t in_bcast_pkts = 0;
  std::uint64_t out_bcast_pkts = 0;
  std::uint64_t in_octets = 0;
  std::uint64_t out_octets = 0;
  std::uint64_t in_mcast_octets = 0;
  std::uint64_t out_mcast_octets = 0;
  std::uint64_t in_bcast_octets = 0;
  std::uint64_t out_bcast_octets = 0;
  std::uint64_t in_csum_errors = 0;
  std::uint64_t reasm_overlaps = 0;
};

inline constexpr std::array<CounterName<IpExtCounters>, 14> kIpExtCounterNames{{
    {"InNoRoutes", &IpExtCounters::in_no_routes},
    {"InTruncatedPkts", &IpExtCounters::in_truncated_pkts},
    {"InMcastPkts", &IpExtCounters::in_mcast_pkts},
    {"OutMcastPkts", &IpExtCounters::out_mcast_pkts},
    {"InBcastPkts", &IpExtCounters::in_bcast_pkts},
    {"OutBcastPkts", &IpExtCounters::out_bcast_pkts},
    {"InOctets", &IpExtCounters::in_octets},
    {"OutOctets", &IpExtCounters::out_octets},
    {"InMcastOctets", &IpExtCounters::in_mcast_octets},
    {"OutMcastOctets", &IpExtCounters::out_mcast_octets},
    {"InBcastOctets", &IpExtCounters::in_bcast_octets},
    {"OutBcastOctets", &IpExtCounters::out_bcast_octets},
    {"InCsumErrors", &IpExtCounters::in_csum_errors},
    {"ReasmOverlaps", &IpExtCounters::reasm_overlaps},
}};

/// /proc/net/stat/rt_cache, the columns in use, and TcpExt's IPReversePathFilter and ArpFilter.
struct RouteCounters {
  std::uint64_t in_no_route = 0;
  std::uint64_t in_brd = 0;
  std::uint64_t in_martian_dst = 0;
  std::uint64_t in_martian_src = 0;
  std::uint64_t reverse_path_filter = 0;
  std::uint64_t arp_filter = 0;
};

inline constexpr std::array<CounterName<RouteCounters>, 6> kRouteCounterNames{{
    {"in_no_route", &RouteCounters::in_no_route},
    {"in_brd", &RouteCounters::in_brd},
    {"in_martian_dst", &RouteCounters::in_martian_dst},
    {"in_martian_src", &RouteCounters::in_martian_src},
    {"IPReversePathFilter", &RouteCounters::reverse_path_filter},
    {"ArpFilter", &RouteCounters::arp_filter},
}};

/// /proc/net/snmp `Icmp:`.
struct IcmpCounters {
  std::uint64_t in_msgs = 0;
  std::uint64_t in_errors = 0;
  std::uint64_t in_csum_errors = 0;
  std::uint64_t in_dest_unreachs = 0;
  std::uint64_t in_time_excds = 0;
  std::uint64_t in_parm_probs = 0;
  std::uint64_t in_src_quenchs = 0;
  std::uint64_t in_redirects = 0;
  std::uint64_t in_echos = 0;
  std::uint64_t in_echo_reps = 0;
  std::uint64_t in_timestamps = 0;
  std::uint64_t in_timestamp_reps = 0;
  std::uint64_t in_addr_masks = 0;
  std::uint64_t in_addr_mask_reps = 0;
  std::uint64_t out_msgs = 0;
  std::uint64_t out_errors = 0;
  std::uint64_t out_rate_limit_global = 0;
  std::uint64_t out_rate_limit_host = 0;
  std::uint64_t out_dest_unreachs = 0;
  std::uint64_t out_time_excds = 0;
  std::uint64_t out_parm_probs = 0;
  std::uint64_t out_src_quenchs = 0;
  std::uint64_t out_redirects = 0;
  std::uint64_t out_echos = 0;
  std::uint64_t out_echo_reps = 0;
  std::uint64_t out_timestamps = 0;
  std::uint64_t out_timestamp_reps = 0;
  std::uint64_t out_addr_masks = 0;
  std::uint64_t out_addr_mask_reps = 0;
};

inline constexpr std::array<CounterName<IcmpCounters>, 29> kIcmpCounterNames{{
    {"InMsgs", &IcmpCounters::in_msgs},
    {"InErrors", &IcmpCounters::in_errors},
    {"InCsumErrors", &IcmpCounters::in_csum_errors},
    {"InDestUnreachs", &IcmpCounters::in_dest_unreachs},
    {"InTimeExcds", &IcmpCounters::in_time_excds},
    {"InParmProbs", &IcmpCounters::in_parm_probs},
    {"InSrcQuenchs", &IcmpCounters::in_src_quenchs},
    {"InRedirects", &IcmpCounters::in_redirects},
    {"InEchos", &IcmpCounters::in_echos},
    {"InEchoReps", &IcmpCounters::in_echo_reps},
    {"InTimestamps", &IcmpCounters::in_timestamps},
    {"InTimestampReps", &IcmpCounters::in_timestamp_reps},
    {"InAddrMasks", &IcmpCounters::in_addr_masks},
    {"InAddrMaskReps", &IcmpCounters::in_addr_mask_reps},
    {"OutMsgs", &IcmpCounters::out_msgs},
    {"OutErrors", &IcmpCounters::out_errors},
    {"OutRateLimitGlobal", &IcmpCounters::out_rate_limit_global},
    {"OutRateLimitHost", &IcmpCounters::out_rate_limit_host},
    {"OutDestUnreachs", &IcmpCounters::out_dest_unreachs},
    {"OutTimeExcds", &IcmpCounters::out_time_excds},
    {"OutParmProbs", &IcmpCounters::out_parm_probs},
    {"OutSrcQuenchs", &IcmpCounters::out_src_quenchs},
    {"OutRedirects", &IcmpCounters::out_redirects},
    {"OutEchos", &IcmpCounters::out_echos},
    {"OutEchoReps", &IcmpCounters::out_echo_reps},
    {"OutTimestamps", &IcmpCounters::out_timestamps},
    {"OutTimestampReps", &IcmpCounters::out_timestamp_reps},
    {"OutAddrMasks", &IcmpCounters::out_addr_masks},
    {"OutAddrMaskReps", &IcmpCounters::out_addr_mask_reps},
}};

}  // namespace host::ip
