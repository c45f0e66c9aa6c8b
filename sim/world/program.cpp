// SPDX-License-Identifier: Apache-2.0
#include "sim/world/program.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/apps/ping.hpp"
#include "host/apps/udp_client.hpp"
#include "host/apps/udp_echo.hpp"

namespace sim::world {
namespace {

using host::apps::Host;
using host::kernel::Process;
using host::kernel::Task;

constexpr Picoseconds kPerNanosecond = 1000;

class UdpEcho final : public Program {
 public:
  using Program::Program;
  Task<void> run(Process& self, Host& host) override {
    const auto ended = co_await host::apps::udp_echo(self, host.sockets(), stats_, plan_.port);
    if (!ended.ok())
      problem_ = fmt::format("udp-echo could not serve port {}: {}", plan_.port, errno_name(ended.error()));
  }
  bool is_server() const override { return true; }
  void report(board::Report& report, const std::string& group) const override {
    report.add(group, "received", stats_.received);
    report.add(group, "sent", stats_.sent);
    report.add(group, "send_failures", stats_.send_failures);
    if (!problem_.empty()) report.violations.push_back(fmt::format("{}: {}", group, problem_));
  }

 private:
  host::apps::UdpEchoStats stats_;
  std::string problem_;
};

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

}  // namespace

std::unique_ptr<Program> make_program(const AppPlan& plan) {
  switch (plan.kind) {
    case App::udp_echo:
      return std::make_unique<UdpEcho>(plan);
    case App::udp_check:
      return std::make_unique<UdpCheck>(plan);
    case App::ping:
      return std::make_unique<Ping>(plan);
  }
  return nullptr;
}

void report_times(board::Report& report, const std::string& group, std::vector<host::platform::Nanoseconds> times) {
  if (times.empty()) return;
  std::sort(times.begin(), times.end());
  const auto at = [&](std::size_t percent) {
    return static_cast<std::uint64_t>(times[std::min(times.size() - 1, times.size() * percent / 100)]);
  };
  report.add(group, "p50_ns", at(50));
  report.add(group, "p90_ns", at(90));
  report.add(group, "p99_ns", at(99));
  report.add(group, "longest_ns", static_cast<std::uint64_t>(times.back()));
}

}  // namespace sim::world
