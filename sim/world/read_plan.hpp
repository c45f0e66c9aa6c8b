// SPDX-License-Identifier: Apache-2.0
// A world out of a TOML file (worlds/README.md has its form).
#pragma once

#include <string>
#include <string_view>

#include "sim/world/plan.hpp"

namespace sim::world {

class TomlTable;

/// Throws UserError, "FILE:LINE: what is wrong and what to do". Bounds hold for everything that the file can ask for.
[[nodiscard]] WorldPlan parse_plan(std::string_view text, const std::string& file);
/// The same of a file.
[[nodiscard]] WorldPlan read_plan(const std::string& file);

/// Every port of the world gets this NIC. Throws UserError when there is none of that name, or a wire does not suit it.
void use_nic(WorldPlan& plan, const std::string& name);

/// [[host.app]].
[[nodiscard]] AppPlan read_app(TomlTable& table);

/// Where a wire ends.
struct WireEnd {
  enum class Kind : std::uint8_t { port, bridge, tap };
  Kind kind = Kind::port;
  std::size_t index = 0;  ///< of the host, switch or tap
  std::size_t port = 0;   ///< of the host
};
/// Nothing when there is no such place.
[[nodiscard]] std::optional<WireEnd> find_end(const WorldPlan& plan, std::string_view text);

}  // namespace sim::world
