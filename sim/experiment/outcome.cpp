// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/outcome.hpp"

#include <algorithm>

#include "host/base/invariant.hpp"

namespace sim::experiment {
namespace {

using host::kernel::CpuState;

constexpr double kPercent = 100;

}  // namespace

const std::vector<Metric>& all_metrics() {
  static const std::vector<Metric> metrics = {
      {"offered_kpps", "offered", "kpps"},
      {"received_kpps", "read by applications", "kpps"},
      {"to_sockets_kpps", "reached sockets", "kpps"},
      {"received_gbps", "read by applications", "Gb/s"},
      {"sent_kpps", "sent", "kpps"},
      {"sent_gbps", "sent, on the wire", "Gb/s"},
      {"handled_kpps", "polled from the ring", "kpps"},
      {"latency_p50_us", "median latency", "us"},
      {"latency_p99_us", "99th percentile latency", "us"},
      {"delay_p50_us", "median delay to the wire", "us"},
      {"delay_p99_us", "99th percentile delay to the wire", "us"},
      {"rx_interrupts_kps", "receive interrupts", "thousand/s"},
      {"tx_interrupts_kps", "transmit interrupts", "thousand/s"},
      {"load_percent", "CPU load", "% of one CPU"},
      {"irq_percent", "hard interrupts", "% of one CPU"},
      {"softirq_percent", "softirqs", "% of one CPU"},
      {"process_percent", "processes", "% of one CPU"},
      {"ns_per_packet", "CPU time a packet", "ns"},
      {"ns_per_sent_kb", "CPU time a KB sent", "ns"},
      {"packets_per_poll", "packets a poll", "packets"},
      {"time_squeeze_kps", "time_squeeze", "thousand/s"},
      {"rx_missed_percent", "rx_missed_errors", "% of offered"},
      {"backlog_drops_percent", "backlog drops", "% of offered"},
      {"socket_drops_percent", "socket buffer drops", "% of offered"},
      {"lost_percent", "lost", "% of offered"},
      {"rps_kps", "RPS interrupts", "thousand/s"},
      {"qdisc_drops_kpps", "qdisc drops", "kpps"},
      {"ring_stops_kps", "queue stops", "thousand/s"},
  };
  return metrics;
}

const Metric& metric(std::string_view name) {
  const auto& all = all_metrics();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Metric& m) { return m.name == name; });
  INVARIANT(found != all.end(), "an experiment shows what no trial measures");
  return *found;
}

Reading::Reading(board::Board& board, const Workers& workers) : at_(board.agenda().now()) {
  auto& kernel = board.machine().kernel();
  for (unsigned id = 0; id < kernel.cpu_count(); ++id) {
    const auto& cpu = kernel.cpu(id);
    irq_ += cpu.time_in(CpuState::irq);
    softirq_ += cpu.time_in(CpuState::softirq);
    process_ += cpu.time_in(CpuState::user) + cpu.time_in(CpuState::system);
    auto& softnet = kernel.cpu(id).softnet();
    counts_["squeezes"] += softnet.time_squeeze;
    counts_["backlog_drops"] += softnet.dropped;
    counts_["rps"] += softnet.received_rps;
  }
  const auto driver = board.driver().stats();
  for (const auto& [name, value] : board.host().counters()) counts_[name] = value;
  counts_["offered"] = board.cable().to_nic().frames;
  counts_["sent"] = board.cable().from_nic().frames;
  counts_["sent_bytes"] = board.cable().from_nic().bytes;
  counts_["read"] = workers.datagrams_read();
  counts_["bytes_read"] = workers.bytes_read();
  counts_["rx_interrupts"] = driver.rx_interrupts;
  counts_["tx_interrupts"] = driver.tx_interrupts;
  counts_["rx_polls"] = driver.rx_polls;
  counts_["stops"] = board.device().queue_stops();
  counts_["qdisc_drops"] = board.device().qdisc_stats().drops;
}

Outcome Reading::since(const Reading& before) const {
  const double ns = static_cast<double>(at_ - before.at_) / 1000;
  const auto count = [&](const char* name) {
    const auto now = counts_.find(name);
    const auto then = before.counts_.find(name);
    INVARIANT(now != counts_.end() && then != before.counts_.end(), "a counter that the host does not have");
    return static_cast<double>(now->second - then->second);
  };
  const auto thousands = [&](double events) { return events / ns * 1e6; };  // a second
  const auto load = [&](std::int64_t time) { return kPercent * static_cast<double>(time) / ns; };
  const double offered = std::max(1.0, count("offered"));
  const double received = count("eth0.rx_packets");
  const double sockets = count("Udp.InDatagrams") + count("Udp.RcvbufErrors");
  const double packets = std::max(1.0, received + count("eth0.tx_packets"));
  const std::int64_t irq = irq_ - before.irq_;
  const std::int64_t softirq = softirq_ - before.softirq_;
  const std::int64_t process = process_ - before.process_;
  return {
      {"offered_kpps", thousands(count("offered"))},
      {"received_kpps", thousands(count("read"))},
      {"to_sockets_kpps", thousands(sockets)},
      {"received_gbps", 8 * count("bytes_read") / ns},
      {"sent_kpps", thousands(count("sent"))},
      {"sent_gbps", 8 * count("sent_bytes") / ns},
      {"handled_kpps", thousands(received)},
      {"rx_interrupts_kps", thousands(count("rx_interrupts"))},
      {"tx_interrupts_kps", thousands(count("tx_interrupts"))},
      {"load_percent", load(irq + softirq + process)},
      {"irq_percent", load(irq)},
      {"softirq_percent", load(softirq)},
      {"process_percent", load(process)},
      {"ns_per_packet", static_cast<double>(irq + softirq + process) / packets},
      {"ns_per_sent_kb", 1000 * static_cast<double>(irq + softirq + process) / std::max(1.0, count("sent_bytes"))},
      {"packets_per_poll", received / std::max(1.0, count("rx_polls"))},
      {"time_squeeze_kps", thousands(count("squeezes"))},
      {"backlog_drops_percent", kPercent * count("backlog_drops") / offered},
      {"socket_drops_percent", kPercent * count("Udp.RcvbufErrors") / offered},
      {"rps_kps", thousands(count("rps"))},
      {"qdisc_drops_kpps", thousands(count("qdisc_drops"))},
      {"ring_stops_kps", thousands(count("stops"))},
  };
}

}  // namespace sim::experiment
