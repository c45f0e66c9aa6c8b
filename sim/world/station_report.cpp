// SPDX-License-Identifier: Apache-2.0
// What a host of a world counted, and whether its packets add up.
#include <fmt/format.h>

#include "sim/world/station.hpp"

namespace sim::world {

void Station::report(board::Report& report) {
  const auto& name = plan_.name;
  for (const auto& [counter, value] : host().counters()) {
    if (value != 0) report.add(name, counter, value);
  }
  using host::kernel::CpuState;
  for (unsigned id = 0; id < plan_.cpus; ++id) {
    const auto& cpu = machine_.kernel().cpu(id);
    const auto add = [&](std::string_view what, std::int64_t value) {
      report.add(name + ".cpus", fmt::format("cpu{}_{}", id, what), static_cast<std::uint64_t>(value));
    };
    add("irq_ns", cpu.time_in(CpuState::irq));
    add("softirq_ns", cpu.time_in(CpuState::softirq));
    add("system_ns", cpu.time_in(CpuState::system));
    add("user_ns", cpu.time_in(CpuState::user));
  }
  for (const auto& nic : natives_) nic->report(report, name + "." + nic->device().name());
  for (const auto& nic : nics_) nic->report(report, name + "." + nic->device().name());
  for (std::size_t i = 0; i < programs_.size(); ++i) {
    std::string group = name + "." + programs_[i]->plan().name;
    for (std::size_t j = 0; j < i; ++j) {
      if (programs_[j]->plan().name == programs_[i]->plan().name)
        group = fmt::format("{}.{}#{}", name, programs_[i]->plan().name, i);
    }
    programs_[i]->report(report, group);
  }
}

void Station::report_after_close(board::Report& report) {
  const std::string group = plan_.name + ".packets";
  const LedgerTotals totals = ledger_.totals();
  report.add(group, "received", totals.received);
  report.add(group, "delivered", totals.delivered);
  report.add(group, "forwarded", totals.forwarded);
  report.add(group, "consumed", totals.consumed);
  report.add(group, "merged", totals.merged);
  report.add(group, "held", totals.held);
  for (std::size_t reason = 0; reason < host::base::kDropReasons; ++reason) {
    if (totals.dropped[reason] == 0) continue;
    report.add(group, fmt::format("drop.{}", host::base::kDropReasonNames[reason]), totals.dropped[reason]);
  }
  report.add(group, "own_dropped", totals.own_dropped);
  report.add(group, "copies_dropped", totals.copies_dropped);
  check_ledger(report);
  for (const auto& nic : nics_) nic->check_after_close(report, plan_.name + "." + nic->device().name());
  if (const auto windows = machine_.iommu().windows(); windows != 0) {
    report.violations.push_back(
        fmt::format("{}: {} DMA windows are open although the interfaces are closed", plan_.name, windows));
  }
  if (const auto faults = machine_.iommu().faults(); faults != 0) {
    report.violations.push_back(
        fmt::format("{}: a NIC reached {} times for memory that it was not given", plan_.name, faults));
  }
}

/// Each received packet has one end; who has none is still there, in a queue that somebody can name.
void Station::check_ledger(board::Report& report) {
  const LedgerTotals totals = ledger_.totals();
  report.expect_equal(
      fmt::format("{}: received", plan_.name), totals.received,
      "delivered + forwarded + consumed + merged + dropped + held",
      totals.delivered + totals.forwarded + totals.consumed + totals.merged + totals.all_dropped() + totals.held);
  std::uint64_t handed_up = 0;
  for (const Port& port : ports_) handed_up += port.device().stats().rx_packets;
  const auto dropped = [&](host::base::DropReason reason) { return totals.dropped[static_cast<std::size_t>(reason)]; };
  using host::base::DropReason;
  const std::uint64_t by_drivers =
      nics_.empty() ? 0 : dropped(DropReason::rx_length_error) + dropped(DropReason::rx_bad_offload);
  report.expect_equal(fmt::format("{}: rx_packets of its interfaces", plan_.name), handed_up + by_drivers,
                      "packets handed up", totals.received);
  report.expect_equal(fmt::format("{}: drops by reason", plan_.name), machine_.kernel().drops().total(), "drops seen",
                      totals.all_dropped() + totals.own_dropped + totals.copies_dropped);
  if (totals.held > host().pool().in_use()) {
    report.violations.push_back(fmt::format("{}: {} packets have no end, but only {} are still there", plan_.name,
                                            totals.held, host().pool().in_use()));
  }
}

}  // namespace sim::world
