// SPDX-License-Identifier: Apache-2.0
// cosnic bench nic: frames a second and latency in simulated time, and what keeps them from being better.
#include <fmt/format.h>

#include "sim/app/bench_probe.hpp"
#include "sim/app/bench_table.hpp"
#include "sim/app/commands.hpp"
#include "sim/app/output_file.hpp"
#include "sim/wire/xgmii.hpp"

namespace sim::app {
namespace {

constexpr Picoseconds kDuration = 400'000'000;  // 400 us of simulated time
constexpr double kPreambleAndGap = 20;
constexpr double kBitsPerSecond = 10e9;

double line_rate(unsigned length) {
  return kBitsPerSecond / 8 / (length + kPreambleAndGap);
}

double counter(const nlohmann::json& result, const char* group, const char* name) {
  return result["counters"][group].value(name, 0.0);
}

/// A short reason, from the counters.
std::string limit_of(const nlohmann::json& result, double rate, unsigned length) {
  if (rate > 0.985 * line_rate(length)) return "the wire";
  const double missed = counter(result, "nic", "rx_drop_missed");
  const double overflow = counter(result, "nic", "rx_drop_fifo_overflow");
  const double seconds = static_cast<double>(result["simulated_ns"]) * 1e-9;
  const double up = (counter(result, "pcie", "nic_write_bytes")) / seconds / 1e9;
  const double down = (counter(result, "pcie", "nic_read_bytes")) / seconds / 1e9;
  const double dropped = missed + overflow;
  const std::string pcie = fmt::format("PCIe payload {:.2f} GB/s up, {:.2f} down", up, down);
  if (dropped > 0)
    return fmt::format("ring and DMA behind the packet buffer: {:.0f} frames found it full; {}", dropped, pcie);
  return fmt::format("descriptor fetch, reads and write-back of the ring; {}", pcie);
}

struct Direction {
  Probe::Traffic traffic;
  const char* name;
};

void add_rates(BenchTable& table, Direction direction, unsigned length) {
  Probe probe{
      .traffic = direction.traffic, .length = length, .duration = kDuration, .free_host = true, .observe = false};
  const nlohmann::json result = run_probe_in_child(probe).result;
  const auto& measured = result["probe"];
  const double seconds = static_cast<double>(measured["ns"]) * 1e-9;
  const std::string name = fmt::format("{} {} B", direction.name, length);
  const auto add = [&](const char* metric, const char* key) {
    const double rate = static_cast<double>(measured[key]) / seconds;
    table.rows.push_back(
        {name, metric, rate / 1e6, "Mframes/s", limit_of(result, rate, length), "line rate", line_rate(length) / 1e6});
  };
  if (direction.traffic != Probe::Traffic::transmit) add("received by the host", "received");
  if (direction.traffic != Probe::Traffic::receive) add("sent on the wire", "sent");
}

void add_latency(BenchTable& table, unsigned length) {
  Probe probe{.traffic = Probe::Traffic::single, .length = length, .duration = 2 * kDuration, .free_host = true};
  const nlohmann::json result = run_probe_in_child(probe).result;
  for (const char* way : {"receive", "transmit"}) {
    const std::string name = fmt::format("{} {} B", way, length);
    const auto& total = result["stages"]["total"][way];
    const std::string what = std::string(way) == "receive" ? "wire to driver" : "driver to wire";
    table.rows.push_back({name, "latency p50, " + what, total["p50_ns"], "ns", {}, {}, {}});
    table.rows.push_back({name, "latency p99, " + what, total["p99_ns"], "ns", {}, {}, {}});
  }
}

}  // namespace

int bench_nic_command(const BenchNicArguments& arguments) {
  OutputFile json(arguments.json);
  BenchTable table{"nic", {}};
  constexpr Direction kDirections[] = {
      {Probe::Traffic::receive, "receive"}, {Probe::Traffic::transmit, "transmit"}, {Probe::Traffic::both, "both"}};
  for (const Direction& direction : kDirections) {
    for (const unsigned length : {64U, 256U, 1514U}) {
      fmt::print(stderr, "{} {} B\n", direction.name, length);
      add_rates(table, direction, length);
    }
  }
  for (const unsigned length : {64U, 256U, 1514U}) {
    fmt::print(stderr, "latency {} B\n", length);
    add_latency(table, length);
  }
  table.print();
  json.write(table.json());
  return 0;
}

}  // namespace sim::app
