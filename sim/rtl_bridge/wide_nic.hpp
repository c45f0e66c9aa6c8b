// SPDX-License-Identifier: Apache-2.0
// The model with a data path of 128 bits: what 25 Gb/s needs.
#pragma once

#include <memory>

#include "sim/rtl_bridge/nic_engine.hpp"

namespace sim::rtl_bridge {

[[nodiscard]] std::unique_ptr<NicEngine> make_wide_engine(const EngineOptions& options);

}  // namespace sim::rtl_bridge
