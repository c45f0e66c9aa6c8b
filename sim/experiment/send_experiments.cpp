// SPDX-License-Identifier: Apache-2.0
// What waits in front of the wire, and who does the work of a sent packet.
#include <fmt/format.h>

#include "sim/experiment/experiment.hpp"

namespace sim::experiment {
namespace {

/// Two CPUs send as much as they can, more than the wire takes, by the one queue; a third a datagram now and then.
Trial bloated(const Options& options, std::uint8_t tos) {
  Trial trial{.machine = usual_machine(options)};
  trial.machine.host.cpus = 3;
  trial.senders = {{.cpu = 0},
                   {.cpu = 1},
                   {.cpu = 2, .bytes = 64, .interval = 20 * kMicrosecond, .port = 7, .timed = true, .tos = tos}};
  trial.warm_up = 2 * kMillisecond;
  trial.duration = (options.brief ? 1 : 3) * kMillisecond;
  return trial;
}

Experiment bufferbloat() {
  return {.name = "bufferbloat",
          .question = "How long does a sparse flow wait beside a bulk one, by qdisc?",
          .knob = "qdisc",
          .unit = {},
          .scale = Scale::labels,
          .panels = {{"delay_p50_us", "delay_p99_us"}, {"sent_gbps"}, {"qdisc_drops_kpps"}},
          .points = [](const Options& options) {
            const std::vector<std::pair<const char*, std::string>> kinds = {
                {"pfifo_fast", "tc qdisc replace dev eth0 root handle 1: pfifo_fast"},
                {"pfifo 100", "tc qdisc replace dev eth0 root handle 1: pfifo limit 100"},
                {"tbf 5 Gb/s", "tc qdisc replace dev eth0 root handle 1: tbf rate 5gbit burst 32k limit 300k"},
                {"fq_codel", "tc qdisc replace dev eth0 root handle 1: fq_codel target 50us interval 1ms"},
                {"fq", "tc qdisc replace dev eth0 root handle 1: fq"}};
            std::vector<Point> points;
            for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
              Trial trial = bloated(options, 0);
              trial.setup = {kinds[kind].second};
              points.push_back({"two bulk senders", static_cast<double>(kind), kinds[kind].first, trial});
            }
            return points;
          }};
}

Experiment byte_queue_limits() {
  return {.name = "bql",
          .question = "How much should be in the ring, where no qdisc can reorder it?",
          .knob = "limit_max",
          .unit = "KB",
          .scale = Scale::logarithmic,
          .panels = {{"delay_p50_us", "delay_p99_us"}, {"sent_gbps"}},
          .points = [](const Options& options) {
            constexpr std::uint8_t kLowDelay = 0x10;
            std::vector<Point> points;
            for (const double kilobytes : settings(options, {3, 8, 16, 32, 64, 128, 256})) {
              Trial trial = bloated(options, kLowDelay);
              const char* limits = "/sys/class/net/eth0/queues/tx-0/byte_queue_limits";
              trial.setup = {fmt::format("echo {} > {}/limit_max", kilobytes * 1000, limits),
                             fmt::format("echo {} > {}/limit_min", kilobytes * 1000, limits)};
              points.push_back({"urgent beside bulk, pfifo_fast", kilobytes, {}, trial});
            }
            return points;
          }};
}

Experiment offloads() {
  return {.name = "offloads",
          .question = "What does a sent packet cost when the NIC computes its checksum?",
          .knob = "payload",
          .unit = "B",
          .scale = Scale::linear,
          .panels = {{"sent_gbps"}, {"ns_per_packet"}},
          .points = [](const Options& options) {
            std::vector<Point> points;
            for (const bool on : {true, false}) {
              for (const double bytes : settings(options, {64, 128, 256, 384, 512, 640})) {
                Trial trial{.machine = usual_machine(options)};
                trial.machine.host.cpus = 1;
                trial.setup = {fmt::format("ethtool -K eth0 tx {}", on ? "on" : "off")};
                trial.senders = {{.cpu = 0, .bytes = static_cast<unsigned>(bytes)}};
                trial.duration = kMillisecond;
                points.push_back({on ? "checksum by the NIC" : "checksum by the CPU", bytes, {}, trial});
              }
            }
            return points;
          }};
}

}  // namespace

void add_send_experiments(std::vector<Experiment>& all) {
  all.push_back(bufferbloat());
  all.push_back(byte_queue_limits());
  all.push_back(offloads());
}

}  // namespace sim::experiment
