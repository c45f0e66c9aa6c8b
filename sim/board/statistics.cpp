// SPDX-License-Identifier: Apache-2.0
#include "sim/board/statistics.hpp"

#include <fmt/format.h>

#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "sim/board/board.hpp"

namespace sim::board {
namespace {

constexpr unsigned kRegisterBar = 0;  // the function has one memory BAR

/// "STAT_RX_DROP_BAD_FCS" -> "rx_drop_bad_fcs".
std::string plain_name(std::string_view name) {
  std::string out(name.substr(std::string_view("STAT_").size()));
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

void collect_nic(Board& board, Report& report) {
  const std::uint64_t window = board.function().bars[kRegisterBar].address + contract::BAR_STATS;
  for (std::uint32_t i = 0; i < contract::STAT_COUNT; ++i) {
    const std::uint64_t low = board.root().mmio_read(window + 8 * i, 4);  // latches the upper half
    const std::uint64_t high = board.root().mmio_read(window + 8 * i + 4, 4);
    report.add("nic", plain_name(contract::kStatNames[i]), high << 32 | low);
  }
}

/// What the NIC counted by queue pair, where it has a control window; "rx0_frames".
void collect_nic_queues(Board& board, Report& report) {
  using namespace contract;
  const std::uint64_t control = board.function().bars[kRegisterBar].address + BAR_CONTROL;
  const auto window = [&](unsigned which) { return control + std::uint64_t{CTL_WINDOW_BYTES} * which; };
  if (board.root().mmio_read(window(CTL_GENERAL) + GENERAL_ID, 4) != GENERAL_ID_VALUE) return;
  const unsigned pairs = board.driver().queue_pairs();
  for (unsigned pair = 0; pair < pairs; ++pair) {
    const std::uint64_t at = window(CTL_QUEUE_STATS) + std::uint64_t{QSTAT_PAIR_BYTES} * pair;
    const auto add = [&](std::string_view name, std::uint32_t offset) {
      const std::uint64_t low = board.root().mmio_read(at + offset, 4);  // keeps the upper half
      const std::uint64_t high = board.root().mmio_read(at + offset + 4, 4);
      report.add("queues", fmt::format(fmt::runtime(name), pair), high << 32 | low);
    };
    add("rx{}_frames", QSTAT_RX_FRAMES);
    add("rx{}_bytes", QSTAT_RX_BYTES);
    add("rx{}_no_buffer", QSTAT_RX_NO_BUFFER);
    add("tx{}_frames", QSTAT_TX_FRAMES);
    add("tx{}_bytes", QSTAT_TX_BYTES);
  }
}

void collect_wire(Board& board, Report& report) {
  const auto& in = board.cable().to_nic();
  const auto& out = board.cable().from_nic();
  const auto& seen = board.nic().decoder().counters();
  report.add("wire", "to_nic_frames", in.frames);
  report.add("wire", "to_nic_bytes", in.bytes);
  report.add("wire", "to_nic_faulty", in.faulty);
  report.add("wire", "from_nic_frames", out.frames);
  report.add("wire", "from_nic_bytes", out.bytes);
  report.add("wire", "from_nic_bad_fcs", seen.bad_fcs);
  report.add("wire", "from_nic_bad_preamble", seen.bad_preamble);
  report.add("wire", "from_nic_error_control", seen.error_control);
  report.add("wire", "from_nic_runt", seen.runt);
  report.add("wire", "from_nic_short_gap", seen.short_gap);
  report.add("wire", "from_nic_stray", seen.stray);
}

void collect_pcie(Board& board, Report& report) {
  const auto& root = board.root().counters();
  report.add("pcie", "nic_reads", root.reads);
  report.add("pcie", "nic_read_bytes", root.read_bytes);
  report.add("pcie", "nic_writes", root.writes);
  report.add("pcie", "nic_write_bytes", root.write_bytes);
  report.add("pcie", "interrupt_messages", root.messages);
  report.add("pcie", "completions", root.completions_out);
  report.add("pcie", "unsupported", root.unsupported);
  report.add("pcie", "cpu_reads", root.host_reads);
  report.add("pcie", "cpu_writes", root.host_writes);
  report.add("pcie", "cpu_timeouts", root.host_timeouts);
  report.add("pcie", "cpu_errors", root.host_errors);
  report.add("pcie", "late_completions", root.late_completions);
  report.add("pcie", "checked_tlps", board.root().checker().checked());
  report.add("pcie", "iommu_faults", board.machine().iommu().faults());
}

void collect_adversary(Board& board, Report& report) {
  for (std::size_t k = 0; k < pcie::kMisdeedNames.size(); ++k) {
    const std::uint64_t count = board.adversary().count(static_cast<pcie::Misdeed>(k));
    if (count != 0) report.add("adversary", std::string(pcie::kMisdeedNames[k]), count);
  }
}

void collect_kernel(Board& board, Report& report) {
  auto& kernel = board.machine().kernel();
  using host::kernel::CpuState;
  for (unsigned id = 0; id < kernel.cpu_count(); ++id) {
    const auto& cpu = kernel.cpu(id);
    const auto name = [id](std::string_view what) { return fmt::format("cpu{}_{}", id, what); };
    report.add("kernel", name("irq_ns"), static_cast<std::uint64_t>(cpu.time_in(CpuState::irq)));
    report.add("kernel", name("softirq_ns"), static_cast<std::uint64_t>(cpu.time_in(CpuState::softirq)));
    report.add("kernel", name("system_ns"), static_cast<std::uint64_t>(cpu.time_in(CpuState::system)));
    report.add("kernel", name("user_ns"), static_cast<std::uint64_t>(cpu.time_in(CpuState::user)));
    report.add("kernel", name("net_rx_softirqs"), cpu.softirq_count(host::kernel::Softirq::net_rx));
    report.add("kernel", name("processed"), kernel.cpu(id).softnet().processed);
    report.add("kernel", name("time_squeeze"), kernel.cpu(id).softnet().time_squeeze);
    report.add("kernel", name("received_rps"), kernel.cpu(id).softnet().received_rps);
    report.add("kernel", name("ksoftirqd_wakeups"), cpu.ksoftirqd_wakeups());
  }
  for (const auto& action : kernel.irq_actions()) {
    if (!action) continue;
    std::uint64_t count = 0;
    for (const std::uint64_t n : action->counts) count += n;
    report.add("kernel", "irq_" + action->name, count);
  }
  report.add("kernel", "spurious_interrupts", kernel.spurious_interrupts());
}

void collect_host(Board& board, Report& report) {
  for (const auto& [name, value] : board.driver().statistics()) report.add("driver", name, value);
  report.add("driver", "tx_queue_stops", board.device().queue_stops());
  report.add("driver", "qdisc_requeues", board.device().qdisc_stats().requeues);
  for (const auto& [name, value] : board.host().counters()) report.add("host", name, value);
}

void collect_stages(Board& board, Report& report) {
  const JourneyRecorder& journey = board.journey();
  for (std::size_t i = 0; i < kStages; ++i) {
    const auto stage = static_cast<Stage>(i);
    report.stages.push_back(
        {kStageNames[i], journey.summary(Way::receive, stage), journey.summary(Way::transmit, stage)});
  }
  report.stages.push_back({"total", journey.total(Way::receive), journey.total(Way::transmit)});
  // The pins name no queue: frames of several overtake each other.
  report.stages_reliable =
      journey.reliable() && report.value("nic", "rx_drop_fifo_overflow") == 0 && board.driver().channels() == 1;
}

/// Frames in = delivered + each reason for a drop, at every layer, and what one hands on the next one has.
void check_conservation(Report& report) {
  const auto nic = [&](std::string_view name) { return report.value("nic", name); };
  const auto host = [&](std::string_view name) { return report.value("host", name); };
  report.expect_equal("wire to NIC", report.value("wire", "to_nic_frames"), "nic.rx_frames", nic("rx_frames"));
  report.expect_equal("nic.rx_frames", nic("rx_frames"), "nic.rx_delivered + nic.rx_coalesced + nic.rx_drop_*",
                      nic("rx_delivered") + nic("rx_coalesced") + report.sum("nic", "rx_drop_"));
  report.expect_equal("nic.rx_delivered", nic("rx_delivered"), "eth0.rx_packets + driver drops",
                      host("eth0.rx_packets") + report.sum("host", "drop.rx_"));
  // What a queue reset caught on its way to the wire is not given back.
  report.expect_equal("eth0.tx_packets + nic.tx_drop_reset", host("eth0.tx_packets") + nic("tx_drop_reset"),
                      "nic.tx_chains", nic("tx_chains"));
  report.expect_equal("nic.rx_used", nic("rx_used"), "driver.rx_used", report.value("driver", "rx_used"));
  report.expect_equal("nic.tx_chains + nic.tx_segments", nic("tx_chains") + nic("tx_segments"),
                      "nic.tx_frames + nic.tx_drop_*", nic("tx_frames") + report.sum("nic", "tx_drop_"));
  const std::uint64_t broken = report.value("wire", "from_nic_error_control");
  report.expect_equal("nic.tx_frames", nic("tx_frames"), "whole frames on the wire",
                      report.value("wire", "from_nic_frames") - broken);
  report.expect_equal("nic.tx_drop_underrun", nic("tx_drop_underrun"), "broken frames on the wire", broken);
  for (const auto* counter :
       {"from_nic_bad_fcs", "from_nic_bad_preamble", "from_nic_runt", "from_nic_short_gap", "from_nic_stray"}) {
    if (report.value("wire", counter) != 0) {
      report.violations.push_back(
          fmt::format("the NIC sent what no MAC may send: wire.{} = {}", counter, report.value("wire", counter)));
    }
  }
}

/// Each queue of the NIC against the same one of the driver. A queue counts frames that are lost behind it, if any are.
void check_queues(const Board& board, Report& report) {
  const auto nic = [&](std::string_view name) { return report.value("nic", name); };
  const auto behind = nic("rx_drop_not_ready") + nic("rx_drop_too_small") + nic("rx_drop_reset") +
                      nic("tx_drop_length") + nic("tx_drop_dma") + nic("tx_drop_reset");
  if (report.sum("queues", "") == 0 || behind != 0) return;
  std::uint64_t taken = 0;
  for (unsigned pair = 0; pair < board.driver().queue_pairs(); ++pair) {
    const auto queue = [&](std::string_view group, char way, std::string_view what) {
      return report.value(group, fmt::format("{}x{}_{}", way, pair, what));
    };
    taken += queue("queues", 'r', "frames");
    report.expect_equal(fmt::format("queues.rx{}_frames", pair), queue("queues", 'r', "frames"),
                        fmt::format("driver.rx{0}_packets + driver.rx{0}_drops", pair),
                        queue("driver", 'r', "packets") + queue("driver", 'r', "drops"));
    report.expect_equal(fmt::format("queues.tx{}_frames", pair), queue("queues", 't', "frames"),
                        fmt::format("driver.tx{}_packets", pair), queue("driver", 't', "packets"));
    report.expect_equal(fmt::format("queues.tx{}_bytes", pair), queue("queues", 't', "bytes"),
                        fmt::format("driver.tx{}_bytes", pair), queue("driver", 't', "bytes"));
  }
  report.expect_equal("queues.rx*_frames", taken, "nic.rx_delivered", nic("rx_delivered"));
}

void check_rules(Board& board, Report& report) {
  for (const auto& violation : board.root().checker().violations()) {
    report.violations.push_back("PCIe: " + violation.text());
  }
  if (const auto faults = board.machine().iommu().faults(); faults != 0) {
    report.violations.push_back(fmt::format("the NIC reached for memory that it was not given {} times: {}", faults,
                                            board.first_iommu_fault()));
  }
  if (const auto misuses = board.machine().dma().misuses(); misuses != 0) {
    report.violations.push_back(fmt::format("the driver freed or unmapped {} times what was not there", misuses));
  }
}

}  // namespace

void collect_statistics(Board& board, Report& report) {
  collect_nic(board, report);
  collect_nic_queues(board, report);
  collect_wire(board, report);
  collect_pcie(board, report);
  collect_adversary(board, report);
  collect_host(board, report);
  collect_kernel(board, report);
  collect_stages(board, report);
  check_conservation(report);
  check_queues(board, report);
  check_rules(board, report);
}

void check_after_close(Board& board, Report& report) {
  if (const auto windows = board.machine().iommu().windows(); windows != 0) {
    report.violations.push_back(fmt::format("{} DMA windows are open although the interface is closed", windows));
  }
  if (const auto reads = board.root().checker().outstanding_reads(); reads != 0) {
    report.violations.push_back(fmt::format("{} reads of the NIC were never answered in full", reads));
  }
}

}  // namespace sim::board
