// SPDX-License-Identifier: Apache-2.0
// What IGMP knows of one device (Linux: struct ip_mc_list, the igmp half of struct in_device). For igmp*.cpp alone.
#pragma once

#include "host/ip/igmp.hpp"

namespace host::ip {

struct Igmp::Group {
  explicit Group(kernel::Timer::Handler on_time) : timer(std::move(on_time)) {}

  unsigned users = 1;
  /// We were the last to tell a router of it.
  bool reporter = false;
  std::int64_t reports_left = 0;
  kernel::Timer timer;
};

struct Igmp::Link {
  Link(device::NetDevice& its_device, kernel::Timer::Handler on_general, kernel::Timer::Handler on_change)
      : device(its_device), general_timer(std::move(on_general)), change_timer(std::move(on_change)) {}

  device::NetDevice& device;
  std::map<headers::Ipv4Address, std::unique_ptr<Group>> groups{};
  /// What routers that speak version 3 have not been told often enough.
  std::map<headers::Ipv4Address, Change> changes{};
  platform::Nanoseconds v1_router_until = 0;
  platform::Nanoseconds v2_router_until = 0;
  kernel::Timer general_timer;
  kernel::Timer change_timer;
};

}  // namespace host::ip
