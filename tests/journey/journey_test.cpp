// SPDX-License-Identifier: Apache-2.0
// One co-simulation case of a name, in this process; status 0 when nothing was violated.
#include <fmt/format.h>

#include <cstdlib>
#include <systemc>

#include "sim/app/summary.hpp"
#include "tests/journey/cases.hpp"

int sc_main(int argc, char** argv) {
  sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_DO_NOTHING);
  const auto& cases = tests::journey::cases();
  const auto found = argc >= 2 ? cases.find(argv[1]) : cases.end();
  if (found == cases.end()) {
    fmt::print(stderr, "usage: journey_test CASE [SEED] [rtl|model]; cases:");
    for (const auto& [name, run] : cases) fmt::print(stderr, " {}", name);
    fmt::print(stderr, "\n");
    return 2;
  }
  if (argc >= 4) tests::journey::use_nic(sim::board::parse_nic_kind(argv[3]));
  const sim::board::Report report = found->second(argc >= 3 ? std::strtoull(argv[2], nullptr, 10) : 1);
  sim::app::print_summary(report);
  return sim::app::exit_status(report);
}
