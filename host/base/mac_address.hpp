// SPDX-License-Identifier: Apache-2.0
// An Ethernet address: six bytes in wire order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "host/base/invariant.hpp"

namespace host::base {

struct MacAddress {
  static constexpr std::size_t kBytes = 6;
  std::array<std::uint8_t, kBytes> octets{};

  [[nodiscard]] static constexpr MacAddress broadcast() { return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
  /// Reads the six bytes at `offset`; the caller has checked that they are there.
  [[nodiscard]] static MacAddress load(std::span<const std::byte> bytes, std::size_t offset) {
    INVARIANT(offset + kBytes <= bytes.size(), "load beyond the end");
    MacAddress result;
    std::memcpy(result.octets.data(), bytes.data() + offset, kBytes);
    return result;
  }
  void store(std::span<std::byte> bytes, std::size_t offset) const {
    INVARIANT(offset + kBytes <= bytes.size(), "store beyond the end");
    std::memcpy(bytes.data() + offset, octets.data(), kBytes);
  }
  /// "02:00:00:00:00:01"; nothing when the text is not that form.
  [[nodiscard]] static std::optional<MacAddress> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;

  /// All of it, in this machine's order: for comparing.
  [[nodiscard]] constexpr std::uint64_t number() const {
    if (std::is_constant_evaluated()) {
      std::uint64_t all = 0;
      for (const std::uint8_t octet : octets) all = all << 8 | octet;
      return all;
    }
    std::uint32_t first = 0;
    std::uint16_t rest = 0;
    std::memcpy(&first, octets.data(), sizeof first);
    std::memcpy(&rest, octets.data() + sizeof first, sizeof rest);
    return std::uint64_t{first} << 16 | rest;
  }
  [[nodiscard]] constexpr bool is_broadcast() const { return *this == broadcast(); }
  [[nodiscard]] constexpr bool is_multicast() const { return (octets[0] & 1) != 0; }
  [[nodiscard]] constexpr bool is_zero() const { return *this == MacAddress{}; }

  friend constexpr bool operator==(const MacAddress& a, const MacAddress& b) { return a.number() == b.number(); }
  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;
};

}  // namespace host::base
