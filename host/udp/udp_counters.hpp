// SPDX-License-Identifier: Apache-2.0
// The counters of UDP under Linux's names (/proc/net/snmp `Udp:`, /proc/net/snmp6 `Udp6`), one set a family.
#pragma once

#include <array>

#include "host/ip/counter_table.hpp"

namespace host::udp {

struct UdpCounters {
  std::uint64_t in_datagrams = 0;
  std::uint64_t no_ports = 0;
  std::uint64_t in_errors = 0;
  std::uint64_t out_datagrams = 0;
  std::uint64_t rcvbuf_errors = 0;
  std::uint64_t sndbuf_errors = 0;
  std::uint64_t in_csum_errors = 0;
  std::uint64_t ignored_multi = 0;
  std::uint64_t mem_errors = 0;
};

inline constexpr std::array<ip::CounterName<UdpCounters>, 9> kUdpCounterNames{{
    {"InDatagrams", &UdpCounters::in_datagrams},
    {"NoPorts", &UdpCounters::no_ports},
    {"InErrors", &UdpCounters::in_errors},
    {"OutDatagrams", &UdpCounters::out_datagrams},
    {"RcvbufErrors", &UdpCounters::rcvbuf_errors},
    {"SndbufErrors", &UdpCounters::sndbuf_errors},
    {"InCsumErrors", &UdpCounters::in_csum_errors},
    {"IgnoredMulti", &UdpCounters::ignored_multi},
    {"MemErrors", &UdpCounters::mem_errors},
}};

}  // namespace host::udp
