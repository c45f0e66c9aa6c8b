// SPDX-License-Identifier: Apache-2.0
// What becomes of a TLP that somebody gets hold of on its way to the NIC.
#pragma once

#include "sim/pcie/ports.hpp"

namespace sim::pcie {

/// What bad-input tests do to a TLP on its way to the NIC.
struct FilterVerdict {
  unsigned copies = 1;    ///< 0 drops, 2 duplicates
  Picoseconds delay = 0;  ///< added to its arrival (later TLPs may overtake it)
};

}  // namespace sim::pcie
