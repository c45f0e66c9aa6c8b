// SPDX-License-Identifier: Apache-2.0
// What is set and read from inside the NIC, not by the driver's queues.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "rtl/contract/nic_contract.hpp"
#include "sim/nic_model/offload_rx.hpp"

namespace sim::nic_model {

/// NOTF_COAL: an interrupt after so many buffers or so long, whichever comes first; either 0: at once.
struct Moderation {
  std::uint32_t max_packets = 0;
  std::uint32_t max_microseconds = 0;
  [[nodiscard]] bool off() const { return max_packets == 0 || max_microseconds == 0; }
};

/// One pair in the transmit schedule; the model sends at once, and so only remembers.
struct Share {
  std::uint32_t quantum = contract::TXS_QUANTUM_RESET;
  std::uint32_t rate = 0;
  std::uint32_t burst = contract::TXS_BURST_RESET;
  std::uint32_t priority = 0;
};

/// Counters of one pair.
struct PairCounters {
  std::uint64_t rx_frames = 0;
  std::uint64_t rx_bytes = 0;
  std::uint64_t rx_no_buffer = 0;
  std::uint64_t tx_frames = 0;
  std::uint64_t tx_bytes = 0;
};

struct Controls {
  explicit Controls(unsigned pairs) : moderation(2 * std::size_t{pairs}), shares(pairs), counters(pairs) {}

  ReceiveFilter filter;
  ReceiveScaling scaling;
  std::vector<Moderation> moderation;  ///< by queue
  std::optional<std::uint16_t> vlan;   ///< the port's tag, which every frame gets
  std::vector<Share> shares;           ///< by pair
  std::vector<PairCounters> counters;  ///< by pair
};

}  // namespace sim::nic_model
