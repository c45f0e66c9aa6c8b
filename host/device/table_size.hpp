// SPDX-License-Identifier: Apache-2.0
// The size of a table as an administrator writes it.
#pragma once

#include <charconv>
#include <cstddef>
#include <string_view>

#include "host/base/result.hpp"

namespace host::device {

/// Entries in decimal; invalid: no number, or more than `largest`.
[[nodiscard]] inline base::Result<std::size_t> parse_table_size(std::string_view text, std::size_t largest) {
  std::size_t size = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, size);
  if (error != std::errc() || stop != end || size > largest) return base::Errno::invalid;
  return size;
}

}  // namespace host::device
