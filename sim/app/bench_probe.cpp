// SPDX-License-Identifier: Apache-2.0
#include "sim/app/bench_probe.hpp"

#include <fmt/format.h>

#include <ctime>
#include <sstream>

#include "sim/app/frame_sources.hpp"
#include "sim/app/host_app.hpp"
#include "sim/board/board.hpp"
#include "sim/wire/feeder.hpp"
#include "sim/wire/xgmii.hpp"

namespace sim::app {
namespace {

constexpr Picoseconds kWarmUp = 30'000'000;  // 30 us: rings and FIFOs fill

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// What has got through at a moment.
struct Mark {
  Picoseconds at = 0;
  std::uint64_t received = 0;  // by the host
  std::uint64_t sent = 0;      // on the wire
  std::uint64_t cycles = 0;
  double cpu = 0;
};

class ProbeScenario final : public board::Scenario {
 public:
  ProbeScenario(board::Board& board, const Probe& probe)
      : board_(board),
        probe_(probe),
        app_(HostAppKind::reflect, {}),
        feeder_(board.cable(), steady_frames(probe.length - wire::kFcsBytes), {}) {
    board.cable().attach_peer(feeder_);
  }

  std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) override {
    return app_.start(host, device);
  }
  void begin() override {
    const Picoseconds now = board_.agenda().now();
    feeder_.begin(now);
    board_.agenda().at(now + kWarmUp, wire::Rank::observer, [this] { first_ = mark(); });
    board_.agenda().at(now + kWarmUp + probe_.duration, wire::Rank::observer, [this] {
      last_ = mark();
      finished_ = true;
    });
  }
  [[nodiscard]] bool finished() const override { return finished_; }
  void stop() override { feeder_.stop(); }
  void report(board::Report& report) const override { app_.report(report); }

  /// What happened between the marks.
  [[nodiscard]] nlohmann::json measured() const {
    return {{"ns", (last_.at - first_.at) / 1000},
            {"received", last_.received - first_.received},
            {"sent", last_.sent - first_.sent},
            {"core_cycles", last_.cycles - first_.cycles},
            {"cpu_seconds", last_.cpu - first_.cpu}};
  }

 private:
  [[nodiscard]] Mark mark() {
    return {board_.agenda().now(), board_.device().stats().rx_packets, board_.cable().from_nic().frames,
            board_.nic().core_cycles(), cpu_seconds()};
  }

  board::Board& board_;
  Probe probe_;
  HostApp app_;
  wire::Feeder feeder_;
  Mark first_;
  Mark last_;
  bool finished_ = false;
};

}  // namespace

std::string Probe::text() const {
  return fmt::format("{}:{}{}", length, duration, bare ? ":bare" : "");
}

Probe Probe::parse(const std::string& text) {
  Probe probe;
  std::istringstream parts(text);
  std::string part;
  for (int i = 0; std::getline(parts, part, ':'); ++i) {
    if (i == 0) probe.length = static_cast<unsigned>(std::stoul(part));
    if (i == 1) probe.duration = std::stoll(part);
    if (part == "bare") probe.bare = true;
  }
  return probe;
}

nlohmann::json run_probe(const Probe& probe) {
  rtl_bridge::PinTape tape;
  board::BoardOptions options;
  options.observe_journey = false;
  options.record = probe.bare ? &tape : nullptr;
  board::Board board(board::BoardConfig{}, options);
  ProbeScenario scenario(board, probe);
  const double begin = cpu_seconds();
  board::Report report = board.run(scenario, {});
  const double whole = cpu_seconds() - begin;
  nlohmann::json out = nlohmann::json::parse(report.json());
  out["probe"] = scenario.measured();
  out["probe"]["whole_cpu_seconds"] = whole;
  if (probe.bare) {
    const auto bare = rtl_bridge::run_bare_nic(tape, board.engine_options(), board.nic().present());
    out["bare"] = {{"core_cycles", bare.core_cycles}, {"cpu_seconds", bare.seconds}, {"evals", bare.evals}};
  }
  return out;
}

}  // namespace sim::app
