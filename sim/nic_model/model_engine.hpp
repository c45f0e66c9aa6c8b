// SPDX-License-Identifier: Apache-2.0
// The reference NIC where the verilated one stands: TLPs on one side, XGMII frames on the other, run up to a
// horizon.
#pragma once

#include <memory>

#include "sim/nic_model/model_config.hpp"
#include "sim/rtl_bridge/nic_engine.hpp"

namespace sim::nic_model {

/// Of the options, clocks, address, completion timeout, look-ahead and encoder count; there are no waves,
/// no pins to record and no journey events.
[[nodiscard]] std::unique_ptr<rtl_bridge::NicEngine> make_model_engine(const rtl_bridge::EngineOptions& options,
                                                                       ModelConfig config = {});

}  // namespace sim::nic_model
