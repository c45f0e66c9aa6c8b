// SPDX-License-Identifier: Apache-2.0
// The models that can write waves: several times slower, made only when asked for.
#pragma once

#include <memory>

#include "sim/rtl_bridge/nic_engine.hpp"

namespace sim::rtl_bridge {

[[nodiscard]] std::unique_ptr<NicEngine> make_traced_engine(const EngineOptions& options);

}  // namespace sim::rtl_bridge
