// SPDX-License-Identifier: Apache-2.0
// Numbers that know their byte order: Be16/Be32 on the wire, Le16/Le32/Le64 towards devices.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "host/base/invariant.hpp"

namespace host::base {

enum class ByteOrder { big, little };

/// `T` as a sequence of bytes in a stated order; distinct from T and from the other order. Its equality is
/// that of the numbers.
template <std::unsigned_integral T, ByteOrder Order>
class Ordered {
 public:
  constexpr Ordered() = default;
  constexpr explicit Ordered(T number) {
    if (!std::is_constant_evaluated()) {
      bytes_ = std::bit_cast<std::array<std::byte, sizeof(T)>>(swapped(number));
      return;
    }
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_[position(i)] = static_cast<std::byte>(number >> (8 * i));
    }
  }
  /// The number in the host's own order.
  [[nodiscard]] constexpr T value() const {
    if (!std::is_constant_evaluated()) return swapped(std::bit_cast<T>(bytes_));
    T number = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      number = static_cast<T>(number | (static_cast<T>(bytes_[position(i)]) << (8 * i)));
    }
    return number;
  }

  /// Reads the number at `offset` of `bytes`; the caller has checked that it is there.
  [[nodiscard]] static Ordered load(std::span<const std::byte> bytes, std::size_t offset) {
    INVARIANT(offset + sizeof(T) <= bytes.size(), "load beyond the end");
    Ordered result;
    std::memcpy(result.bytes_.data(), bytes.data() + offset, sizeof(T));
    return result;
  }
  void store(std::span<std::byte> bytes, std::size_t offset) const {
    INVARIANT(offset + sizeof(T) <= bytes.size(), "store beyond the end");
    std::memcpy(bytes.data() + offset, bytes_.data(), sizeof(T));
  }
  [[nodiscard]] constexpr const std::array<std::byte, sizeof(T)>& bytes() const { return bytes_; }

  friend constexpr bool operator==(const Ordered&, const Ordered&) = default;
  friend constexpr auto operator<=>(const Ordered& a, const Ordered& b) { return a.value() <=> b.value(); }

 private:
  /// Between this machine's order and the stated one, either way: what compilers make one instruction of.
  static T swapped(T number) {
    constexpr auto native = Order == ByteOrder::little ? std::endian::little : std::endian::big;
    if constexpr (std::endian::native == native || sizeof(T) == 1) return number;
    if constexpr (sizeof(T) == 2) return __builtin_bswap16(number);
    if constexpr (sizeof(T) == 4) return __builtin_bswap32(number);
    if constexpr (sizeof(T) == 8) return __builtin_bswap64(number);
  }
  static constexpr std::size_t position(std::size_t significance) {
    return Order == ByteOrder::little ? significance : sizeof(T) - 1 - significance;
  }
  std::array<std::byte, sizeof(T)> bytes_{};
};

using Be16 = Ordered<std::uint16_t, ByteOrder::big>;
using Be32 = Ordered<std::uint32_t, ByteOrder::big>;
using Le16 = Ordered<std::uint16_t, ByteOrder::little>;
using Le32 = Ordered<std::uint32_t, ByteOrder::little>;
using Le64 = Ordered<std::uint64_t, ByteOrder::little>;

/// Shorthands for header views: a plain number out of (into) `bytes` at `offset`.
[[nodiscard]] inline std::uint8_t load_u8(std::span<const std::byte> bytes, std::size_t offset) {
  INVARIANT(offset < bytes.size(), "load beyond the end");
  return static_cast<std::uint8_t>(bytes[offset]);
}
[[nodiscard]] inline std::uint16_t load_be16(std::span<const std::byte> bytes, std::size_t offset) {
  return Be16::load(bytes, offset).value();
}
[[nodiscard]] inline std::uint32_t load_be32(std::span<const std::byte> bytes, std::size_t offset) {
  return Be32::load(bytes, offset).value();
}
[[nodiscard]] inline std::uint16_t load_le16(std::span<const std::byte> bytes, std::size_t offset) {
  return Le16::load(bytes, offset).value();
}
[[nodiscard]] inline std::uint32_t load_le32(std::span<const std::byte> bytes, std::size_t offset) {
  return Le32::load(bytes, offset).value();
}
[[nodiscard]] inline std::uint64_t load_le64(std::span<const std::byte> bytes, std::size_t offset) {
  return Le64::load(bytes, offset).value();
}
inline void store_u8(std::span<std::byte> bytes, std::size_t offset, std::uint8_t value) {
  INVARIANT(offset < bytes.size(), "store beyond the end");
  bytes[offset] = static_cast<std::byte>(value);
}
inline void store_be16(std::span<std::byte> bytes, std::size_t offset, std::uint16_t value) {
  Be16(value).store(bytes, offset);
}
inline void store_be32(std::span<std::byte> bytes, std::size_t offset, std::uint32_t value) {
  Be32(value).store(bytes, offset);
}
inline void store_le16(std::span<std::byte> bytes, std::size_t offset, std::uint16_t value) {
  Le16(value).store(bytes, offset);
}
inline void store_le32(std::span<std::byte> bytes, std::size_t offset, std::uint32_t value) {
  Le32(value).store(bytes, offset);
}
inline void store_le64(std::span<std::byte> bytes, std::size_t offset, std::uint64_t value) {
  Le64(value).store(bytes, offset);
}

}  // namespace host::base
