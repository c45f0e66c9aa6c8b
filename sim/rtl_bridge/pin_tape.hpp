// SPDX-License-Identifier: Apache-2.0
// A recording of the NIC's input pins, and the bare loop that plays it: the model's own speed.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/pcie/ports.hpp"

namespace sim::rtl_bridge {

enum class Pin : std::uint8_t {
  core_reset,
  mac_rx_reset,
  mac_tx_reset,
  link_up,
  xgmii_data,
  xgmii_ctrl,
  tlp_valid,
  tlp_header,
  tlp_flags,
  tlp_data,
  tlp_out_ready,
  credits
};

/// Pin changes in the order in which they were made, each after the evaluation number `step`.
class PinTape {
 public:
  struct Change {
    std::uint64_t step;
    Pin pin;
    std::array<std::uint64_t, 2> value;
  };

  void record(std::uint64_t step, Pin pin, std::uint64_t low, std::uint64_t high = 0) {
    changes_.push_back({step, pin, {low, high}});
  }
  [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }

 private:
  std::vector<Change> changes_;
};

struct BareResult {
  std::uint64_t core_cycles = 0;
  std::uint64_t evals = 0;
  double seconds = 0;               ///< of CPU time
  std::uint64_t tlp_out_beats = 0;  ///< proof that the model did the same work
};

struct EngineOptions;
/// Plays the tape into a fresh model, toggling the clocks of `options`, until `end`. No SystemC, no
/// decoding: only inputs, clocks, eval.
[[nodiscard]] BareResult run_bare_nic(const PinTape& tape, const EngineOptions& options, Picoseconds end);

}  // namespace sim::rtl_bridge
