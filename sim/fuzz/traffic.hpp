// SPDX-License-Identifier: Apache-2.0
// Random buffers and frames, each from its own seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/fuzz/packets.hpp"
#include "sim/fuzz/plan.hpp"
#include "sim/pcie/seeded_random.hpp"
#include "sim/wire/ports.hpp"

namespace sim::fuzz {

/// The lengths of the pieces of a receive buffer.
[[nodiscard]] std::vector<std::uint32_t> receive_shape(pcie::SeededRandom& random, const Machine& machine);

/// virtio_net_hdr and frame, and where to cut them into pieces.
struct TransmitPlan {
  Bytes content;
  std::vector<std::uint32_t> pieces;
};
[[nodiscard]] TransmitPlan transmit_plan(pcie::SeededRandom& random, const Machine& machine, unsigned pair);

/// A frame of the peer to one of the addresses, now and then with a fault.
[[nodiscard]] wire::Frame wire_frame(pcie::SeededRandom& random, const Machine& machine,
                                     const std::vector<std::uint64_t>& addresses);

/// Who sent it: the transmit queue's pair, as transmit_plan() left it in the source address.
[[nodiscard]] unsigned sender_of(const Bytes& frame);

}  // namespace sim::fuzz
