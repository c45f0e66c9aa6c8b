// SPDX-License-Identifier: Apache-2.0
// What is set through the control window: filter, hash and steering, moderation, shares, the port's tag.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/fuzz/plan.hpp"
#include "sim/nic_model/offload_rx.hpp"

namespace sim::fuzz {

struct Settings {
  nic_model::ReceiveFilter filter;  ///< as the NIC has them now: where a frame will go
  nic_model::ReceiveScaling scaling;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> writes;  ///< offset from BAR_CONTROL, value; in this order
};

/// The destinations that the plan's frames have.
[[nodiscard]] std::vector<std::uint64_t> destinations(std::uint64_t own);
[[nodiscard]] Settings make_settings(std::uint64_t seed, const Machine& machine, std::uint64_t own);

}  // namespace sim::fuzz
