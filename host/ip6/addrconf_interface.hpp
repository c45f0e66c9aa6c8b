// SPDX-License-Identifier: Apache-2.0
// What Addrconf knows of one interface (Linux: struct inet6_dev).
#pragma once

#include <vector>

#include "host/ip6/addrconf.hpp"

namespace host::ip6 {

inline constexpr platform::Nanoseconds kSecond = 1'000'000'000;
/// RFC 4861 section 10: RETRANS_TIMER.
inline constexpr platform::Nanoseconds kRetransmitTime = kSecond;

/// Duplicate detection of one address under way.
struct Detection {
  std::int64_t probes_left = 0;
  std::unique_ptr<kernel::Timer> timer;
};

struct Addrconf::Interface {
  explicit Interface(device::NetDevice& its_device)
      : device(its_device), soliciting([this](kernel::Cpu& cpu) { on_soliciting(cpu); }) {}

  device::NetDevice& device;
  bool running = false;
  bool in_routers_groups = false;
  std::map<headers::Ipv6Address, Detection> detections;
  std::vector<Router> routers;
  std::vector<Prefix> prefixes;       ///< on the link, by a router's word
  std::uint8_t router_hop_limit = 0;  ///< 0: no router has said
  std::int64_t solicitations_left = 0;
  std::function<void(kernel::Cpu&)> on_soliciting;
  kernel::Timer soliciting;
};

}  // namespace host::ip6
