// SPDX-License-Identifier: Apache-2.0
// What the bridge says when it cannot go on: one line each, with the time.
#pragma once

#include <cstdint>
#include <string>

#include "sim/pcie/ports.hpp"

namespace sim::rtl_bridge {

[[nodiscard]] std::string assertion_text(Picoseconds at, std::uint64_t core_cycle);
[[nodiscard]] std::string framing_text(Picoseconds at);
[[nodiscard]] std::string lookahead_text(const char* what, Picoseconds at, Picoseconds present);

}  // namespace sim::rtl_bridge
