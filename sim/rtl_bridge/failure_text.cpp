// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/failure_text.hpp"

#include <fmt/format.h>

namespace sim::rtl_bridge {
namespace {

double nanoseconds(Picoseconds at) {
  return static_cast<double>(at) / 1000.0;
}

}  // namespace

std::string assertion_text(Picoseconds at, std::uint64_t core_cycle) {
  return fmt::format(
      "the RTL stopped at {:.3f} ns (core cycle {}): the %Error line above names module and assertion; "
      "--trace F.fst:{:.0f}ns shows the waves before it",
      nanoseconds(at), core_cycle, std::max(0.0, nanoseconds(at) - 2000.0));
}

std::string framing_text(Picoseconds at) {
  return fmt::format("nic_sim_top: first and last do not frame the TLP that leaves at {:.3f} ns", nanoseconds(at));
}

std::string lookahead_text(const char* what, Picoseconds at, Picoseconds present) {
  return fmt::format(
      "a {} for {:.3f} ns came when the NIC had reached {:.3f} ns: a latency of the world is below the look-ahead",
      what, nanoseconds(at), nanoseconds(present));
}

}  // namespace sim::rtl_bridge
