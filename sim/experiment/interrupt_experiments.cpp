// SPDX-License-Identifier: Apache-2.0
// When the host learns that packets have come, and how many it takes at once: moderation, budgets, rings.
#include <fmt/format.h>

#include "sim/experiment/experiment.hpp"

namespace sim::experiment {
namespace {

Experiment coalescing() {
  return {
      .name = "coalescing",
      .question = "What does a packet wait for when interrupts do?",
      .knob = "rx-usecs",
      .unit = "us",
      .scale = Scale::linear,
      .panels = {{"latency_p50_us", "latency_p99_us"}, {"rx_interrupts_kps"}, {"load_percent", "irq_percent"}},
      .points = [](const Options& options) {
        std::vector<Point> points;
        for (const unsigned frames : {0U, 8U}) {
          for (const double usecs : settings(options, {0, 2, 5, 10, 20, 40, 60})) {
            Trial trial{.machine = usual_machine(options)};
            // 0 of either does not wait: the NIC's largest number of frames is as good as none.
            const unsigned limit = frames == 0 ? 255 : frames;
            trial.setup = {fmt::format("ethtool -C eth0 rx-usecs {} rx-frames {}", usecs, usecs == 0 ? 0 : limit)};
            trial.streams = {poisson(300)};
            trial.readers = {{.cpu = 1}};
            trial.duration = (options.brief ? 1 : 4) * kMillisecond;
            points.push_back({frames == 0 ? "rx-usecs alone" : fmt::format("rx-frames {}", frames), usecs, {}, trial});
          }
        }
        return points;
      }};
}

constexpr unsigned kQueues = 8;

/// Eight queues whose interrupts all go to CPU 0.
Trial eight_queues(const Options& options, double kpps) {
  Trial trial{.machine = usual_machine(options)};
  trial.machine.host.cpus = kQueues;
  trial.machine.driver.queue_pairs = kQueues;
  trial.prepare = [](host::apps::Host& host, host::device::NetDevice&) { bind_interrupts(host, "virtio0-", 0); };
  trial.streams = {steady(kpps)};
  trial.readers = {{.cpu = 1}};
  trial.duration = (options.brief ? 1 : 2) * kMillisecond;
  return trial;
}

Experiment budget() {
  return {.name = "budget",
          .question = "How often does net_rx_action give up although packets are left?",
          .knob = "netdev_budget",
          .unit = "packets",
          .scale = Scale::logarithmic,
          .panels = {{"time_squeeze_kps"}, {"handled_kpps"}, {"load_percent"}},
          .points = [](const Options& options) {
            std::vector<Point> points;
            for (const double kpps : {500.0, 4000.0}) {
              for (const double budget : settings(options, {32, 64, 128, 300, 512, 1024})) {
                Trial trial = eight_queues(options, kpps);
                trial.setup = {fmt::format("sysctl -w net.core.netdev_budget={}", budget)};
                points.push_back({fmt::format("{} Mpps offered", kpps / 1000), budget, {}, trial});
              }
            }
            return points;
          }};
}

Experiment budget_usecs() {
  return {.name = "budget-usecs",
          .question = "How often does net_rx_action give up because its time is up?",
          .knob = "netdev_budget_usecs",
          .unit = "us",
          .scale = Scale::logarithmic,
          .panels = {{"time_squeeze_kps"}, {"handled_kpps"}},
          .points = [](const Options& options) {
            std::vector<Point> points;
            for (const double usecs : settings(options, {25, 50, 100, 200, 400, 2000})) {
              Trial trial = eight_queues(options, 4000);
              trial.setup = {"sysctl -w net.core.netdev_budget=100000",
                             fmt::format("sysctl -w net.core.netdev_budget_usecs={}", usecs)};
              points.push_back({"4 Mpps offered", usecs, {}, trial});
            }
            return points;
          }};
}

Experiment weight() {
  return {.name = "weight",
          .question = "What does a poll cost when it takes few packets?",
          .knob = "dev_weight",
          .unit = "packets",
          .scale = Scale::logarithmic,
          .panels = {{"handled_kpps"}, {"packets_per_poll"}, {"rx_missed_percent"}},
          .points = [](const Options& options) {
            std::vector<Point> points;
            for (const double weight : settings(options, {1, 2, 4, 8, 16, 64, 128})) {
              Trial trial{.machine = usual_machine(options)};
              trial.setup = {fmt::format("sysctl -w net.core.dev_weight={}", weight)};
              trial.streams = {steady(4000)};
              trial.readers = {{.cpu = 1}};
              trial.duration = kMillisecond;
              points.push_back({"4 Mpps offered", weight, {}, trial});
            }
            return points;
          }};
}

Experiment ring() {
  return {.name = "ring",
          .question = "How large a burst does a ring hold until the CPU comes?",
          .knob = "ring size",
          .unit = "descriptors",
          .scale = Scale::logarithmic,
          .panels = {{"lost_percent"}, {"latency_p50_us", "latency_p99_us"}},
          .points = [](const Options& options) {
            std::vector<Point> points;
            for (const unsigned burst : {512U, 1024U}) {
              for (const double size : settings(options, {32, 64, 128, 256, 512, 1024})) {
                Trial trial{.machine = usual_machine(options)};
                trial.machine.driver.rx_ring = static_cast<unsigned>(size);
                trial.setup = {"sysctl -w net.core.rmem_max=8000000", "sysctl -w net.core.rmem_default=4000000"};
                trial.streams = {{.length = 256, .interval = kMillisecond, .burst = burst, .flows = 64}};
                trial.readers = {{.cpu = 1}};
                trial.warm_up = kMillisecond / 10;
                points.push_back({fmt::format("bursts of {}", burst), size, {}, trial});
              }
            }
            return points;
          }};
}

Experiment livelock() {
  return {
      .name = "livelock",
      .question = "What is left for the application when each packet interrupts, and what when they are polled?",
      .knob = "offered",
      .unit = "kpps",
      .scale = Scale::linear,
      .panels = {{"received_kpps"}, {"irq_percent", "softirq_percent"}, {"rx_missed_percent", "backlog_drops_percent"}},
      .points = [](const Options& options) {
        std::vector<Point> points;
        for (const bool napi : {true, false}) {
          for (const double kpps : settings(options, {100, 250, 500, 750, 1000, 1500, 2000, 3000, 4000})) {
            Trial trial{.machine = usual_machine(options)};
            trial.machine.driver.napi = napi;
            trial.streams = {steady(kpps)};
            trial.readers = {{.cpu = 1}};
            trial.duration = (options.brief ? 1 : 2) * kMillisecond;
            points.push_back({napi ? "NAPI" : "an interrupt a packet", kpps, {}, trial});
          }
        }
        return points;
      }};
}

}  // namespace

void add_interrupt_experiments(std::vector<Experiment>& all) {
  all.push_back(coalescing());
  all.push_back(ring());
  all.push_back(livelock());
  all.push_back(weight());
  all.push_back(budget());
  all.push_back(budget_usecs());
}

}  // namespace sim::experiment
