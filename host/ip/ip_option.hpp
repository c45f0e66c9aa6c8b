// SPDX-License-Identifier: Apache-2.0
// One option of an IPv4 header (RFC 791 section 3.1), and how to find the next one.
#pragma once

#include <cstdint>
#include <optional>

#include "host/base/byte_order.hpp"
#include "host/headers/bytes.hpp"
#include "host/headers/ipv4.hpp"

namespace host::ip {

enum class OptionKind : std::uint8_t {
  end = 0,
  no_operation = 1,
  record_route = 7,
  timestamp = 68,
  loose_route = 131,
  strict_route = 137,
  router_alert = 148,
};

/// One option while it is looked at. Offsets in it are the option's own; RFC 791 counts its pointer from 1.
struct Option {
  headers::MutableBytes header;
  std::size_t at;
  std::size_t length;  // 0: the header does not hold what it says

  [[nodiscard]] std::uint8_t byte(std::size_t offset) const { return base::load_u8(header, at + offset); }
  void set_byte(std::size_t offset, unsigned value) const {
    base::store_u8(header, at + offset, static_cast<std::uint8_t>(value));
  }
  [[nodiscard]] OptionKind kind() const { return OptionKind{byte(0)}; }
  [[nodiscard]] headers::Bytes bytes() const { return header.subspan(at, length); }
  /// Of one with at least 3 bytes, as the next one.
  [[nodiscard]] std::uint8_t pointer() const { return byte(2); }
  [[nodiscard]] bool is_full() const { return pointer() > length; }
  [[nodiscard]] bool has_room(std::size_t bytes) const { return pointer() + bytes - 1 <= length; }
  /// Bytes of the slot that the pointer names; the pointer moves behind it.
  [[nodiscard]] std::size_t take_slot(std::size_t bytes) const {
    const std::size_t slot = at + pointer() - 1U;
    set_byte(2, pointer() + static_cast<unsigned>(bytes));
    return slot;
  }
};

/// The first option with a length from `at` on; `header` is the whole IP header. Nothing: there is none any more.
[[nodiscard]] inline std::optional<Option> option_from(headers::MutableBytes header, std::size_t at) {
  while (at < header.size() && OptionKind{base::load_u8(header, at)} == OptionKind::no_operation) {
    ++at;
  }
  if (at >= header.size() || OptionKind{base::load_u8(header, at)} == OptionKind::end) {
    return std::nullopt;
  }
  const std::size_t left = header.size() - at;
  const std::size_t length = left < 2 ? 0 : base::load_u8(header, at + 1);
  return Option{header, at, length < 2 || length > left ? 0 : length};
}
[[nodiscard]] inline std::optional<Option> first_option(headers::MutableBytes header) {
  return option_from(header, headers::kIpv4HeaderBytes);
}
[[nodiscard]] inline std::optional<Option> option_behind(const Option& option) {
  return option_from(option.header, option.at + option.length);
}

}  // namespace host::ip
