// SPDX-License-Identifier: Apache-2.0
// Which socket reaches an address.
#pragma once

#include "host/socket/socket_calls.hpp"

namespace host::apps {

/// A UDP socket of the address' family.
[[nodiscard]] constexpr socket::SocketKind udp_kind(const headers::IpAddress& address) {
  return address.is_ipv4() ? socket::SocketKind::udp : socket::SocketKind::udp6;
}

/// A UDP socket that hears both families.
inline constexpr socket::SocketKind kBothFamilies = socket::SocketKind::udp6;

}  // namespace host::apps
