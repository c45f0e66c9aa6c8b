// SPDX-License-Identifier: Apache-2.0
// cosnic bench sim: how fast the whole system simulates, against the bare model in the same run.
#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <vector>

#include "sim/app/bench_child.hpp"
#include "sim/app/bench_probe.hpp"
#include "sim/app/bench_table.hpp"
#include "sim/app/commands.hpp"
#include "sim/app/output_file.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::app {
namespace {

constexpr Picoseconds kDuration = 1'000'000'000;  // 1 ms of simulated time
constexpr Picoseconds kShortCount = 20'000'000;   // for callgrind: two lengths, subtracted
constexpr Picoseconds kLongCount = 120'000'000;
constexpr int kRepeats = 7;
constexpr const char* kCallgrind = "valgrind --tool=callgrind --callgrind-out-file=/dev/null";

/// Another program on the machine only ever makes a run slower.
double best(const std::vector<double>& values) {
  return *std::max_element(values.begin(), values.end());
}

void add_speed(BenchTable& table, unsigned length) {
  std::vector<double> whole;
  std::vector<double> bare;
  for (int i = 0; i < kRepeats; ++i) {
    Probe probe{.length = length, .duration = kDuration};
    const auto plain = run_in_child("sim", probe.text()).result;
    whole.push_back(static_cast<double>(plain["core_cycles"]) / plain["probe"]["whole_cpu_seconds"].get<double>() /
                    1e3);
    probe.bare = true;
    const auto taped = run_in_child("sim", probe.text()).result;
    bare.push_back(static_cast<double>(taped["bare"]["core_cycles"]) / taped["bare"]["cpu_seconds"].get<double>() /
                   1e3);
  }
  table.rows.push_back({fmt::format("line rate {} B", length),
                        "whole system",
                        best(whole),
                        "kcycles/s",
                        {},
                        "bare eval loop",
                        best(bare)});
}

struct Count {
  double instructions;
  double cycles;
};

Count count(const Probe& probe) {
  const ChildOutput output = run_in_child("sim", probe.text(), kCallgrind);
  std::smatch match;
  if (!std::regex_search(output.messages, match, std::regex("Collected : ([0-9]+)"))) {
    throw UserError("callgrind told no count; is valgrind installed? ('./dev setup' installs it)");
  }
  return {std::stod(match[1]), output.result["core_cycles"].get<double>()};
}

void add_instructions(BenchTable& table, unsigned length) {
  const Count shorter = count({.length = length, .duration = kShortCount});
  const Count longer = count({.length = length, .duration = kLongCount});
  const double each = (longer.instructions - shorter.instructions) / (longer.cycles - shorter.cycles);
  table.rows.push_back({fmt::format("line rate {} B", length),
                        "instructions per cycle",
                        each,
                        "instr/cycle",
                        "aim: at most 10000",
                        {},
                        {}});
}

}  // namespace

int bench_sim_command(const BenchSimArguments& arguments) {
  if (!arguments.probe.empty()) {
    fmt::print("{}\n", run_probe(Probe::parse(arguments.probe)).dump());
    return 0;
  }
  OutputFile json(arguments.json);
  BenchTable table{"sim", {}};
  for (const unsigned length : {64U, 1514U}) {
    fmt::print(stderr, "speed at {} B\n", length);
    add_speed(table, length);
  }
  for (const unsigned length : {64U, 1514U}) {
    fmt::print(stderr, "instructions at {} B (callgrind)\n", length);
    add_instructions(table, length);
  }
  table.print();
  json.write(table.json());
  return 0;
}

}  // namespace sim::app
