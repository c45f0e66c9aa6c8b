// SPDX-License-Identifier: Apache-2.0
// One measurement of the simulation itself.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/pcie/ports.hpp"

namespace sim::app {

/// Line rate in for a while, every frame sent back as far as the host can.
struct Probe {
  unsigned length = 64;  ///< on the wire, FCS included
  Picoseconds duration = 1'000'000'000;
  bool bare = false;  ///< afterwards, the same inputs into the bare model

  /// "64:1000000000:bare", and back.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static Probe parse(const std::string& text);
};

/// In this process. The report's JSON and "probe" beside it.
[[nodiscard]] nlohmann::json run_probe(const Probe& probe);

}  // namespace sim::app
