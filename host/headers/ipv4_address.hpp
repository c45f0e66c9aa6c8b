// SPDX-License-Identifier: Apache-2.0
// IPv4 addresses and prefixes, and the kinds that the rules of RFC 1122 tell apart.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace host::headers {

/// An address as a number: 10.0.0.1 is 0x0a000001 on every machine.
struct Ipv4Address {
  std::uint32_t value = 0;

  [[nodiscard]] static constexpr Ipv4Address of(unsigned a, unsigned b, unsigned c, unsigned d) {
    return {(a & 0xffU) << 24 | (b & 0xffU) << 16 | (c & 0xffU) << 8 | (d & 0xffU)};
  }
  /// Exactly four decimal parts of 0..255.
  [[nodiscard]] static std::optional<Ipv4Address> parse(std::string_view text);

  [[nodiscard]] constexpr bool is_any() const { return value == 0; }
  [[nodiscard]] constexpr bool is_zero_net() const { return value >> 24 == 0; }
  [[nodiscard]] constexpr bool is_loopback() const { return value >> 24 == 127; }
  [[nodiscard]] constexpr bool is_multicast() const { return value >> 28 == 0xe; }
  [[nodiscard]] constexpr bool is_limited_broadcast() const { return value == 0xffff'ffff; }

  friend constexpr auto operator<=>(Ipv4Address, Ipv4Address) = default;
};

inline constexpr Ipv4Address kAnyAddress{};
inline constexpr Ipv4Address kLimitedBroadcast{0xffff'ffff};

[[nodiscard]] std::string to_string(Ipv4Address address);

/// An address with a prefix length, 0..32: `10.0.0.1/24`.
struct Ipv4Prefix {
  Ipv4Address address;
  unsigned length = 0;

  [[nodiscard]] static std::optional<Ipv4Prefix> parse(std::string_view text);

  [[nodiscard]] constexpr std::uint32_t mask() const { return length == 0 ? 0 : ~std::uint32_t{0} << (32 - length); }
  [[nodiscard]] constexpr Ipv4Address network() const { return {address.value & mask()}; }
  /// The address with all host bits set. Prefixes of 31 and 32 have none (RFC 3021).
  [[nodiscard]] constexpr std::optional<Ipv4Address> broadcast() const {
    if (length >= 31) {
      return std::nullopt;
    }
    return Ipv4Address{address.value | ~mask()};
  }
  [[nodiscard]] constexpr bool contains(Ipv4Address other) const { return (other.value & mask()) == network().value; }

  friend constexpr bool operator==(Ipv4Prefix, Ipv4Prefix) = default;
};

[[nodiscard]] std::string to_string(Ipv4Prefix prefix);

}  // namespace host::headers

template <>
struct std::hash<host::headers::Ipv4Address> {
  std::size_t operator()(host::headers::Ipv4Address address) const noexcept {
    return std::hash<std::uint32_t>{}(address.value);
  }
};
