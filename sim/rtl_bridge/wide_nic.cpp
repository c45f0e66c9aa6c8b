// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/wide_nic.hpp"

#include <Vnic_wide.h>

#include "sim/rtl_bridge/edge_loop.hpp"

namespace sim::rtl_bridge {

std::unique_ptr<NicEngine> make_wide_engine(const EngineOptions& options) {
  return std::make_unique<EdgeLoop<Vnic_wide>>(options);
}

}  // namespace sim::rtl_bridge
