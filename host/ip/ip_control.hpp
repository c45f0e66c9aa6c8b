// SPDX-License-Identifier: Apache-2.0
// What IP remembers of a packet while it is IP's (Linux: struct inet_skb_parm).
#pragma once

#include <cstring>

#include "host/skb/skb.hpp"

namespace host::ip {

struct IpControl {
  /// Bytes of the largest fragment that the packet was made of; 0: it came whole. It leaves in pieces no larger.
  std::uint16_t frag_max_size = 0;
  /// That one had DF: the pieces have it again. Linux: IPSKB_FRAG_PMTU.
  bool frag_pmtu = false;
  /// Its options are well-formed and may be what they are: answers have them too. Hooks before routing see others.
  bool options_accepted = false;
};

/// Behind what qdiscs note there.
inline constexpr std::size_t kIpControlAt = 40;
static_assert(kIpControlAt + sizeof(IpControl) <= skb::kControlBlockBytes);

[[nodiscard]] inline IpControl ip_control(const skb::SkBuff& skb) {
  IpControl control;
  std::memcpy(&control, skb.control.data() + kIpControlAt, sizeof control);
  return control;
}
inline void set_ip_control(skb::SkBuff& skb, const IpControl& control) {
  std::memcpy(skb.control.data() + kIpControlAt, &control, sizeof control);
}

}  // namespace host::ip
