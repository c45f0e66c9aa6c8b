// SPDX-License-Identifier: Apache-2.0
// The fast model of the NIC, and the choice between it, the wide one and the one with waves.
#include <Vnic_fast.h>

#include "sim/rtl_bridge/bare_loop.hpp"
#include "sim/rtl_bridge/edge_loop.hpp"
#include "sim/rtl_bridge/traced_nic.hpp"
#include "sim/rtl_bridge/wide_nic.hpp"

namespace sim::rtl_bridge {

std::unique_ptr<NicEngine> make_nic_engine(const EngineOptions& options) {
  if (!options.trace_file.empty()) return make_traced_engine(options);
  if (options.wide) return make_wide_engine(options);
  return std::make_unique<EdgeLoop<Vnic_fast>>(options);
}

BareResult run_bare_nic(const PinTape& tape, const EngineOptions& options, Picoseconds end) {
  return run_bare<Vnic_fast>(tape, options, end);
}

}  // namespace sim::rtl_bridge
