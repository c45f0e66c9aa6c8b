// SPDX-License-Identifier: Apache-2.0
// One measurement of the simulation itself.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/pcie/ports.hpp"

namespace sim::app {

/// What the board does while it is measured.
struct Probe {
  enum class Traffic : std::uint8_t {
    receive,   ///< line rate into a sink
    transmit,  ///< as fast as the host can
    both,      ///< receive and transmit at once
    reflect,   ///< line rate in, every frame sent back
    single     ///< one frame at a time, sent back: latency
  };
  Traffic traffic = Traffic::receive;
  unsigned length = 64;  ///< on the wire, FCS included
  Picoseconds duration = 1'000'000'000;
  bool free_host = false;  ///< the host's work costs no time: the NIC is what is measured
  bool bare = false;       ///< afterwards, the same inputs into the bare model
  bool observe = true;     ///< follow every frame

  /// "both:64:1000000000:free:bare:observe", and back.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static Probe parse(const std::string& text);
};

/// In this process. The report's JSON and "probe" beside it.
[[nodiscard]] nlohmann::json run_probe(const Probe& probe);

}  // namespace sim::app
