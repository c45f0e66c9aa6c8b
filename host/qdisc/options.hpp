// SPDX-License-Identifier: Apache-2.0
// What `tc` sets of each kind of qdisc (Linux: the TCA_* attributes). What is left out keeps its value or default.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

namespace host::qdisc {

/// pfifo: packets; bfifo: bytes.
struct FifoOptions {
  std::optional<std::uint32_t> limit;
};

/// Of one qdisc; the first alternative: nothing to set.
using Options = std::variant<std::monostate, FifoOptions>;

}  // namespace host::qdisc
