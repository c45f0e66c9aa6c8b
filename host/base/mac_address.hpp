// SPDX-License-Identifier: Apache-2.0
// An Ethernet address: six bytes in wire order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace host::base {

struct MacAddress {
  static constexpr std::size_t kBytes = 6;
  std::array<std::uint8_t, kBytes> octets{};

  [[nodiscard]] static constexpr MacAddress broadcast() { return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
  /// Reads the six bytes at `offset`; the caller has checked that they are there.
  [[nodiscard]] static MacAddress load(std::span<const std::byte> bytes, std::size_t offset);
  void store(std::span<std::byte> bytes, std::size_t offset) const;
  /// "02:00:00:00:00:01"; nothing when the text is not that form.
  [[nodiscard]] static std::optional<MacAddress> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;

  [[nodiscard]] constexpr bool is_broadcast() const { return *this == broadcast(); }
  [[nodiscard]] constexpr bool is_multicast() const { return (octets[0] & 1) != 0; }
  [[nodiscard]] constexpr bool is_zero() const { return *this == MacAddress{}; }

  friend constexpr bool operator==(const MacAddress&, const MacAddress&) = default;
  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;
};

}  // namespace host::base
