// SPDX-License-Identifier: Apache-2.0
// The journeys: each a board, a scenario and what must come out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "sim/board/config.hpp"
#include "sim/board/report.hpp"

namespace tests::journey {

/// Runs one co-simulation in this process and returns what it counted; violations are the case's failures.
using Case = std::function<sim::board::Report(std::uint64_t seed)>;

/// Which NIC the boards of this process get; the RTL unless told.
void use_nic(sim::board::NicKind kind);

/// The default board with that NIC.
[[nodiscard]] sim::board::BoardConfig base_config(std::uint64_t seed);

/// All by name.
[[nodiscard]] const std::map<std::string, Case>& cases();

/// Those of several queue pairs (queue_cases.cpp).
void add_queue_cases(std::map<std::string, Case>& all);

/// Those in which CPUs hand packets to each other (steering_cases.cpp).
void add_steering_cases(std::map<std::string, Case>& all);

/// A mixed run for comparisons: random frames, faults, reordering, with so many cycles a batch.
[[nodiscard]] sim::board::Report comparison_run(std::uint64_t seed, unsigned batch, std::uint64_t& frames_hash);

}  // namespace tests::journey
