// SPDX-License-Identifier: Apache-2.0
#include "sim/app/summary.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "sim/app/duration.hpp"

namespace sim::app {
namespace {

void print_row(std::string_view layer, std::uint64_t in, std::uint64_t out) {
  fmt::print("  {:<24} {:>12} {:>12}\n", layer, in, out);
}

void print_frames(const board::Report& report) {
  fmt::print("frames                        receive     transmit\n");
  print_row("wire", report.value("wire", "to_nic_frames"), report.value("wire", "from_nic_frames"));
  print_row("NIC", report.value("nic", "rx_frames"), report.value("nic", "tx_frames"));
  print_row("rings", report.value("nic", "rx_delivered"), report.value("nic", "tx_chains"));
  print_row("interface", report.value("host", "eth0.rx_packets"), report.value("host", "eth0.tx_packets"));
  const std::uint64_t ip_in = report.value("host", "Ip.InReceives");
  const std::uint64_t ip_out = report.value("host", "Ip.OutRequests");
  if (ip_in + ip_out == 0) return;
  print_row("IP", ip_in, ip_out);
  print_row("ICMP", report.value("host", "Icmp.InMsgs"), report.value("host", "Icmp.OutMsgs"));
  print_row("UDP", report.value("host", "Udp.InDatagrams"), report.value("host", "Udp.OutDatagrams"));
}

bool is_trouble(std::string_view name) {
  for (const std::string_view mark :
       {"drop",    "error",      "Error",   "unsupported", "abort",   "poison",   "timeout",
        "bad",     "unexpected", "faulty",  "_fault",      "missed",  "stray",    "spurious",
        "skipped", "given_up",   "squeeze", "late_",       "ignored", "discarded"}) {
    if (name.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

void print_drops(const board::Report& report) {
  fmt::print("drops and errors\n");
  bool any = false;
  for (const auto& group : report.groups) {
    for (const auto& [name, count] : group.counters) {
      if (count == 0 || !is_trouble(name)) continue;
      fmt::print("  {:<36} {:>12}\n", fmt::format("{}.{}", group.name, name), count);
      any = true;
    }
  }
  if (!any) fmt::print("  none\n");
}

void print_activity(const board::Report& report) {
  fmt::print("interrupts and polls\n");
  for (const auto& group : report.groups) {
    if (group.name != "kernel" && group.name != "driver") continue;
    for (const auto& [name, count] : group.counters) {
      if (count != 0) fmt::print("  {:<36} {:>12}\n", name, count);
    }
  }
  for (const auto* name : {"doorbells", "irq_sent", "irq_suppressed"}) {
    fmt::print("  {:<36} {:>12}\n", fmt::format("nic.{}", name), report.value("nic", name));
  }
}

std::string cells(const board::StageSummary& summary) {
  if (summary.frames == 0) return fmt::format("{:>9} {:>9} {:>9}", "-", "-", "");
  return fmt::format("{:>9} {:>9} {:>9}", summary.p50_ns, summary.p99_ns, summary.frames);
}

void print_stages(const board::Report& report) {
  fmt::print("ns per stage         receive: p50       p99    frames   transmit: p50       p99    frames\n");
  for (const auto& row : report.stages) {
    if (row.receive.frames + row.transmit.frames == 0) continue;
    fmt::print("  {:<18} {}       {}\n", row.name, cells(row.receive), cells(row.transmit));
  }
  if (!report.stages_reliable) {
    fmt::print(
        "  (frames were lost, overtook each other or took several buffers: the stages are those of their "
        "neighbours)\n");
  }
}

}  // namespace

void print_summary(const board::Report& report) {
  fmt::print("{} simulated, {} core cycles in {:.2f} s: {:.0f} kcycles/s, seed {}\n", format_duration(report.simulated),
             report.core_cycles, report.wall_seconds, report.kcycles_per_second(), report.seed);
  print_frames(report);
  print_drops(report);
  print_activity(report);
  print_stages(report);
  for (const auto& group : report.groups) {
    if (group.name != "run") continue;
    for (const auto& [name, count] : group.counters) fmt::print("{:<38} {:>12}\n", name, count);
  }
  std::fflush(stdout);
}

int exit_status(const board::Report& report) {
  constexpr std::size_t kShown = 10;
  for (std::size_t i = 0; i < report.violations.size() && i < kShown; ++i) {
    fmt::print(stderr, "error: {}\n", report.violations[i]);
  }
  if (report.violations.size() > kShown) {
    fmt::print(stderr, "error: and {} more\n", report.violations.size() - kShown);
  }
  return report.violations.empty() ? 0 : 1;
}

}  // namespace sim::app
