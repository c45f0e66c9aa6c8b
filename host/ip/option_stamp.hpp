// SPDX-License-Identifier: Apache-2.0
// What a host writes into options that ask for it.
#pragma once

#include "host/ip/ip_layer.hpp"
#include "host/ip/ip_options.hpp"

namespace host::ip {

/// Now, by this address of the host's. The layer outlives it.
[[nodiscard]] inline OptionStamp option_stamp(IpLayer& ip, headers::Ipv4Address address) {
  constexpr platform::Nanoseconds kMillisecond = 1'000'000;
  constexpr platform::Nanoseconds kMillisecondsADay = 86'400'000;
  return {.address = address,
          .milliseconds = static_cast<std::uint32_t>(ip.kernel().now() / kMillisecond % kMillisecondsADay),
          .is_ours = [&ip](headers::Ipv4Address whose) { return ip.routes.address_type(whose) != RouteType::unicast; }};
}

}  // namespace host::ip
