// SPDX-License-Identifier: Apache-2.0
// Runs a plan on a NIC, any NIC, and returns what was seen.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/fuzz/plan.hpp"
#include "sim/fuzz/recorder.hpp"
#include "sim/rtl_bridge/nic_engine.hpp"

namespace sim::fuzz {

struct Outcome {
  Recorder record;
  std::vector<std::string> violations;
  Picoseconds simulated = 0;
  std::vector<std::uint64_t> counters;  ///< of a plan with chaos: the NIC's own at its end, by StatIndex
  std::uint64_t writes = 0;             ///< of the NIC into memory, each within what was granted
};

/// `trace_file`: waves, if the NIC has any; empty: none.
[[nodiscard]] Outcome run_plan(const Plan& plan, const rtl_bridge::EngineFactory& make_nic,
                               const std::string& trace_file = {});

/// Empty, or why the two do not agree or one of them did what it must not.
[[nodiscard]] std::string judge(const Outcome& a, const std::string& a_name, const Outcome& b,
                                const std::string& b_name);

/// Leaves out operations for as long as `fails` says that the rest still fails.
[[nodiscard]] Plan shrink(Plan plan, const std::function<bool(const Plan&)>& fails);

}  // namespace sim::fuzz
