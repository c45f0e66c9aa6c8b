// SPDX-License-Identifier: Apache-2.0
// One receive queue and several CPUs: the stack spreads the flows by itself, with interrupts from CPU to CPU.
#include <fmt/format.h>

#include "sim/app/feed_scenario.hpp"
#include "sim/board/board.hpp"
#include "tests/journey/cases.hpp"
#include "tests/journey/packets.hpp"

namespace tests::journey {
namespace {

using sim::app::FeedScenario;
using sim::app::HostAppKind;
using sim::board::Board;
using sim::board::BoardConfig;
using sim::board::Report;

constexpr unsigned kCpus = 4;
constexpr unsigned kFlows = 64;
constexpr std::uint64_t kFrames = 600;

sim::wire::Feeder::Source frames(std::uint64_t seed) {
  return [at = std::uint64_t{0},
          random = sim::pcie::SeededRandom(seed)]() mutable -> std::optional<std::vector<std::byte>> {
    if (at++ == kFrames) return std::nullopt;
    const std::uint64_t draw = random.next();
    const auto flow = static_cast<unsigned>(draw % kFlows);
    return make_packet(
        {.v4 = flow % 2 == 0, .tcp = false, .flow = flow, .payload = 1 + draw / 1024 % 600, .seed = draw});
  };
}

/// rps_cpus is written as an administrator does, when the interface is up.
class SteeredScenario final : public sim::board::Scenario {
 public:
  explicit SteeredScenario(Board& board) : feed_(board, frames(board.config().seed), options()) { feed_.expect_echo(); }

  std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) override {
    auto& kernel = host.kernel();
    const auto set = kernel.files().write(kernel.cpu(0), "/sys/class/net/eth0/queues/rx-0/rps_cpus", "f");
    return set ? feed_.host_is_up(host, device) : "rps_cpus was refused";
  }
  void begin() override { feed_.begin(); }
  [[nodiscard]] bool finished() const override { return feed_.finished(); }
  void stop() override { feed_.stop(); }
  void report(Report& report) const override { feed_.report(report); }

 private:
  static FeedScenario::Options options() {
    FeedScenario::Options options{.app = HostAppKind::reflect, .addresses = {}, .feeder = {}, .flow = flow_of};
    options.feeder.window = 64;
    return options;
  }
  FeedScenario feed_;
};

Report steered(std::uint64_t seed) {
  BoardConfig config = base_config(seed);
  config.host.cpus = kCpus;
  config.driver.queue_pairs = 1;
  Board board(config);
  SteeredScenario scenario(board);
  Report report = board.run(scenario, {});
  if (!report.violations.empty()) return report;
  std::uint64_t processed = 0;
  for (unsigned id = 0; id < kCpus; ++id) {
    const auto counter = [&](std::string_view name) {
      return report.value("kernel", fmt::format("cpu{}_{}", id, name));
    };
    processed += counter("processed");
    if (counter("processed") < kFrames / kCpus / 2 || (counter("received_rps") != 0) != (id != 0)) {
      report.violations.push_back(
          fmt::format("CPU {} took {} frames by {} calls", id, counter("processed"), counter("received_rps")));
    }
  }
  report.expect_equal("frames that any CPU took", processed, "frames", kFrames);
  return report;
}

}  // namespace

void add_steering_cases(std::map<std::string, Case>& all) {
  all["steered"] = steered;
}

}  // namespace tests::journey
