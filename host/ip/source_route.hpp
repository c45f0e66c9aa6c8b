// SPDX-License-Identifier: Apache-2.0
// Packets whose senders chose their way (RFC 791, LSRR and SSRR; Linux: ip_options_rcv_srr).
#pragma once

#include "host/ip/ip_options.hpp"
#include "host/ip/ip_route.hpp"

namespace host::ip {

/// A packet with a source route has come, and its options are checked. One that was sent to this host goes on to the
/// next stop that is not this host's: `route` leads there and `options.next_stop` says it, or to this host if none is
/// left. One on its way between stops stays on it if that is loose. False: it may not go on, its sender knows what
/// Linux tells him. `header` is the packet's IP header.
[[nodiscard]] bool ip_options_rcv_srr(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& skb,
                                      headers::MutableBytes header, InputRoute& route, IpOptions& options);

}  // namespace host::ip
