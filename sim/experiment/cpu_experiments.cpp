// SPDX-License-Identifier: Apache-2.0
// On which CPU the work is done, and how much of it at once: steering, affinity, backlogs, GRO, busy polling.
#include <fmt/format.h>

#include "sim/experiment/experiment.hpp"

namespace sim::experiment {
namespace {

constexpr unsigned kManyFlows = 64;

Experiment scaling() {
  return {
      .name = "scaling",
      .question = "What do more CPUs bring: by queues of the NIC (RSS), by interrupts between CPUs (RPS)?",
      .knob = "CPUs",
      .unit = {},
      .scale = Scale::linear,
      .panels = {{"to_sockets_kpps"}, {"load_percent"}, {"rps_kps"}},
      .points = [](const Options& options) {
        std::vector<Point> points;
        for (const bool rss : {true, false}) {
          for (const double cpus : settings(options, {1, 2, 3, 4})) {
            Trial trial{.machine = usual_machine(options)};
            const auto count = static_cast<unsigned>(cpus);
            trial.machine.host.cpus = count;
            trial.machine.driver.queue_pairs = rss ? count : 1;
            trial.streams = {{.interval = 100'000, .flows = kManyFlows}};  // 10 million a second
            trial.readers = {{.reads = false}};                            // nobody to wake, nobody who takes a CPU
            trial.duration = kMillisecond;
            if (!rss) {
              trial.setup = {fmt::format("echo {:x} > /sys/class/net/eth0/queues/rx-0/rps_cpus", (1U << count) - 1)};
            }
            points.push_back({rss ? "RSS, a queue a CPU" : "RPS, one queue", cpus, {}, trial});
          }
        }
        return points;
      }};
}

Experiment affinity() {
  return {.name = "affinity",
          .question = "Should the interrupt go to the CPU that reads?",
          .knob = "interrupt and reader",
          .unit = {},
          .scale = Scale::labels,
          .panels = {{"latency_p50_us", "latency_p99_us"}, {"received_kpps"}, {"load_percent"}},
          .points = [](const Options& options) {
            std::vector<Point> points;
            for (const double kpps : {100.0, 3000.0}) {
              for (const unsigned cpu : {0U, 1U}) {
                Trial trial{.machine = usual_machine(options)};
                trial.prepare = [cpu](host::apps::Host& host, host::device::NetDevice&) {
                  bind_interrupts(host, "virtio0-", cpu);
                };
                trial.streams = {steady(kpps)};
                trial.readers = {{.cpu = 1}};
                points.push_back({kpps < 1000 ? fmt::format("{:g} kpps", kpps) : fmt::format("{:g} Mpps", kpps / 1000),
                                  static_cast<double>(cpu), cpu == 1 ? "one CPU" : "two CPUs", trial});
              }
            }
            return points;
          }};
}

Experiment backlog() {
  return {.name = "backlog",
          .question = "How long may the queue to another CPU be?",
          .knob = "netdev_max_backlog",
          .unit = "packets",
          .scale = Scale::logarithmic,
          .panels = {{"backlog_drops_percent"}, {"latency_p50_us", "latency_p99_us"}},
          .points = [](const Options& options) {
            std::vector<Point> points;
            for (const bool bursts : {true, false}) {
              for (const double packets : settings(options, {16, 64, 128, 256, 512, 1000})) {
                Trial trial{.machine = usual_machine(options)};
                trial.machine.host.cpus = 3;
                trial.machine.driver.rx_ring = 1024;
                trial.setup = {"echo 2 > /sys/class/net/eth0/queues/rx-0/rps_cpus",
                               fmt::format("sysctl -w net.core.netdev_max_backlog={}", packets)};
                trial.streams = {bursts ? Stream{.interval = kMillisecond / 2, .burst = 400, .flows = kManyFlows}
                                        : steady(4000)};
                trial.readers = {{.cpu = 2}};
                points.push_back({bursts ? "bursts of 400" : "4 Mpps without end", packets, {}, trial});
              }
            }
            return points;
          }};
}

Experiment gro() {
  return {.name = "gro",
          .question = "What does merging datagrams of a flow save, when interrupts wait for several?",
          .knob = "rx-usecs",
          .unit = "us",
          .scale = Scale::linear,
          .panels = {{"load_percent", "process_percent"}, {"packets_per_poll"}, {"latency_p50_us"}},
          .points = [](const Options& options) {
            std::vector<Point> points;
            for (const bool on : {false, true}) {
              for (const double usecs : settings(options, {0, 5, 10, 20, 40})) {
                Trial trial{.machine = usual_machine(options)};
                trial.setup = {fmt::format("ethtool -K eth0 gro {}", on ? "on" : "off"),
                               fmt::format("ethtool -C eth0 rx-usecs {} rx-frames {}", usecs, usecs == 0 ? 0 : 64)};
                trial.streams = {{.length = 1518, .interval = 2 * kMicrosecond}};
                trial.readers = {{.cpu = 1, .gro = true}};
                points.push_back({on ? "gro on" : "gro off", usecs, {}, trial});
              }
            }
            return points;
          }};
}

Experiment busy_poll() {
  return {.name = "busy-poll",
          .question = "What does a reader gain who does not wait for interrupts, and what does he pay?",
          .knob = "SO_BUSY_POLL",
          .unit = "us",
          .scale = Scale::linear,
          .panels = {{"latency_p50_us", "latency_p99_us"}, {"load_percent"}, {"rx_interrupts_kps"}},
          .points = [](const Options& options) {
            std::vector<Point> points;
            for (const double usecs : settings(options, {0, 5, 10, 20, 50, 100})) {
              Trial trial{.machine = usual_machine(options)};
              trial.streams = {{.interval = 20 * kMicrosecond, .random = true}};
              trial.readers = {{.cpu = 0, .busy_poll_usecs = static_cast<std::int64_t>(usecs)}};
              trial.duration = (options.brief ? 2 : 6) * kMillisecond;
              points.push_back({"50 kpps", usecs, {}, trial});
            }
            return points;
          }};
}

}  // namespace

void add_cpu_experiments(std::vector<Experiment>& all) {
  all.push_back(gro());
  all.push_back(scaling());
  all.push_back(affinity());
  all.push_back(backlog());
  all.push_back(busy_poll());
}

}  // namespace sim::experiment
