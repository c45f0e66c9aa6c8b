// SPDX-License-Identifier: Apache-2.0
// The words behind a kind of qdisc, in the order and with the complaints of tc (iproute2: tc/q_*.c).
#pragma once

#include <functional>
#include <span>
#include <string>
#include <variant>

#include "host/qdisc/options.hpp"

namespace host::console {

/// iproute2's exit status for a command line that is none: -1.
inline constexpr int kTcMisused = 255;

/// What the words set, on top of what there is; none: nothing.
using TcSetter = std::function<void(qdisc::Options&)>;

/// Why they are none: what tc prints, and its exit status.
struct TcComplaint {
  std::string text;
  int status = 1;
};

[[nodiscard]] std::variant<TcSetter, TcComplaint> parse_tc_options(const std::string& kind,
                                                                   std::span<const std::string> words);

}  // namespace host::console
