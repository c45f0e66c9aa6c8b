// SPDX-License-Identifier: Apache-2.0
// A packet for somebody else reaches a host that does not forward (Linux: ip_error).
#include "host/ip/ip_forward.hpp"

namespace host::ip {

void ip_forward(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb) {
  ++ip.counters.in_addr_errors;
  drop(cpu, std::move(skb), base::DropReason::ip_not_local);
}

}  // namespace host::ip
