// SPDX-License-Identifier: Apache-2.0
// Ethernet addresses (IEEE 802-2014 clause 8).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/headers/wire_bytes.hpp"

namespace host::headers {

/// Six octets in the order in which they are sent.
struct MacAddress {
  static constexpr std::size_t kBytes = 6;

  std::array<std::uint8_t, kBytes> octets{};

  /// Six two-digit hexadecimal parts separated by colons.
  [[nodiscard]] static std::optional<MacAddress> parse(std::string_view text);
  [[nodiscard]] static constexpr MacAddress read(Bytes bytes, std::size_t at) {
    MacAddress address;
    for (std::size_t i = 0; i < kBytes; ++i) {
      address.octets[i] = read_u8(bytes, at + i);
    }
    return address;
  }
  constexpr void write(MutableBytes bytes, std::size_t at) const {
    for (std::size_t i = 0; i < kBytes; ++i) {
      write_u8(bytes, at + i, octets[i]);
    }
  }

  /// The group bit: multicast or broadcast.
  [[nodiscard]] constexpr bool is_group() const { return (octets[0] & 1U) != 0; }
  [[nodiscard]] constexpr bool is_broadcast() const {
    for (const auto octet : octets) {
      if (octet != 0xff) {
        return false;
      }
    }
    return true;
  }
  [[nodiscard]] constexpr bool is_zero() const { return *this == MacAddress{}; }
  /// May stand for one station (Linux: is_valid_ether_addr).
  [[nodiscard]] constexpr bool is_valid_unicast() const { return !is_group() && !is_zero(); }

  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;
};

inline constexpr MacAddress kBroadcastMac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

[[nodiscard]] std::string to_string(const MacAddress& address);

}  // namespace host::headers
