// SPDX-License-Identifier: Apache-2.0
// Path MTU discovery: what routers say about too large packets (Linux: __ip_rt_update_pmtu; RFC 1191).
#include "host/ip/path_mtu.hpp"

#include <algorithm>

#include "host/ip/ip_route.hpp"

namespace host::ip {

void update_path_mtu(IpLayer& ip, kernel::Cpu& cpu, const IcmpError& too_big) {
  constexpr platform::Nanoseconds kSecond = 1'000'000'000;
  const auto route =
      ip_route_output(ip, cpu, Flow{.destination = too_big.destination, .source = too_big.source, .tos = too_big.tos});
  const std::uint32_t told = too_big.mtu();
  if (!route.ok() || route->type != RouteType::unicast || route->mtu_locked || told > route->mtu) {
    return;
  }
  const auto least = static_cast<std::uint32_t>(ip.settings.min_pmtu.value);
  const bool incredible = told < least;
  const platform::Nanoseconds expires = cpu.now() + ip.settings.mtu_expires.value * kSecond;
  ip.exceptions.limit(too_big.destination, route->planned,
                      {.mtu = incredible ? std::min(route->mtu, least) : told, .mtu_locked = incredible}, expires);
}

}  // namespace host::ip
