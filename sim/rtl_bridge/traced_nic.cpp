// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/traced_nic.hpp"

#include <verilated_fst_c.h>
#include <Vnic_traced.h>
#include <Vnic_traced_wide.h>

#include "sim/rtl_bridge/edge_loop.hpp"

namespace sim::rtl_bridge {

std::unique_ptr<NicEngine> make_traced_engine(const EngineOptions& options) {
  if (options.wide) return std::make_unique<EdgeLoop<Vnic_traced_wide, FstWaves<VerilatedFstC>>>(options);
  return std::make_unique<EdgeLoop<Vnic_traced, FstWaves<VerilatedFstC>>>(options);
}

}  // namespace sim::rtl_bridge
