// SPDX-License-Identifier: Apache-2.0
// The adversary in the way of a root complex; apart, because everything else of it knows no SystemC.
#include "sim/pcie/adversary.hpp"
#include "sim/pcie/bus_time.hpp"
#include "sim/pcie/root_complex.hpp"

namespace sim::pcie {

void Adversary::join(RootComplex& root) {
  root.filter([this](Tlp& tlp) { return act(tlp, now_ps()); });
  root.hold_credits([this](Picoseconds at) {
    const Picoseconds held = credits_at(at);
    return held == at ? at : bus_instant(held);
  });
}

}  // namespace sim::pcie
