// SPDX-License-Identifier: Apache-2.0
// An address of either family, for tables that serve both: IPv4 as its mapped form (RFC 4291 section 2.5.5.2).
#pragma once

#include <string>

#include "host/headers/ipv6_address.hpp"

namespace host::headers {

/// Linux: AF_INET, AF_INET6.
enum class AddressFamily : std::uint8_t { inet, inet6 };

struct IpAddress {
  Ipv6Address value;

  IpAddress() = default;
  // Each family's addresses are addresses.
  constexpr IpAddress(Ipv4Address address)  // NOLINT(google-explicit-constructor)
      : value(Ipv6Address::mapped(address)) {}
  constexpr IpAddress(const Ipv6Address& address) : value(address) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] constexpr bool is_ipv4() const { return value.is_mapped(); }
  /// 0.0.0.0 for `::`, too.
  [[nodiscard]] constexpr Ipv4Address ipv4() const { return value.embedded_ipv4(); }
  [[nodiscard]] constexpr AddressFamily family() const {
    return is_ipv4() ? AddressFamily::inet : AddressFamily::inet6;
  }
  /// Nobody's in particular: `::`, and 0.0.0.0.
  [[nodiscard]] constexpr bool is_any() const { return value.is_unspecified() || (is_ipv4() && ipv4().is_any()); }
  [[nodiscard]] constexpr bool is_multicast() const {
    return value.is_multicast() || (is_ipv4() && ipv4().is_multicast());
  }

  friend constexpr bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// As its family writes it.
[[nodiscard]] inline std::string to_string(const IpAddress& address) {
  return address.is_ipv4() ? to_string(address.ipv4()) : to_string(address.value);
}

}  // namespace host::headers

template <>
struct std::hash<host::headers::IpAddress> {
  std::size_t operator()(const host::headers::IpAddress& address) const noexcept {
    return std::hash<host::headers::Ipv6Address>{}(address.value);
  }
};
