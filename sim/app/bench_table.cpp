// SPDX-License-Identifier: Apache-2.0
#include "sim/app/bench_table.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "build_info.hpp"

namespace sim::app {
namespace {

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

std::string machine() {
  utsname name{};
  uname(&name);
  return fmt::format("{}, {} CPUs, {} {}", processor(), std::thread::hardware_concurrency(), name.sysname,
                     name.machine);
}

std::string number(double value) {
  const double size = value < 0 ? -value : value;
  return fmt::format("{:.{}f}", value, size >= 1000 ? 0 : size >= 10 ? 1 : 3);
}

}  // namespace

std::optional<double> BenchRow::ratio() const {
  if (!peer_value || *peer_value == 0) return std::nullopt;
  return value / *peer_value;
}

void BenchTable::print() const {
  std::size_t width = 24;
  for (const BenchRow& row : rows) width = std::max(width, row.metric.size());
  fmt::print("{:<22} {:<{}} {:>12} {:<14} {}\n", "case", "metric", width, "value", "unit",
             "compared with / limited by");
  for (const BenchRow& row : rows) {
    std::string note;
    if (row.peer && row.peer_value) {
      note = fmt::format("{}: {}, ratio {:.3f}", *row.peer, number(*row.peer_value), row.ratio().value_or(0));
    }
    if (row.limit) note += (note.empty() ? "" : "; ") + *row.limit;
    fmt::print("{:<22} {:<{}} {:>12} {:<14} {}\n", row.name, row.metric, width, number(row.value), row.unit, note);
  }
}

std::string BenchTable::json() const {
  nlohmann::ordered_json out;
  out["bench"] = bench;
  out["commit"] = kCommit;
  out["machine"] = machine();
  out["rows"] = nlohmann::ordered_json::array();
  for (const BenchRow& row : rows) {
    nlohmann::ordered_json item = {
        {"case", row.name}, {"metric", row.metric}, {"value", row.value}, {"unit", row.unit}};
    if (row.limit) item["limit"] = *row.limit;
    if (row.peer) item["peer"] = *row.peer;
    if (row.peer_value) item["peer_value"] = *row.peer_value;
    if (const auto r = row.ratio()) item["ratio"] = *r;
    out["rows"].push_back(std::move(item));
  }
  return out.dump(2) + "\n";
}

}  // namespace sim::app
