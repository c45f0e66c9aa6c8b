// SPDX-License-Identifier: Apache-2.0
// Named integer tunables of one host (Linux: /proc/sys).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "host/base/result.hpp"

namespace host::kernel {

/// A tunable: its present value and the range that a write must keep to.
struct Sysctl {
  std::int64_t value = 0;
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
};

/// The registry. Entries never move: layers keep the reference that add() gave them and read it each time.
class SysctlTable {
 public:
  /// Registers `name` ("net.core.netdev_budget"); a second registration is a broken invariant.
  const Sysctl& add(std::string_view name, std::int64_t value, std::int64_t minimum, std::int64_t maximum);
  /// no_entry, or range when outside the bounds.
  [[nodiscard]] base::Result<void> set(std::string_view name, std::int64_t value);
  [[nodiscard]] base::Result<std::int64_t> value(std::string_view name) const;
  /// For a layer that reads another layer's tunable; a name that nobody registered is a broken invariant.
  [[nodiscard]] const Sysctl& find(std::string_view name) const;
  /// All entries, in the order of their names.
  [[nodiscard]] const std::map<std::string, Sysctl, std::less<>>& entries() const { return entries_; }

 private:
  std::map<std::string, Sysctl, std::less<>> entries_;
};

}  // namespace host::kernel
