// SPDX-License-Identifier: Apache-2.0
// Journeys over several queue pairs, each kind of ring, and each feature on and off.
#include <fmt/format.h>

#include <algorithm>

#include "rtl/contract/virtio_contract.hpp"
#include "sim/app/feed_scenario.hpp"
#include "sim/board/board.hpp"
#include "tests/journey/cases.hpp"
#include "tests/journey/large_scenario.hpp"
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
  FeedScenario::Options options{.app = HostAppKind::reflect, .addresses = {}, .feeder = {}, .flow = flow_of};
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

constexpr unsigned kTcpFlows = 3;

/// At line rate; what may not be joined comes segment by segment, and the flows are the same.
Report receive_large(const BoardConfig& config, std::uint64_t segments) {
  Board board(config);
  LargeScenario scenario(board, kTcpFlows, segments);
  Report report = board.run(scenario, {});
  if (!report.violations.empty()) return report;
  const Features features = board.driver().features();
  report.expect_equal("features that were switched off", features & config.driver.features_off, "none", 0);
  for (const bool v4 : {true, false}) {
    const bool joined = has_feature(features, v4 ? NET_F_GUEST_TSO4 : NET_F_GUEST_TSO6) && config.driver.lro_usecs != 0;
    const bool some = scenario.large(v4) > segments / 40;
    report.expect_equal(v4 ? "large packets over IPv4" : "large packets over IPv6", static_cast<std::uint64_t>(some),
                        "some, or none", static_cast<std::uint64_t>(joined));
    if (!joined) report.expect_equal("large packets", scenario.large(v4), "none", 0);
  }
  report.expect_equal("nic.rx_coalesced", report.value("nic", "rx_coalesced"), "segments that are no packet",
                      segments - report.value("run", "packets"));
  report.expect_equal("nic.rx_drop_*", report.sum("nic", "rx_drop_"), "none", 0);
  return report;
}

/// What was joined on its way in is cut on its way out: the wire sees the same frames.
Report echo_large(std::uint64_t seed) {
  BoardConfig config = several_cpus(seed, RingKind::packed);
  Board board(config);
  FeedScenario::Options options{.app = HostAppKind::reflect, .addresses = {}, .feeder = {}, .flow = flow_of};
  options.feeder.window = 64;
  options.feeder.seed = seed;
  FeedScenario scenario(
      board, [source = SegmentSource(kTcpFlows, 600, seed)]() mutable { return source.next(); }, options);
  scenario.expect_echo();
  Report report = board.run(scenario, {});
  for (const auto* name : {"rx_coalesced", "tx_segments"}) {
    if (report.value("nic", name) < 100) report.violations.push_back(fmt::format("nic.{} is below 100", name));
  }
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

/// To the host's own address, to another one, to everybody and to a group, in turn.
sim::wire::Feeder::Source addressed_frames(std::uint64_t count) {
  return [count]() mutable -> std::optional<std::vector<std::byte>> {
    if (count == 0) return std::nullopt;
    Frame frame = make_packet({.tcp = false, .payload = 100, .seed = count});
    const std::uint64_t kind = --count % 4;
    if (kind == 1) frame[5] ^= std::byte{1};
    if (kind == 2) std::fill_n(frame.begin(), 6, std::byte{0xff});
    if (kind == 3) frame[0] |= std::byte{1};
    return frame;
  };
}

/// Without a handler that wants all frames the NIC refuses those for others.
Report filtered(std::uint64_t seed) {
  constexpr std::uint64_t kFrames = 200;
  Board board(base_config(seed));
  FeedScenario::Options options{.app = HostAppKind::udp_echo, .addresses = {}, .feeder = {}};
  options.addresses = {.ipv4 = {host::headers::Ipv4Address::of(10, 77, 0, 9), 24}};
  options.feeder.interval = 2'000'000;
  FeedScenario scenario(board, addressed_frames(kFrames), options);
  Report report = board.run(scenario, {});
  const bool filters = report.sum("queues", "") != 0;  // there is a control window
  report.expect_equal("nic.rx_drop_filtered", report.value("nic", "rx_drop_filtered"), "frames for others",
                      filters ? kFrames / 4 : 0);
  return report;
}

/// Rings are replaced, one queue after the other, while frames come and go; all of them are accounted for.
class ResizeScenario final : public sim::board::Scenario {
 public:
  ResizeScenario(Board& board, std::uint64_t frames) : board_(board), feed_(board, source(frames, board), options()) {}

  std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) override {
    return feed_.host_is_up(host, device);
  }
  void begin() override {
    feed_.begin();
    board_.host().kernel().spawn(0, "ethtool", [this](host::kernel::Process& self) { return resize(self); });
    board_.host().kernel().machine().irqs.send_ipi(0);
  }
  [[nodiscard]] bool finished() const override { return feed_.finished() && finished_; }
  void stop() override { feed_.stop(); }
  void report(Report& report) const override {
    feed_.report(report);
    if (refused_ != 0) report.violations.push_back(fmt::format("{} of the resizes failed", refused_));
  }

 private:
  static sim::wire::Feeder::Source source(std::uint64_t frames, Board& board) {
    return flow_frames(frames, board.config().seed);
  }
  static FeedScenario::Options options() {
    FeedScenario::Options options{.app = HostAppKind::reflect, .addresses = {}, .feeder = {}};
    options.feeder.interval = 2'000'000;
    return options;
  }
  host::kernel::Task<void> resize(host::kernel::Process& self) {
    for (const unsigned size : {64u, 8u, 128u, 32u, 16u, 256u}) {
      co_await self.sleep_for(100'000);
      if (!board_.driver().resize_rings(self.cpu(), size, size)) ++refused_;
    }
    finished_ = true;
  }

  Board& board_;
  FeedScenario feed_;
  bool finished_ = false;
  unsigned refused_ = 0;
};

Report resized(const BoardConfig& config) {
  Board board(config);
  ResizeScenario scenario(board, 600);
  return board.run(scenario, {});
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
    config.driver.features_off = feature(NET_F_GUEST_TSO4) | feature(NET_F_GUEST_TSO6);  // which want larger ones
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
  all["resized_" + name] = [ring](std::uint64_t seed) { return resized(several_cpus(seed, ring)); };
  all["large_" + name] = [ring](std::uint64_t seed) { return receive_large(several_cpus(seed, ring), 2000); };
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
  all["large_echo"] = echo_large;
  all["large_off"] = [](std::uint64_t seed) {
    BoardConfig config = several_cpus(seed, RingKind::packed);
    config.driver.lro_usecs = 0;
    return receive_large(config, 600);
  };
  for (const auto* name : {"GUEST_CSUM", "GUEST_TSO4", "GUEST_TSO6", "MRG_RXBUF"}) {
    all[fmt::format("large_without_{}", name)] = [bit = bit_of(name)](std::uint64_t seed) {
      BoardConfig config = several_cpus(seed, seed % 2 == 0 ? RingKind::split : RingKind::packed, 2);
      config.driver.features_off = feature(bit);
      return receive_large(config, 600);
    };
  }
  all["filtered"] = filtered;
  all["send_crowded"] = [](std::uint64_t seed) {  // more CPUs than pairs
    return send_packets(several_cpus(seed, RingKind::packed, 12), 3);
  };
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
