// SPDX-License-Identifier: Apache-2.0
// What waits in front of the wire, and who cuts and sums what is sent.
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
  trial.warm_up = (options.brief ? 1 : 2) * kMillisecond;
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
                {"fq_codel", "tc qdisc replace dev eth0 root handle 1: fq_codel limit 1000 target 50us interval 1ms"},
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

/// Who cuts what an application sends at once, and who sums it.
struct Labour {
  const char* name;
  const char* features;  ///< ethtool -K
};

Experiment offloads() {
  return {.name = "offloads",
          .question = "What does sending cost the CPU: datagrams cut and summed by it, or by the NIC (USO)?",
          .knob = "datagrams a call (UDP_SEGMENT)",
          .unit = {},
          .scale = Scale::logarithmic,
          .panels = {{"ns_per_sent_kb"}, {"load_percent"}, {"sent_gbps"}},
          .points = [](const Options& options) {
            constexpr std::uint16_t kSegment = 1472;
            constexpr std::int64_t kSendBuffer = 212'992;  // twice the default, for it is doubled
            const Labour kinds[] = {{"CPU cuts, CPU sums", "tx off"},
                                    {"CPU cuts, NIC sums", "tx on tx-udp-segmentation off"},
                                    {"NIC cuts and sums", "tx on tx-udp-segmentation on"}};
            std::vector<Point> points;
            for (const Labour& kind : kinds) {
              for (const double count : settings(options, {1, 2, 4, 8, 16, 32, 44})) {
                Trial trial{.machine = usual_machine(options)};
                trial.machine.host.cpus = 1;
                trial.setup = {fmt::format("ethtool -K eth0 {}", kind.features),
                               "ethtool -C eth0 tx-usecs 20 tx-frames 32"};
                trial.senders = {{.bytes = static_cast<unsigned>(count) * kSegment,
                                  .segment = static_cast<std::uint16_t>(count > 1 ? kSegment : 0),
                                  .send_buffer = kSendBuffer}};
                trial.warm_up = kMillisecond;
                trial.duration = (options.brief ? 1 : 2) * kMillisecond;
                points.push_back({kind.name, count, {}, trial});
              }
            }
            return points;
          }};
}

Experiment tso() {
  return {
      .name = "tso",
      .question = "What does a forwarded TCP stream cost, when the NIC merges segments and somebody cuts them again?",
      .knob = "who merges, who cuts",
      .unit = {},
      .scale = Scale::labels,
      .panels = {{"ns_per_sent_kb"}, {"load_percent"}, {"sent_gbps"}},
      .points = [](const Options& options) {
        const Labour kinds[] = {{"no LRO", "lro off"},
                                {"LRO; CPU cuts, sums", "lro on tx off"},
                                {"LRO; CPU cuts", "lro on tx on tso off"},
                                {"LRO and TSO", "lro on tx on tso on"}};
        std::vector<Point> points;
        for (const Labour& kind : kinds) {
          Trial trial{.machine = usual_machine(options)};
          trial.machine.host.cpus = 1;
          trial.setup = {"sysctl -w net.ipv4.ip_forward=1",
                         "sysctl -w net.ipv4.conf.all.send_redirects=0",
                         "sysctl -w net.ipv4.conf.eth0.send_redirects=0",
                         "ip route add 10.78.0.0/16 via 10.77.0.1",
                         fmt::format("ethtool -K eth0 {}", kind.features),
                         "ethtool -C eth0 rx-usecs 20 rx-frames 32 tx-usecs 20 tx-frames 32"};
          trial.streams = {{.length = 1518,
                            .interval = 2 * kMicrosecond,
                            .timed = false,
                            .elsewhere = true,
                            .transport = Transport::tcp}};
          trial.duration = (options.brief ? 1 : 2) * kMillisecond;
          points.push_back({"6 Gb/s of one stream", static_cast<double>(&kind - kinds), kind.name, trial});
        }
        return points;
      }};
}

}  // namespace

void add_send_experiments(std::vector<Experiment>& all) {
  all.push_back(bufferbloat());
  all.push_back(byte_queue_limits());
  all.push_back(offloads());
  all.push_back(tso());
}

}  // namespace sim::experiment
