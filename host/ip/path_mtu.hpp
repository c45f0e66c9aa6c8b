// SPDX-License-Identifier: Apache-2.0
// Path MTU discovery: what routers say about too large packets (Linux: __ip_rt_update_pmtu; RFC 1191).
#pragma once

#include "host/ip/protocol_table.hpp"

namespace host::ip {

struct IpLayer;

/// A router says how large a packet of ours may be on the way to its destination: remembered for mtu_expires seconds.
/// Less than min_pmtu is not believed; then packets of min_pmtu go, without DF. Called by the protocol that knows the
/// packet as its own.
void update_path_mtu(IpLayer& ip, kernel::Cpu& cpu, const IcmpError& too_big);

}  // namespace host::ip
