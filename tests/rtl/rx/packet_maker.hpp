// SPDX-License-Identifier: Apache-2.0
// Random frames of every shape that the receive path knows, correct ones and spoilt ones.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/rtl/mac/beats.hpp"

namespace tests::rx {

struct PacketOptions {
  bool correct = false;  // nothing spoilt, no fragments, no detours
  std::size_t max_payload = 200;
};

/// One frame, without FCS, at least 60 bytes unless something was cut off.
Bytes random_packet(Random& random, const PacketOptions& options);

}  // namespace tests::rx
