// SPDX-License-Identifier: Apache-2.0
// What hosts, drivers and wires do that they must not, at any moment. Nothing is compared while it lasts but what has
// to hold all the same: no access beyond what was granted, the rules of PCIe, an answer to each request, an end of
// each reset, silence after it.
#pragma once

#include "sim/fuzz/stage.hpp"

namespace sim::fuzz {

void perform_chaos(Stage& stage, const Operation& operation);
/// The host behaves from now on, resets the function and brings it up as after power-on; the record begins anew.
void recover(Stage& stage);

}  // namespace sim::fuzz
