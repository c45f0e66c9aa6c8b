// SPDX-License-Identifier: Apache-2.0
// Where in the source something was allocated (std::source_location, which clang 14 does not have).
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace host::skb {

struct Site {
  const char* file = nullptr;  // null: nowhere
  unsigned line = 0;

  /// As a default argument: the caller's place.
  static constexpr Site here(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
    return {file, line};
  }
  /// "host/driver/virtio_net_refill.cpp:45", wherever the tree lies.
  [[nodiscard]] std::string text() const;
};

}  // namespace host::skb
