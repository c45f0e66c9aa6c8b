// SPDX-License-Identifier: Apache-2.0
// Programs that ask, measure and make traffic.
#include <fmt/format.h>

#include "host/apps/frame_player.hpp"
#include "host/apps/latency_probe.hpp"
#include "host/apps/ping.hpp"
#include "host/apps/udp_blast.hpp"
#include "host/apps/udp_client.hpp"
#include "sim/attach/capture_reader.hpp"
#include "sim/world/program.hpp"

namespace sim::world {
namespace {

using host::apps::Host;
using host::kernel::Process;
using host::kernel::Task;

constexpr Picoseconds kPerNanosecond = 1000;

class UdpCheck final : public Program {
 public:
  using Program::Program;
  Task<void> run(Process& self, Host& host) override {
    host::apps::UdpClientOptions options;
    options.server = {plan_.to, plan_.port};
    options.sizes.assign(plan_.count, plan_.size);
    options.timeout = plan_.timeout / kPerNanosecond;
    options.interval = plan_.interval / kPerNanosecond;
    co_await host::apps::udp_client(self, host.sockets(), std::move(options), result_);
  }
  void report(board::Report& report, const std::string& group) const override {
    report.add(group, "sent", result_.sent);
    report.add(group, "echoed", result_.echoed);
    report.add(group, "timeouts", result_.timeouts);
    report.add(group, "unexpected", result_.corrupted);
    report.add(group, "errors", result_.errors);
    report.add(group, "shortest_ns", static_cast<std::uint64_t>(result_.shortest));
    report.add(group, "longest_ns", static_cast<std::uint64_t>(result_.longest));
  }

 private:
  host::apps::UdpClientReport result_;
};

class Ping final : public Program {
 public:
  using Program::Program;
  Task<void> run(Process& self, Host& host) override {
    host::apps::PingOptions options;
    options.target = plan_.to;
    options.count = static_cast<unsigned>(plan_.count);
    options.size = plan_.size;
    options.interval = plan_.interval / kPerNanosecond;
    options.timeout = plan_.timeout / kPerNanosecond;
    co_await host::apps::ping(self, host.sockets(), options, result_);
  }
  void report(board::Report& report, const std::string& group) const override {
    report.add(group, "transmitted", result_.transmitted);
    report.add(group, "received", result_.received);
    report.add(group, "corrupted", result_.corrupted);
    report.add(group, "errors", result_.errors);
    report_times(report, group, result_.round_trips);
  }

 private:
  host::apps::PingReport result_;
};

class LatencyProbe final : public Program {
 public:
  using Program::Program;
  Task<void> run(Process& self, Host& host) override {
    host::apps::LatencyProbeOptions options;
    options.server = {plan_.to, plan_.port};
    options.size = plan_.size;
    options.count = static_cast<std::uint32_t>(plan_.count);
    options.interval = plan_.interval / kPerNanosecond;
    options.timeout = plan_.timeout / kPerNanosecond;
    options.stop = &stopped();
    const auto ended = co_await host::apps::latency_probe(self, host.sockets(), options, result_);
    if (!ended.ok()) ++result_.errors;
  }
  void report(board::Report& report, const std::string& group) const override {
    report.add(group, "sent", result_.sent);
    report.add(group, "answered", result_.round_trips.size());
    report.add(group, "lost", result_.lost);
    report.add(group, "late", result_.late);
    report.add(group, "errors", result_.errors);
    report_times(report, group, result_.round_trips);
  }

 private:
  host::apps::LatencyProbeReport result_;
};

class UdpBlast final : public Program {
 public:
  UdpBlast(const AppPlan& plan, std::uint64_t seed) : Program(plan), seed_(seed) {}
  Task<void> run(Process& self, Host& host) override {
    host::apps::UdpBlastOptions options;
    options.to = {plan_.to, plan_.port};
    options.size = plan_.size;
    options.rate = plan_.rate;
    if (plan_.distribution == "poisson") options.distribution = host::apps::Distribution::poisson;
    if (plan_.distribution == "burst") options.distribution = host::apps::Distribution::burst;
    options.burst = plan_.burst;
    options.count = plan_.count;
    options.seed = seed_;
    options.stop = &stopped();
    const auto ended = co_await host::apps::udp_blast(self, host.sockets(), options, result_);
    if (!ended.ok()) ++result_.errors;
  }
  void report(board::Report& report, const std::string& group) const override {
    report.add(group, "sent", result_.sent);
    report.add(group, "refused", result_.refused);
    report.add(group, "errors", result_.errors);
  }

 private:
  std::uint64_t seed_;
  host::apps::UdpBlastReport result_;
};

class Replay final : public Program {
 public:
  explicit Replay(const AppPlan& plan) : Program(plan) {
    attach::CaptureReader reader(plan.file);
    std::int64_t zero = 0;
    while (const auto record = reader.next()) {
      if (frames_.empty()) zero = record->time_ns;
      frames_.push_back({record->bytes, record->time_ns - zero});
    }
  }
  Task<void> run(Process& self, Host& host) override {
    auto* device = host.net().device_by_name(plan_.device);
    if (device == nullptr) {
      problem_ = fmt::format("there is no interface '{}'", plan_.device);
      co_return;
    }
    const host::apps::FramePlayerOptions options{.rounds = plan_.count, .speed = plan_.speed, .stop = &stopped()};
    co_await host::apps::play_frames(self, host.net(), *device, frames_, options, stats_);
  }
  void report(board::Report& report, const std::string& group) const override {
    report.add(group, "sent", stats_.sent);
    report.add(group, "refused", stats_.refused);
    if (!problem_.empty()) report.violations.push_back(fmt::format("{}: {}", group, problem_));
  }

 private:
  std::vector<host::apps::RecordedFrame> frames_;
  host::apps::FramePlayerStats stats_;
  std::string problem_;
};

}  // namespace

std::unique_ptr<Program> make_traffic(const AppPlan& plan, std::uint64_t seed) {
  switch (plan.kind) {
    case App::udp_check:
      return std::make_unique<UdpCheck>(plan);
    case App::ping:
      return std::make_unique<Ping>(plan);
    case App::latency_probe:
      return std::make_unique<LatencyProbe>(plan);
    case App::udp_blast:
      return std::make_unique<UdpBlast>(plan, seed);
    case App::replay:
      return std::make_unique<Replay>(plan);
    default:
      return nullptr;
  }
}

}  // namespace sim::world
