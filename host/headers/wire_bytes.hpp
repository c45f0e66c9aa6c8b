// SPDX-License-Identifier: Apache-2.0
// Big-endian numbers at byte offsets of a span whose length the caller has checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace host::headers {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

[[nodiscard]] constexpr std::uint8_t read_u8(Bytes bytes, std::size_t at) {
  return std::to_integer<std::uint8_t>(bytes[at]);
}

[[nodiscard]] constexpr std::uint16_t read_be16(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(read_u8(bytes, at) << 8 | read_u8(bytes, at + 1));
}

[[nodiscard]] constexpr std::uint32_t read_be32(Bytes bytes, std::size_t at) {
  return std::uint32_t{read_be16(bytes, at)} << 16 | read_be16(bytes, at + 2);
}

constexpr void write_u8(MutableBytes bytes, std::size_t at, std::uint8_t value) {
  bytes[at] = std::byte{value};
}

constexpr void write_be16(MutableBytes bytes, std::size_t at, std::uint16_t value) {
  write_u8(bytes, at, static_cast<std::uint8_t>(value >> 8));
  write_u8(bytes, at + 1, static_cast<std::uint8_t>(value & 0xff));
}

constexpr void write_be32(MutableBytes bytes, std::size_t at, std::uint32_t value) {
  write_be16(bytes, at, static_cast<std::uint16_t>(value >> 16));
  write_be16(bytes, at + 2, static_cast<std::uint16_t>(value & 0xffff));
}

}  // namespace host::headers
