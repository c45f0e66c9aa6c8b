// SPDX-License-Identifier: Apache-2.0
// An address of either family, for tables that serve both: IPv4 as its mapped form (RFC 4291 section 2.5.5.2).
#pragma once

#include "host/headers/ipv6_address.hpp"

namespace host::headers {

struct IpAddress {
  Ipv6Address value;

  IpAddress() = default;
  // Each family's addresses are addresses.
  IpAddress(Ipv4Address address) : value(Ipv6Address::mapped(address)) {}  // NOLINT(google-explicit-constructor)
  IpAddress(const Ipv6Address& address) : value(address) {}                // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool is_ipv4() const { return value.is_mapped(); }
  [[nodiscard]] Ipv4Address ipv4() const { return value.embedded_ipv4(); }

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

}  // namespace host::headers

template <>
struct std::hash<host::headers::IpAddress> {
  std::size_t operator()(const host::headers::IpAddress& address) const noexcept {
    return std::hash<host::headers::Ipv6Address>{}(address.value);
  }
};
