// SPDX-License-Identifier: Apache-2.0
// What an administrator may turn about an interface, and few do (Linux: IFF_NOARP, IFF_ALLMULTI, IFF_MULTICAST).
#pragma once

namespace host::device {

struct LinkFlags {
  bool no_arp = false;              // its packets need no neighbour's address: IFF_NOARP
  bool all_multicast = false;       // IFF_ALLMULTI; without it every group is heard here, too
  bool no_multicast = false;        // not IFF_MULTICAST
  bool udp_gro_forwarding = false;  // `ethtool -K rx-udp-gro-forwarding`: merged though no socket here has asked
  friend bool operator==(const LinkFlags&, const LinkFlags&) = default;
};

}  // namespace host::device
