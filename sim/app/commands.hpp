// SPDX-License-Identifier: Apache-2.0
// The verbs of the cosnic command. Each returns the exit status and throws UserError for the user's mistakes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sim::app {

struct RunArguments {
  std::string wire;
  std::string app = "udp-echo";
  std::vector<std::string> addresses = {"10.77.0.2/24"};
  std::uint64_t seed = 1;
  std::string limit;  ///< empty: until there is nothing more to do, or Ctrl-C
  std::string capture;
  std::string trace;
  std::string stats;
  std::string script;
  std::string nic_config;
  std::string costs;  ///< empty: the defaults
  std::string nic = "rtl";
};
int run_command(const RunArguments& arguments);

struct WorldArguments {
  std::string file;
  std::string limit;  ///< empty: as the file says
  std::string json;
  std::string nic;  ///< empty: as the file says for each port
  std::optional<std::uint64_t> seed;
};
int world_command(const WorldArguments& arguments);

struct ReplayArguments {
  std::string in;
  std::string out;
  std::uint64_t seed = 1;
  unsigned window = 64;
  std::string stats;
  std::string nic_config;
  std::string costs;  ///< empty: the defaults
  std::string nic = "rtl";
};
int replay_command(const ReplayArguments& arguments);

struct LspciArguments {
  unsigned verbosity = 0;
  std::string nic_config;
  std::string nic = "rtl";
};
int lspci_command(const LspciArguments& arguments);

struct BenchSimArguments {
  std::string json;
  /// For the measurement itself: one bare case of so many frames, nothing printed.
  std::string probe;
};
int bench_sim_command(const BenchSimArguments& arguments);

struct BenchNicArguments {
  std::string json;
  std::string only;     ///< part of a case's name; the cases that have it
  unsigned frames = 0;  ///< measured in each case; 0: 20000, or 10000 above 4096 B
  unsigned jobs = 0;    ///< at once; 0: as many as there are CPUs
  std::string probe;    ///< for the measurement itself: one case, JSON on stdout
};
int bench_nic_command(const BenchNicArguments& arguments);

struct BenchStackArguments {
  std::string json;
  std::string only;   ///< part of a case's name; the cases that have it
  std::string probe;  ///< for the measurement itself: CASE:BURSTS, JSON on stdout
};
int bench_stack_command(const BenchStackArguments& arguments);

struct FuzzArguments {
  std::uint64_t seed = 1;
  std::uint64_t count = 1;
  unsigned jobs = 0;   ///< 0: as many as there are CPUs
  double minutes = 0;  ///< 0: until all are done
  bool trace_on_fail = false;
  std::string keep;  ///< only these operations of the plan; empty: all
};
int fuzz_command(const FuzzArguments& arguments);

struct ExperimentArguments {
  std::string name;  ///< or all
  bool list = false;
  bool brief = false;
  bool rtl = false;
  bool model = false;
  std::uint64_t seed = 1;
  unsigned jobs = 0;  ///< at once; 0: as many as there are CPUs
  std::string json;
  std::string costs;
  std::string probe;  ///< for the measurement itself: the number of one point, JSON on stdout
};
int experiment_command(const ExperimentArguments& arguments);

}  // namespace sim::app
