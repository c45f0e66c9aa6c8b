// SPDX-License-Identifier: Apache-2.0
// What `cosnic bench stack` measures: packets through the whole native host, in bursts as a NIC hands them over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sim::stack {

/// udp64_rx_1_socket, udp64_rx_1000_sockets, udp1472_rx_sw_csum, udp1472_rx_offload, udp64_tx, forward_10k_routes,
/// forward_nat: driver ring to the application's buffer, or back, or from ring to ring. Sizes are of the payload.
[[nodiscard]] const std::vector<std::string>& stack_cases();

struct StackResult {
  std::uint64_t packets = 0;
  double ns_per_packet = 0;  // the median over bursts: what another program takes from the machine falls out
};

/// So many bursts of 64 packets on one CPU, after a warm-up. A packet that gets lost is a broken invariant, as is a
/// name that is none.
[[nodiscard]] StackResult run_stack_case(const std::string& name, unsigned bursts);

}  // namespace sim::stack

/// Runs CPU 0 until it is idle: all that is measured happens in here (callgrind counts it by its name).
extern "C" void cosnic_stack_measured(void* kernel);
