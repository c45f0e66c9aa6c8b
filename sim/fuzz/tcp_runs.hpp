// SPDX-License-Identifier: Apache-2.0
// Segments of a few TCP flows, most of them in order: what receive coalescing lives on.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/fuzz/packets.hpp"
#include "sim/fuzz/plan.hpp"
#include "sim/pcie/seeded_random.hpp"

namespace sim::fuzz {

class TcpRuns {
 public:
  TcpRuns(pcie::SeededRandom& random, const Machine& machine, const std::vector<std::uint64_t>& addresses);

  /// The next segment of one of the flows; now and then not what the one before it lets expect.
  [[nodiscard]] Bytes next(pcie::SeededRandom& random);

 private:
  struct Run {
    Packet packet;  // headers of the next segment
    unsigned segment = 0;
    unsigned most = 0;
  };
  std::vector<Run> runs_;
};

}  // namespace sim::fuzz
