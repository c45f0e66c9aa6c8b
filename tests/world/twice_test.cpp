// SPDX-License-Identifier: Apache-2.0
// A world twice in one process: the second run is the first one again, in every counter, digest and time.
//
// usage: world_twice WORLD.toml [NIC]
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <systemc>

#include "sim/pcie/user_error.hpp"
#include "sim/world/read_plan.hpp"
#include "sim/world/world.hpp"

namespace {

const bool kQuiet = setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1) == 0;

/// SystemC elaborates once in a context; the next world gets a fresh one.
void forget_simulation() {
  delete sc_core::sc_curr_simcontext;
  sc_core::sc_curr_simcontext = nullptr;
  sc_core::sc_default_global_context = nullptr;
}

struct Outcome {
  std::string counters;
  std::string printed;
  bool adds_up = false;
};

Outcome run(const char* file, const char* nic) {
  Outcome outcome;
  auto plan = sim::world::read_plan(file);
  if (nic != nullptr) sim::world::use_nic(plan, nic);
  sim::world::World world(std::move(plan),
                          {.prefix = {}, .print = [&](std::string_view text) { outcome.printed += text; }});
  const auto report = world.run({});
  auto json = nlohmann::ordered_json::parse(report.json());
  json.erase("speed");
  outcome.counters = json.dump(1);
  outcome.adds_up = report.violations.empty();
  return outcome;
}

}  // namespace

int sc_main(int argc, char** argv) {
  if (!kQuiet || argc < 2) return 2;
  sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_DO_NOTHING);
  const char* nic = argc > 2 ? argv[2] : nullptr;
  try {
    const Outcome first = run(argv[1], nic);
    forget_simulation();
    const Outcome second = run(argv[1], nic);
    std::cout << first.counters.size() << " bytes of counters, " << first.printed.size() << " printed\n";
    if (!first.adds_up || !second.adds_up) std::cout << "it does not add up\n" << first.counters << '\n';
    const bool same = first.counters == second.counters && first.printed == second.printed;
    if (!same) std::cout << "the second run is another one\n" << first.counters << "\n---\n" << second.counters << '\n';
    std::cout.flush();
    // SystemC's own events are of the first context: taking them apart at exit would look for them in the second.
    std::_Exit(same && first.adds_up && second.adds_up ? 0 : 1);
  } catch (const sim::UserError& error) {
    std::cout << error.what() << '\n';
    return 1;
  }
}
