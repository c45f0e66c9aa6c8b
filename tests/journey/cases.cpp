// SPDX-License-Identifier: Apache-2.0
#include "tests/journey/cases.hpp"

#include <fmt/format.h>

#include <numeric>

#include "sim/app/feed_scenario.hpp"
#include "sim/app/frame_sources.hpp"
#include "sim/app/peer_scenario.hpp"
#include "sim/board/board.hpp"
#include "tests/journey/paused_feed.hpp"

namespace tests::journey {
namespace {

using sim::app::FeedScenario;
using sim::app::HostAppKind;
using sim::app::PeerPlan;
using sim::app::PeerScenario;
using sim::board::Board;
using sim::board::BoardConfig;
using sim::board::Report;
using sim::wire::StartLane;

constexpr host::headers::Ipv4Prefix kAddress{host::headers::Ipv4Address::of(10, 77, 0, 2), 24};

sim::board::NicKind nic_kind = sim::board::NicKind::rtl;

/// Memory from 200 ns to 2 us, completions of every legal size, overtaking each other.
BoardConfig unkind_memory(std::uint64_t seed) {
  BoardConfig config = base_config(seed);
  config.memory = {.latency_ns = 200, .jitter_ns = 1800, .reorder = true, .split = true};
  config.wire.start_lane = seed % 2 == 0 ? StartLane::random : StartLane::any;
  config.wire.random_gap = seed % 3 == 0 ? 3 : 0;
  return config;
}

std::vector<std::size_t> sizes(std::size_t first, std::size_t last) {
  std::vector<std::size_t> all(last - first + 1);
  std::iota(all.begin(), all.end(), first);
  return all;
}

Report run_peer(const BoardConfig& config, PeerPlan plan) {
  plan.print = false;
  Board board(config);
  PeerScenario scenario(board, kAddress, plan);
  Report report = board.run(scenario, {});
  // Frames of several queues overtake each other, and one of several buffers has several used entries.
  const bool followed = config.host.cpus == 1 && report.value("driver", "rx_merged") == 0;
  if (followed && !report.stages_reliable) {
    report.violations.emplace_back("a frame could not be followed through its stages");
  }
  return report;
}

Report run_reflect(const BoardConfig& config, std::uint64_t frames, std::size_t longest = 1514) {
  Board board(config);
  FeedScenario::Options options{.app = HostAppKind::reflect, .addresses = {}, .feeder = {}};
  options.feeder.window = 64;
  options.feeder.seed = config.seed;
  options.feeder.faults_per_thousand = config.wire.faults_per_thousand;
  FeedScenario scenario(board, sim::app::random_frames(frames, config.seed, longest), options);
  scenario.expect_echo();
  Report report = board.run(scenario, {});
  report.expect_equal("faulty frames sent", scenario.feeder().faulty_sent(), "frames dropped for their fault",
                      report.value("nic", "rx_drop_bad_fcs") + report.value("nic", "rx_drop_bad_preamble") +
                          report.value("nic", "rx_drop_error_control") + report.value("nic", "rx_drop_truncated"));
  report.expect_equal("good frames sent", scenario.feeder().sent(), "nic.rx_delivered",
                      report.value("nic", "rx_delivered"));
  return report;
}

/// More than the host can take: what is lost is counted, what is counted adds up.
Report run_overload(const BoardConfig& config) {
  Board board(config);
  FeedScenario scenario(board, sim::app::steady_frames(60), {.app = HostAppKind::sink, .addresses = {}, .feeder = {}});
  Report report = board.run(scenario, {.limit = 300'000'000, .interrupted = nullptr, .progress = {}});
  if (report.sum("nic", "rx_drop_") == 0) report.violations.emplace_back("nothing was lost: that was no overload");
  if (report.value("nic", "rx_delivered") == 0) report.violations.emplace_back("nothing arrived under overload");
  return report;
}

Report pings(std::uint64_t seed) {
  PeerPlan plan;
  plan.ping_sizes = sizes(0, 1472);
  plan.pings_per_size = 1;
  plan.udp_sizes.clear();
  return run_peer(base_config(seed), plan);
}

Report udp_echo(std::uint64_t seed) {
  PeerPlan plan;
  plan.ping_sizes.clear();
  plan.udp_sizes = sizes(1, 1472);
  return run_peer(base_config(seed), plan);
}

Report replay(std::uint64_t seed) {
  return run_reflect(unkind_memory(seed), 1000);
}

Report faults(std::uint64_t seed) {
  BoardConfig config = unkind_memory(seed);
  config.wire.faults_per_thousand = 500;
  return run_reflect(config, 600);
}

Report lane0(std::uint64_t seed) {
  BoardConfig config = base_config(seed);
  config.wire.start_lane = StartLane::lane0;
  return run_reflect(config, 400);
}

Report lane4(std::uint64_t seed) {
  BoardConfig config = base_config(seed);
  config.wire.start_lane = StartLane::lane4;
  return run_reflect(config, 400);
}

Report tied_clocks(std::uint64_t seed) {
  BoardConfig config = unkind_memory(seed);
  config.clocks.tied = true;
  return run_reflect(config, 600);
}

Report slow_core(std::uint64_t seed) {
  BoardConfig config = base_config(seed);
  config.clocks.core_mhz = 200;
  return run_reflect(config, 400);
}

Report small_rings(std::uint64_t seed) {
  BoardConfig config = unkind_memory(seed);
  config.host.queue_size = 8;
  Board board(config);
  FeedScenario::Options options{.app = HostAppKind::reflect, .addresses = {}, .feeder = {}};
  options.feeder.window = 4;
  FeedScenario scenario(board, sim::app::random_frames(200, seed), options);
  scenario.expect_echo();
  return board.run(scenario, {});
}

Report jumbo_peer(std::uint64_t seed) {
  BoardConfig config = base_config(seed);
  config.nic.mtu = 9198;
  PeerPlan plan;
  plan.ping_sizes.clear();
  plan.udp_sizes = {1, 1472, 1473, 4096, 8192, 9169, 9170};
  return run_peer(config, plan);
}

/// Up to 9216 bytes without FCS.
Report jumbo(std::uint64_t seed) {
  BoardConfig config = base_config(seed);
  config.nic.mtu = 9198;
  return run_reflect(config, 300, 9216);
}

/// The other side asks for 100 us of silence, of the link or of every class.
Report run_paused(std::uint64_t seed, bool by_class) {
  Board board(base_config(seed));
  PausedFeed scenario(board, {.by_class = by_class});
  return board.run(scenario, {});
}

Report narrow_link(std::uint64_t seed) {
  BoardConfig config = unkind_memory(seed);
  config.link.generation = 1;
  config.link.width = 1;
  config.link.mps = 128;
  config.link.mrrs = 128;
  config.link.rcb = 128;
  return run_reflect(config, 200);
}

Report four_cpus(std::uint64_t seed) {
  BoardConfig config = base_config(seed);
  config.host.cpus = 4;
  return run_peer(config, PeerPlan{});
}

}  // namespace

void use_nic(sim::board::NicKind kind) {
  nic_kind = kind;
}

BoardConfig base_config(std::uint64_t seed) {
  BoardConfig config;
  config.nic.kind = nic_kind;
  config.seed = seed;
  return config;
}

namespace {

std::map<std::string, Case> all_cases() {
  std::map<std::string, Case> all = {
      {"pings", pings},
      {"udp_echo", udp_echo},
      {"replay", replay},
      {"faults", faults},
      {"lane0", lane0},
      {"lane4", lane4},
      {"tied_clocks", tied_clocks},
      {"slow_core", slow_core},
      {"small_rings", small_rings},
      {"jumbo", jumbo},
      {"jumbo_peer", jumbo_peer},
      {"paused", [](std::uint64_t seed) { return run_paused(seed, false); }},
      {"paused_classes", [](std::uint64_t seed) { return run_paused(seed, true); }},
      {"narrow_link", narrow_link},
      {"four_cpus", four_cpus},
      {"overload", [](std::uint64_t seed) { return run_overload(base_config(seed)); }},
  };
  add_queue_cases(all);
  add_steering_cases(all);
  return all;
}

}  // namespace

const std::map<std::string, Case>& cases() {
  static const std::map<std::string, Case> all = all_cases();
  return all;
}

Report comparison_run(std::uint64_t seed, unsigned batch, std::uint64_t& frames_hash) {
  BoardConfig config = unkind_memory(seed);
  config.wire.faults_per_thousand = 50;
  config.batch = batch;
  Board board(config);
  frames_hash = 0xCBF2'9CE4'8422'2325U;
  const auto mix = [&frames_hash](std::uint64_t value) { frames_hash = (frames_hash ^ value) * 0x100'0000'01B3U; };
  board.cable().observe([&](sim::wire::Cable::Way way, std::span<const std::byte> bytes,
                            sim::wire::FrameSink::Verdict verdict, sim::Picoseconds start, sim::Picoseconds end) {
    if (way == sim::wire::Cable::Way::to_nic) return;
    mix(static_cast<std::uint64_t>(verdict));
    mix(static_cast<std::uint64_t>(start));
    mix(static_cast<std::uint64_t>(end));
    for (const std::byte b : bytes) mix(std::to_integer<std::uint64_t>(b));
  });
  FeedScenario::Options options{.app = HostAppKind::reflect, .addresses = {}, .feeder = {}};
  options.feeder.window = 32;
  options.feeder.seed = seed;
  options.feeder.faults_per_thousand = config.wire.faults_per_thousand;
  FeedScenario scenario(board, sim::app::random_frames(300, seed), options);
  scenario.expect_echo();
  return board.run(scenario, {});
}

}  // namespace tests::journey
