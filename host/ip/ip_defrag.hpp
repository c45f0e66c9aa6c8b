// SPDX-License-Identifier: Apache-2.0
// IPv4 fragments become datagrams again (Linux: net/ipv4/ip_fragment.c; RFC 791, RFC 815).
#pragma once

#include "host/headers/ipv4.hpp"
#include "host/ip/fragment_table.hpp"

namespace host::ip {

struct IpLayer;

/// The datagrams of which fragments have come; net.ipv4.ipfrag_*.
class DefragTable {
 public:
  DefragTable(IpLayer& ip, kernel::Kernel& kernel, std::uint64_t seed);

  /// Takes a fragment, data at its IPv4 header (of which `header` is). Gives the datagram back when it was the last one
  /// missing: data and network header at an IPv4 header that is right for the whole, the other fragments as its frag
  /// list; else null. What ends here is counted, each fragment under its reason.
  [[nodiscard]] skb::Skb add(kernel::Cpu& cpu, skb::Skb packet, const headers::Ipv4View& header, DefragUser user);

  /// `FRAG: inuse memory` of /proc/net/sockstat.
  [[nodiscard]] std::size_t in_use() const { return table_.in_use(); }
  [[nodiscard]] std::int64_t memory() const { return table_.memory(); }
  /// Whatever waits is dropped.
  void flush(kernel::Cpu& cpu) { table_.flush(cpu); }

 private:
  IpLayer& ip_;
  FragmentTable table_;
};

}  // namespace host::ip
