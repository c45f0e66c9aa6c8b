// SPDX-License-Identifier: Apache-2.0
// Packets to groups and to everybody: which come in, and what of ours we hear ourselves (Linux: ip_mc_validate_source,
// ip_mc_output).
#pragma once

#include "host/ip/ip_route.hpp"

namespace host::ip {

/// What to do with a packet to a group that came by the flow's device. Linux: ip_route_input_rcu, ip_route_input_mc.
[[nodiscard]] InputRoute ip_route_input_multicast(IpLayer& ip, kernel::Cpu& cpu, const Flow& flow,
                                                  headers::IpProtocol protocol);

/// A copy of a packet that leaves by the device comes in by it too, some time later on this CPU. Linux:
/// dev_loopback_xmit.
void loop_back(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& packet, const OutputRoute& route);

}  // namespace host::ip
