// SPDX-License-Identifier: Apache-2.0
// The cosnic command: reads its arguments and calls the verb.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>
#include <systemc>

#include "sim/app/commands.hpp"
#include "sim/app/console_command.hpp"
#include "sim/pcie/user_error.hpp"

namespace {

/// SystemC's banner is printed before sc_main begins.
const bool kQuiet = setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1) == 0;

using sim::app::BenchNicArguments;
using sim::app::BenchSimArguments;
using sim::app::BenchStackArguments;
using sim::app::ExperimentArguments;
using sim::app::FuzzArguments;
using sim::app::LspciArguments;
using sim::app::ReplayArguments;
using sim::app::RunArguments;
using sim::app::WorldArguments;

constexpr const char* kNicHelp =
    "which NIC: rtl, rtl128 (128 bits wide) or model (the reference model, without cycles)";
constexpr const char* kCostsHelp =
    "TOML file of what each operation costs a CPU (host/kernel/costs.toml shows the form)";
constexpr const char* kConfigHelp = "TOML file that changes the simulated machine (sim/board/README.md)";

/// What a machine is made of, the same for each verb that has one.
void add_machine(CLI::App* run, RunArguments& arguments) {
  run->add_option("--app", arguments.app, "what the host runs: udp-echo, sink or reflect")->capture_default_str();
  run->add_option("--addr", arguments.addresses, "the host's address and prefix length; once for IPv4, once for IPv6")
      ->capture_default_str();
  run->add_option("--seed", arguments.seed, "of everything random")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  run->add_option("--for", arguments.limit, "simulated time to stop after, like 10ms or 2s");
  run->add_option("--capture", arguments.capture, "pcapng file of both directions of the wire");
  run->add_option("--trace", arguments.trace, "waves of the RTL, FILE.fst[:FROM:TO] with times like 10us");
  run->add_option("--stats", arguments.stats, "JSON file of every counter and stage");
  run->add_option("--nic-config", arguments.nic_config, kConfigHelp);
  run->add_option("--costs", arguments.costs, kCostsHelp);
  run->add_option("--nic", arguments.nic, kNicHelp)->capture_default_str();
}

constexpr const char* kWireHelp = "other end of the wire: tap:NAME, pcap:IN[:OUT] or peer";

void add_run(CLI::App& cosnic, RunArguments& arguments, int& status) {
  CLI::App* run =
      cosnic.add_subcommand("run", "Simulate a host behind the NIC until the wire's end is done, or Ctrl-C");
  run->add_option("--wire", arguments.wire, kWireHelp)->required();
  add_machine(run, arguments);
  run->add_option("--script", arguments.script,
                  "commands for the host's console, one a line: in order from the start, or at stated simulated times: "
                  "at 2ms COMMAND, every 1ms COMMAND");
  run->callback([&] { status = sim::app::run_command(arguments); });
}

void add_console(CLI::App& cosnic, RunArguments& arguments, int& status) {
  CLI::App* console = cosnic.add_subcommand(
      "console", "Sit at the console of such a host: time stands still while you type, unless the wire is a TAP");
  arguments.wire = "peer";
  console->add_option("--wire", arguments.wire, kWireHelp)->capture_default_str();
  add_machine(console, arguments);
  console->callback([&] { status = sim::app::console_command(arguments); });
}

void add_replay(CLI::App& cosnic, ReplayArguments& arguments, int& status) {
  CLI::App* replay = cosnic.add_subcommand("replay", "Send a capture through the NIC to the host and back");
  replay->add_option("IN", arguments.in, "pcap or pcapng file of Ethernet frames")->required();
  replay->add_option("--out", arguments.out, "pcapng file of what left the wire, in order")->required();
  replay->add_option("--seed", arguments.seed, "of everything random")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  replay->add_option("--window", arguments.window, "frames under way at most")
      ->check(CLI::Range(1, 128))
      ->capture_default_str();
  replay->add_option("--stats", arguments.stats, "JSON file of every counter and stage");
  replay->add_option("--nic-config", arguments.nic_config, kConfigHelp);
  replay->add_option("--costs", arguments.costs, kCostsHelp);
  replay->add_option("--nic", arguments.nic, kNicHelp)->capture_default_str();
  replay->callback([&] { status = sim::app::replay_command(arguments); });
}

void add_world(CLI::App& cosnic, WorldArguments& arguments, int& status) {
  CLI::App* world =
      cosnic.add_subcommand("world", "Simulate hosts, switches and wires out of a file (worlds/README.md)");
  world->add_option("FILE", arguments.file, "TOML file of the world")->required();
  world->add_option("--seed", arguments.seed, "instead of the file's")->check(CLI::NonNegativeNumber);
  world->add_option("--for", arguments.limit, "simulated time to stop after, instead of the file's");
  world->add_option("--nic", arguments.nic, "instead of each port's: native, model, rtl or rtl128");
  world->add_option("--json", arguments.json, "JSON file of every counter");
  world->callback([&] { status = sim::app::world_command(arguments); });
}

void add_lspci(CLI::App& cosnic, LspciArguments& arguments, int& status) {
  CLI::App* lspci =
      cosnic.add_subcommand("lspci", "Print the enumerated function as lspci -xxx does; lspci -F reads it");
  lspci->add_flag("-v", arguments.verbosity, "more: regions and capabilities; -vv: their registers too");
  lspci->add_option("--nic-config", arguments.nic_config, kConfigHelp);
  lspci->add_option("--nic", arguments.nic, kNicHelp)->capture_default_str();
  lspci->callback([&] { status = sim::app::lspci_command(arguments); });
}

void add_bench(CLI::App& cosnic, BenchSimArguments& sim, BenchNicArguments& nic, BenchStackArguments& stack,
               int& status) {
  CLI::App* bench = cosnic.add_subcommand("bench", "Measure");
  bench->require_subcommand(1);
  CLI::App* bench_sim = bench->add_subcommand("sim", "Speed of the simulation, against the bare model in the same run");
  bench_sim->add_option("--json", sim.json, "the same figures as JSON");
  bench_sim->add_option("--probe", sim.probe)->group("");
  bench_sim->callback([&] { status = sim::app::bench_sim_command(sim); });
  CLI::App* bench_nic = bench->add_subcommand("nic", "Frames a second and latency of the NIC, in simulated time");
  bench_nic->add_option("--json", nic.json, "the same figures as JSON");
  bench_nic->add_option("--only", nic.only, "the cases whose name contains this, like rtl/duplex/64/");
  bench_nic
      ->add_option("--frames", nic.frames,
                   "frames measured in each case; 0: those of 10 ms, at least 20000, or 10000 above 4096 B")
      ->capture_default_str();
  bench_nic->add_option("--jobs", nic.jobs, "cases at once; 0: one a CPU")->capture_default_str();
  bench_nic->add_option("--probe", nic.probe)->group("");
  bench_nic->callback([&] { status = sim::app::bench_nic_command(nic); });
  CLI::App* bench_stack =
      bench->add_subcommand("stack", "Time of the host's stack a packet, native, against lwIP in the same run");
  bench_stack->add_option("--json", stack.json, "the same figures as JSON");
  bench_stack->add_option("--only", stack.only, "the cases whose name contains this, like rx or forward");
  bench_stack->add_option("--probe", stack.probe)->group("");
  bench_stack->callback([&] { status = sim::app::bench_stack_command(stack); });
}

void add_fuzz(CLI::App& cosnic, FuzzArguments& arguments, int& status) {
  CLI::App* fuzz =
      cosnic.add_subcommand("fuzz", "Random machines, traffic and misbehaviour: the RTL against the model");
  fuzz->add_option("--seed", arguments.seed, "of the first case; the next has the next")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  fuzz->add_option("--count", arguments.count, "cases")->check(CLI::PositiveNumber)->capture_default_str();
  fuzz->add_option("--jobs", arguments.jobs, "cases at a time; as many as there are CPUs unless told")
      ->check(CLI::PositiveNumber);
  fuzz->add_option("--minutes", arguments.minutes, "begin no case after so long")->check(CLI::PositiveNumber);
  fuzz->add_flag("--trace-on-fail", arguments.trace_on_fail, "waves of the shortest plan that fails, as an FST file");
  fuzz->add_option("--keep", arguments.keep, "only these operations of the plan, like 3,7,9, or none");
  fuzz->callback([&] { status = sim::app::fuzz_command(arguments); });
}

void add_experiment(CLI::App& cosnic, ExperimentArguments& arguments, int& status) {
  CLI::App* experiment = cosnic.add_subcommand("experiment", "Turn one knob of the host and see what it does");
  experiment->add_option("NAME", arguments.name, "which, or all");
  experiment->add_flag("--list", arguments.list, "their names");
  experiment->add_flag("--short", arguments.brief, "few points and little time: only the direction");
  experiment->add_flag("--rtl", arguments.rtl, "on the RTL, as is usual");
  experiment->add_flag("--model", arguments.model, "on the reference model: faster, without cycles");
  experiment->add_option("--seed", arguments.seed, "of everything random")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  experiment->add_option("--jobs", arguments.jobs, "points at once; 0: one a CPU")->capture_default_str();
  experiment->add_option("--json", arguments.json, "the points with all figures and units");
  experiment->add_option("--costs", arguments.costs, kCostsHelp);
  experiment->add_option("--probe", arguments.probe)->group("");
  experiment->callback([&] { status = sim::app::experiment_command(arguments); });
}

int run_cosnic(int argc, char** argv) {
  CLI::App cosnic("cosnic: an open SmartNIC, its RTL simulated between a wire and a host");
  cosnic.require_subcommand(1);
  int status = 0;
  RunArguments run;
  RunArguments console;
  ReplayArguments replay;
  WorldArguments world;
  LspciArguments lspci;
  BenchSimArguments bench_sim;
  BenchNicArguments bench_nic;
  BenchStackArguments bench_stack;
  FuzzArguments fuzz;
  ExperimentArguments experiment;
  add_run(cosnic, run, status);
  add_console(cosnic, console, status);
  add_replay(cosnic, replay, status);
  add_world(cosnic, world, status);
  add_lspci(cosnic, lspci, status);
  add_bench(cosnic, bench_sim, bench_nic, bench_stack, status);
  add_fuzz(cosnic, fuzz, status);
  add_experiment(cosnic, experiment, status);
  try {
    cosnic.parse(argc, argv);
  } catch (const CLI::Success& wanted) {
    return cosnic.exit(wanted);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "error: {}; 'cosnic --help' and 'cosnic VERB --help' tell more\n", error.what());
    return 1;
  }
  return status;
}

}  // namespace

int sc_main(int argc, char** argv) {
  sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_DO_NOTHING);
  if (!kQuiet) return 1;
  try {
    return run_cosnic(argc, argv);
  } catch (const sim::UserError& error) {
    fmt::print(stderr, "error: {}\n", error.what());
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
  }
  return 1;
}
