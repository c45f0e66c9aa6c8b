// SPDX-License-Identifier: Apache-2.0
#include "sim/app/bench_probe.hpp"

#include <fmt/format.h>

#include <ctime>
#include <optional>
#include <sstream>

#include "sim/app/duration.hpp"
#include "sim/app/frame_generator.hpp"
#include "sim/app/frame_sources.hpp"
#include "sim/app/host_app.hpp"
#include "sim/app/numbered_frames.hpp"
#include "sim/board/board.hpp"
#include "sim/wire/feeder.hpp"
#include "sim/wire/xgmii.hpp"

namespace sim::app {
namespace {

using Traffic = Probe::Traffic;

constexpr std::pair<std::string_view, Traffic> kTraffics[] = {{"receive", Traffic::receive},
                                                              {"transmit", Traffic::transmit},
                                                              {"both", Traffic::both},
                                                              {"reflect", Traffic::reflect},
                                                              {"single", Traffic::single}};
constexpr Picoseconds kWarmUp = 30'000'000;  // 30 us: rings and FIFOs fill
constexpr Picoseconds kSingleInterval = 20'000'000;

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
  std::uint64_t idle_ns = 0;
};

class ProbeScenario final : public board::Scenario {
 public:
  ProbeScenario(board::Board& board, const Probe& probe)
      : board_(board),
        probe_(probe),
        app_(probe.traffic == Traffic::reflect || probe.traffic == Traffic::single ? HostAppKind::reflect
                                                                                   : HostAppKind::sink,
             {}),
        sent_(probe.length),
        feeder_(board.cable(), steady_frames(probe.length - wire::kFcsBytes),
                {.interval = probe.traffic == Traffic::single ? kSingleInterval : 0}) {
    board.cable().attach_peer(feeder_);
  }

  std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) override {
    generator_.emplace(host.net(), device, [this] { return sent_.next(); });
    return app_.start(host, device);
  }
  void begin() override {
    const Picoseconds now = board_.agenda().now();
    if (probe_.traffic != Traffic::transmit) feeder_.begin(now);
    if (probe_.traffic == Traffic::transmit || probe_.traffic == Traffic::both) generator_->start();
    board_.agenda().at(now + kWarmUp, wire::Rank::observer, [this] { first_ = mark(); });
    board_.agenda().at(now + kWarmUp + probe_.duration, wire::Rank::observer, [this] {
      last_ = mark();
      finished_ = true;
    });
  }
  [[nodiscard]] bool finished() const override { return finished_; }
  void stop() override {
    feeder_.stop();
    generator_->stop();
  }
  void report(board::Report& report) const override { app_.report(report); }

  [[nodiscard]] nlohmann::json measured() const {
    return {{"ns", (last_.at - first_.at) / 1000},   {"received", last_.received - first_.received},
            {"sent", last_.sent - first_.sent},      {"core_cycles", last_.cycles - first_.cycles},
            {"cpu_seconds", last_.cpu - first_.cpu}, {"host_idle_ns", last_.idle_ns - first_.idle_ns}};
  }

 private:
  [[nodiscard]] Mark mark() {
    const auto& cpu = board_.machine().kernel().cpu(0);
    return {board_.agenda().now(),
            board_.device().stats().rx_packets,
            board_.cable().from_nic().frames,
            board_.nic().core_cycles(),
            cpu_seconds(),
            static_cast<std::uint64_t>(cpu.time_in(host::kernel::CpuState::idle))};
  }

  board::Board& board_;
  Probe probe_;
  HostApp app_;
  NumberedFrames sent_;
  wire::Feeder feeder_;
  std::optional<FrameGenerator> generator_;
  Mark first_;
  Mark last_;
  bool finished_ = false;
};

}  // namespace

std::string Probe::text() const {
  std::string name;
  for (const auto& [known, value] : kTraffics) {
    if (value == traffic) name = known;
  }
  return fmt::format("{}:{}:{}{}{}{}", name, length, duration, free_host ? ":free" : "", bare ? ":bare" : "",
                     observe ? ":observe" : "");
}

Probe Probe::parse(const std::string& text) {
  Probe probe;
  probe.observe = false;
  std::istringstream parts(text);
  std::string part;
  for (int i = 0; std::getline(parts, part, ':'); ++i) {
    for (const auto& [known, value] : kTraffics) {
      if (i == 0 && part == known) probe.traffic = value;
    }
    if (i == 1) probe.length = static_cast<unsigned>(std::stoul(part));
    if (i == 2) probe.duration = std::stoll(part);
    if (part == "free") probe.free_host = true;
    if (part == "bare") probe.bare = true;
    if (part == "observe") probe.observe = true;
  }
  return probe;
}

nlohmann::json run_probe(const Probe& probe) {
  rtl_bridge::PinTape tape;
  board::BoardOptions options;
  options.observe_journey = probe.observe;
  options.cpu_speed = probe.free_host ? 0 : 1;
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
