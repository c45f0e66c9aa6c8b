// SPDX-License-Identifier: Apache-2.0
// IPv6 fragments become packets again (Linux: net/ipv6/reassembly.c; RFC 8200 section 4.5, RFC 5722, RFC 6946).
#pragma once

#include "host/headers/ipv6_extensions.hpp"
#include "host/ip/fragment_table.hpp"

namespace host::ip6 {

struct Ip6Layer;

/// The packets of which fragments have come; net.ipv6.ip6frag_*.
class Defrag6Table {
 public:
  Defrag6Table(Ip6Layer& ip6, kernel::Kernel& kernel, std::uint64_t seed);

  /// Takes a fragment, data at its IPv6 header (of which `header` is), in which fragment_fault() found nothing wrong.
  /// Gives the packet back when it was the last one missing, data and network header at an IPv6 header that is right
  /// for the whole, without a fragment header, the other fragments as its frag list; else null. What ends here is
  /// counted, each fragment under its reason.
  [[nodiscard]] skb::Skb add(kernel::Cpu& cpu, skb::Skb packet, const headers::Ipv6View& header,
                             const headers::FragmentHeader& fragment, ip::DefragUser user);

  /// `FRAG6: inuse memory` of /proc/net/sockstat6.
  [[nodiscard]] std::size_t in_use() const { return table_.in_use(); }
  [[nodiscard]] std::int64_t memory() const { return table_.memory(); }
  /// Whatever waits is dropped.
  void flush(kernel::Cpu& cpu) { table_.flush(cpu); }

 private:
  ip::FragmentTable table_;
};

/// The only fragment of its packet: it waits for no other (RFC 6946).
[[nodiscard]] inline bool is_atomic(const headers::FragmentHeader& fragment) {
  return fragment.offset == 0 && !fragment.more;
}

/// What makes a fragment one that cannot be reassembled, and is told to its sender.
[[nodiscard]] std::optional<headers::ExtensionFault> fragment_fault(const headers::Ipv6View& header,
                                                                    const headers::FragmentHeader& fragment);

}  // namespace host::ip6
