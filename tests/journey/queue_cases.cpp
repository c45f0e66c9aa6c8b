// SPDX-License-Identifier: Apache-2.0
// Journeys over several queue pairs, each kind of ring, and each feature on and off.
#include <fmt/format.h>

#include "rtl/contract/virtio_contract.hpp"
#include "sim/app/feed_scenario.hpp"
#include "sim/board/board.hpp"
#include "tests/journey/cases.hpp"
#include "tests/journey/packets.hpp"
#include "tests/journey/send_scenario.hpp"

namespace tests::journey {
namespace {

using namespace contract;
using host::driver::feature;
using host::driver::Features;
using host::driver::has_feature;
using host::driver::InterruptMode;
using host::driver::RingKind;
using sim::app::FeedScenario;
using sim::app::HostAppKind;
using sim::board::Board;
using sim::board::BoardConfig;
using sim::board::Report;

constexpr unsigned kFlows = 64;
constexpr std::uint64_t kBadEvery = 10;  // frames of which one has a wrong checksum

/// What a device need not have; without all of it there remain frames and rings.
Features optional_features() {
  return host::driver::driver_features() & ~(feature(F_VERSION_1) | feature(F_RING_PACKED) | feature(NET_F_MAC));
}

unsigned bit_of(std::string_view name) {
  return host::driver::feature_by_name(name).value();
}

BoardConfig several_cpus(std::uint64_t seed, RingKind ring, unsigned cpus = 4) {
  BoardConfig config = base_config(seed);
  config.host.cpus = cpus;
  config.driver.ring = ring;
  return config;
}

/// Right frames of many flows; in one of kBadEvery the last byte is not what its sender summed.
sim::wire::Feeder::Source flow_frames(std::uint64_t count, std::uint64_t seed) {
  return [count, at = std::uint64_t{0},
          random = sim::pcie::SeededRandom(seed)]() mutable -> std::optional<std::vector<std::byte>> {
    if (at == count) return std::nullopt;
    const std::uint64_t draw = random.next();
    const auto flow = static_cast<unsigned>(draw % kFlows);
    Frame frame = make_packet(
        {.v4 = flow % 2 == 0, .tcp = flow / 2 % 2 == 0, .flow = flow, .payload = 1 + draw / 1024 % 1400, .seed = draw});
    if (at++ % kBadEvery == 0) frame.back() ^= std::byte{1};
    return frame;
  };
}

/// What the driver was told to do without it does without; what is there is used by every frame.
void check_offloads(const Board& board, std::uint64_t frames, Report& report) {
  const Features features = board.driver().features();
  const auto driver = [&](std::string_view name) { return report.value("driver", name); };
  report.expect_equal("features that were switched off", features & board.config().driver.features_off, "none", 0);
  const std::uint64_t bad = (frames + kBadEvery - 1) / kBadEvery;
  report.expect_equal("driver.rx_csum_good", driver("rx_csum_good"), "right frames",
                      has_feature(features, NET_F_GUEST_CSUM) ? frames - bad : 0);
  report.expect_equal("driver.rx_hashed", driver("rx_hashed"), "frames",
                      has_feature(features, NET_F_HASH_REPORT) ? frames : 0);
}

/// Every pair carried frames both ways, and nothing else did. With one vector for all, one CPU sends all.
void check_queues(const Board& board, std::uint64_t frames, Report& report) {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  for (unsigned pair = 0; pair < board.driver().queue_pairs(); ++pair) {
    const std::uint64_t in = report.value("driver", fmt::format("rx{}_packets", pair));
    const std::uint64_t out = report.value("driver", fmt::format("tx{}_packets", pair));
    const bool unused = out == 0 && board.driver().interrupt_mode() == InterruptMode::per_queue;
    if (in == 0 || unused) report.violations.push_back(fmt::format("pair {}: {} in, {} out", pair, in, out));
    received += in;
    sent += out;
  }
  report.expect_equal("packets of all receive queues", received, "frames", frames);
  report.expect_equal("packets of all transmit queues", sent, "frames", frames);
}

Report reflect_flows(const BoardConfig& config, std::uint64_t frames) {
  Board board(config);
  FeedScenario::Options options{.app = HostAppKind::reflect, .address = {}, .feeder = {}, .flow = flow_of};
  options.feeder.window = 64;
  options.feeder.seed = config.seed;
  FeedScenario scenario(board, flow_frames(frames, config.seed), options);
  scenario.expect_echo();
  Report report = board.run(scenario, {});
  if (!report.violations.empty()) return report;
  check_offloads(board, frames, report);
  check_queues(board, frames, report);
  return report;
}

Report send_packets(const BoardConfig& config, unsigned packets) {
  Board board(config);
  SendScenario scenario(board, packets);
  Report report = board.run(scenario, {});
  if (!report.violations.empty()) return report;
  const Features features = board.driver().features();
  report.expect_equal("features that were switched off", features & config.driver.features_off, "none", 0);
  const bool segments = has_feature(features, NET_F_HOST_TSO4) || has_feature(features, NET_F_HOST_TSO6) ||
                        has_feature(features, NET_F_HOST_USO);
  report.expect_equal("nic.tx_segments is not 0", static_cast<std::uint64_t>(report.value("nic", "tx_segments") != 0),
                      "the device segments", static_cast<std::uint64_t>(segments));
  report.expect_equal("driver.tx_csum_packets is not 0",
                      static_cast<std::uint64_t>(report.value("driver", "tx_csum_packets") != 0),
                      "the device completes checksums", static_cast<std::uint64_t>(has_feature(features, NET_F_CSUM)));
  report.expect_equal("nic.tx_drop_*", report.sum("nic", "tx_drop_"), "none", 0);
  return report;
}

Report moderated(std::uint64_t seed) {
  BoardConfig config = several_cpus(seed, RingKind::packed, 2);
  config.driver.coalesce = {.rx_usecs = 100, .rx_frames = 16, .tx_usecs = 100, .tx_frames = 16};
  Report report = reflect_flows(config, 600);
  const std::uint64_t interrupts = report.value("nic", "irq_sent");
  if (interrupts > 300) {
    report.violations.push_back(fmt::format("{} interrupts for 600 frames both ways: no moderation", interrupts));
  }
  return report;
}

void add_ring_cases(std::map<std::string, Case>& all, const std::string& name, RingKind ring) {
  all["pairs_" + name] = [ring](std::uint64_t seed) { return reflect_flows(several_cpus(seed, ring), 600); };
  all["pairs8_" + name] = [ring](std::uint64_t seed) {
    BoardConfig config = several_cpus(seed, ring, 8);
    config.memory = {.latency_ns = 200, .jitter_ns = 1800, .reorder = true, .split = true};
    return reflect_flows(config, 800);
  };
  all["pairs_merged_" + name] = [ring](std::uint64_t seed) {
    BoardConfig config = several_cpus(seed, ring);
    config.driver.rx_buffer = 300;
    return reflect_flows(config, 400);
  };
  all["pairs_small_" + name] = [ring](std::uint64_t seed) {
    BoardConfig config = several_cpus(seed, ring);
    config.host.queue_size = 16;
    return reflect_flows(config, 400);
  };
  all["pairs_plain_" + name] = [ring](std::uint64_t seed) {
    BoardConfig config = several_cpus(seed, ring);
    config.driver.features_off = optional_features();
    return reflect_flows(config, 400);
  };
  for (const auto& [mode, text] : {std::pair{InterruptMode::shared, "shared_"}, {InterruptMode::intx, "intx_"}}) {
    all[std::string("pairs_") + text + name] = [ring, mode = mode](std::uint64_t seed) {
      BoardConfig config = several_cpus(seed, ring);
      config.driver.interrupts = mode;
      return reflect_flows(config, 300);
    };
  }
  all["send_" + name] = [ring](std::uint64_t seed) { return send_packets(several_cpus(seed, ring), 12); };
  all["send_plain_" + name] = [ring](std::uint64_t seed) {
    BoardConfig config = several_cpus(seed, ring);
    config.driver.features_off = optional_features();
    return send_packets(config, 4);
  };
}

}  // namespace

void add_queue_cases(std::map<std::string, Case>& all) {
  add_ring_cases(all, "packed", RingKind::packed);
  add_ring_cases(all, "split", RingKind::split);
  all["moderated"] = moderated;
  for (const auto* name : {"CSUM", "HOST_TSO4", "HOST_TSO6", "HOST_ECN", "HOST_USO", "INDIRECT_DESC", "EVENT_IDX",
                           "IN_ORDER", "NOTIFICATION_DATA"}) {
    all[fmt::format("send_without_{}", name)] = [bit = bit_of(name)](std::uint64_t seed) {
      BoardConfig config = several_cpus(seed, seed % 2 == 0 ? RingKind::split : RingKind::packed, 2);
      config.driver.features_off = feature(bit);
      return send_packets(config, 6);
    };
  }
  for (const auto* name : {"GUEST_CSUM", "HASH_REPORT", "MRG_RXBUF", "INDIRECT_DESC", "EVENT_IDX", "IN_ORDER",
                           "NOTIFICATION_DATA", "RING_RESET"}) {
    all[fmt::format("pairs_without_{}", name)] = [bit = bit_of(name)](std::uint64_t seed) {
      BoardConfig config = several_cpus(seed, seed % 2 == 0 ? RingKind::split : RingKind::packed, 2);
      config.driver.features_off = feature(bit);
      return reflect_flows(config, 300);
    };
  }
}

}  // namespace tests::journey
