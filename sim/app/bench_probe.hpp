// SPDX-License-Identifier: Apache-2.0
// One measurement in a process of its own: SystemC elaborates only once, and callgrind wants a whole run.
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

/// In a child, under `wrapper` (valgrind and its arguments) if given. Throws UserError when it fails.
struct ChildOutput {
  nlohmann::json result;
  std::string messages;  ///< its stderr
};
[[nodiscard]] ChildOutput run_probe_in_child(const Probe& probe, const std::string& wrapper = {});

}  // namespace sim::app
