// SPDX-License-Identifier: Apache-2.0
// cosnic bench nic: how much of the line rate the NIC reaches, what it loses, what a frame costs on PCIe and how long
// it takes, for every size, direction, ring and number of queues, on the RTL and on the model.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "sim/app/bench_child.hpp"
#include "sim/app/bench_table.hpp"
#include "sim/app/commands.hpp"
#include "sim/app/nic_probe.hpp"
#include "sim/app/output_file.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::app {
namespace {

using Direction = NicProbe::Direction;

constexpr unsigned kSizes[] = {64, 65, 127, 128, 256, 511, 512, 1024, 1518, 4096, 9216, 0};  // 0: IMIX
constexpr unsigned kLoneFrames = 500;
constexpr unsigned kImixFrames = 40'000;

/// 10 ms at line rate: the packet buffer holds 52 us, so that a NIC that is half a percent short loses frames.
unsigned frames_of(unsigned length) {
  if (length == 0) return kImixFrames;
  constexpr unsigned kBytes = 12'500'000;  // in 10 ms
  constexpr unsigned kOverhead = 20;       // preamble and gap
  return std::max(kBytes / (length + kOverhead), length > 4096 ? 10'000U : 20'000U);
}

std::vector<NicProbe> all_cases(const BenchNicArguments& arguments) {
  std::vector<NicProbe> cases;
  for (const auto nic : {board::NicKind::rtl, board::NicKind::rtl128, board::NicKind::model}) {
    for (const auto direction : {Direction::receive, Direction::transmit, Direction::duplex, Direction::lone}) {
      for (const unsigned length : kSizes) {
        for (const auto ring : {host::driver::RingKind::packed, host::driver::RingKind::split}) {
          for (const unsigned queues : {1U, 8U}) {
            if (direction == Direction::lone && (queues != 1 || length == 0)) continue;
            const bool usual = direction == Direction::duplex && ring == host::driver::RingKind::packed && queues == 8;
            if (nic == board::NicKind::rtl128 && !usual) continue;  // at 25 Gb/s: what the wide data path is for
            const unsigned frames = arguments.frames != 0          ? arguments.frames
                                    : direction == Direction::lone ? kLoneFrames
                                                                   : frames_of(length);
            const NicProbe probe{nic, direction, length, ring, queues, frames};
            if (probe.name().find(arguments.only) != std::string::npos) cases.push_back(probe);
          }
        }
      }
    }
  }
  if (cases.empty()) throw UserError(fmt::format("no case's name contains '{}'", arguments.only));
  return cases;
}

/// Runs every case, several at once; results in the cases' order.
std::vector<nlohmann::json> run_all(const std::vector<NicProbe>& cases, unsigned jobs) {
  std::vector<nlohmann::json> results(cases.size());
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::string problem;
  std::size_t finished = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < cases.size(); i = next++) {
      std::string failure;
      try {
        results[i] = run_in_child("nic", cases[i].text()).result;
        for (const auto& violation : results[i]["violations"]) failure = violation.get<std::string>();
      } catch (const UserError& error) {
        failure = error.what();
      }
      const std::scoped_lock lock(mutex);
      fmt::print(stderr, "[{}/{}] {}{}\n", ++finished, cases.size(), cases[i].name(),
                 failure.empty() ? "" : ": " + failure);
      if (!failure.empty() && problem.empty()) problem = fmt::format("{}: {}", cases[i].name(), failure);
    }
  };
  std::vector<std::jthread> workers;
  for (unsigned i = 0; i < jobs; ++i) workers.emplace_back(work);
  workers.clear();
  if (!problem.empty()) throw UserError(problem);
  return results;
}

/// Receiving is what is reported of a duplex case; the slower way is what counts for the rate.
void add_rows(BenchTable& table, const NicProbe& probe, const nlohmann::json& result) {
  const auto& measured = result["measured"];
  const std::string name = probe.name();
  const auto add = [&](const std::string& metric, double value, const char* unit) {
    table.rows.push_back({name, metric, value, unit, {}, {}, {}});
  };
  if (probe.direction != Direction::lone) {
    double percent = 1e9;
    for (const char* way : {"receive", "transmit"}) {
      if (!measured.contains(way)) continue;
      percent = std::min(percent, measured[way]["line_rate_percent"].get<double>());
    }
    table.rows.push_back({name,
                          "line_rate_percent",
                          percent,
                          "%",
                          {},
                          probe.nic == board::NicKind::rtl128 ? "25GBASE-R" : "10GBASE-R",
                          100.0});
    add("drops", measured["drops"].get<double>(), "frames");
    add("pcie_overhead_bytes", measured["pcie_overhead_bytes"].get<double>(), "B/frame");
  }
  for (const char* way : {"receive", "transmit"}) {
    if (!measured.contains(way) || measured[way]["latency"].is_null()) continue;
    const std::string prefix = probe.direction == Direction::lone ? std::string(way) + "_" : "";
    add(prefix + "latency_p50_ns", measured[way]["latency"]["p50_ns"].get<double>(), "ns");
    add(prefix + "latency_p99_ns", measured[way]["latency"]["p99_ns"].get<double>(), "ns");
  }
}

}  // namespace

int bench_nic_command(const BenchNicArguments& arguments) {
  if (!arguments.probe.empty()) {
    fmt::print("{}\n", run_nic_probe(NicProbe::parse(arguments.probe)).dump());
    return 0;
  }
  OutputFile json(arguments.json);
  BenchTable table{"nic", {}};
  const std::vector<NicProbe> cases = all_cases(arguments);
  const unsigned jobs = arguments.jobs != 0 ? arguments.jobs : std::max(1U, std::thread::hardware_concurrency());
  const std::vector<nlohmann::json> results = run_all(cases, jobs);
  for (std::size_t i = 0; i < cases.size(); ++i) add_rows(table, cases[i], results[i]);
  table.print();
  json.write(table.json());
  return 0;
}

}  // namespace sim::app
