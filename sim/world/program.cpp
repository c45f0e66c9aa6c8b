// SPDX-License-Identifier: Apache-2.0
#include "sim/world/program.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/apps/dns_responder.hpp"
#include "host/apps/udp_blast.hpp"
#include "host/apps/udp_echo.hpp"
#include "host/apps/udp_forward.hpp"
#include "host/apps/udp_kind.hpp"

namespace sim::world {
namespace {

using host::apps::Host;
using host::kernel::Process;
using host::kernel::Task;

constexpr Picoseconds kPerNanosecond = 1000;

/// Shared by the servers below: why it ended, if it did.
class Server : public Program {
 public:
  using Program::Program;
  bool is_server() const override { return true; }

 protected:
  void ended(const host::base::Result<void>& result) {
    if (!result.ok()) problem_ = fmt::format("it could not serve port {}: {}", plan_.port, errno_name(result.error()));
  }
  void report_problem(board::Report& report, const std::string& group) const {
    if (!problem_.empty()) report.violations.push_back(fmt::format("{}: {}", group, problem_));
  }

 private:
  std::string problem_;
};

class UdpSink final : public Server {
 public:
  using Server::Server;
  Task<void> run(Process& self, Host& host) override {
    host::apps::UdpSinkOptions options{.port = plan_.port,
                                       .reuse_port = plan_.reuse_port,
                                       .receive_buffer = plan_.receive_buffer,
                                       .work = plan_.work / kPerNanosecond,
                                       .group = plan_.group};
    const auto result = co_await host::apps::udp_sink(self, host.sockets(), options, result_);
    ended(result);
  }
  void report(board::Report& report, const std::string& group) const override {
    report.add(group, "received", result_.received);
    report.add(group, "bytes", result_.bytes);
    report.add(group, "late", result_.late);
    const auto span = result_.last - result_.first;
    if (span > 0)
      report.add(group, "per_second", (result_.received - 1) * 1'000'000'000 / static_cast<std::uint64_t>(span));
    report_problem(report, group);
  }

 private:
  host::apps::UdpSinkReport result_;
};

class Dns final : public Server {
 public:
  explicit Dns(const AppPlan& plan) : Server(plan) {
    for (const auto& [name, address] : plan.names) names_[name].push_back(address);
  }
  Task<void> run(Process& self, Host& host) override {
    const auto result = co_await host::apps::dns_responder(self, host.sockets(), names_, stats_, plan_.port);
    ended(result);
  }
  void report(board::Report& report, const std::string& group) const override {
    report.add(group, "queries", stats_.queries);
    report.add(group, "answered", stats_.answered);
    report.add(group, "no_data", stats_.no_data);
    report.add(group, "unknown", stats_.unknown);
    report.add(group, "refused", stats_.refused);
    report.add(group, "ignored", stats_.ignored);
    report.add(group, "send_failures", stats_.send_failures);
    report_problem(report, group);
  }

 private:
  host::apps::DnsNames names_;
  host::apps::DnsStats stats_;
};

class UdpForward final : public Server {
 public:
  using Server::Server;
  Task<void> run(Process& self, Host& host) override {
    host::apps::UdpForwardOptions options;
    options.port = plan_.port;
    options.server = {plan_.to, plan_.to_port};
    const auto result = co_await host::apps::udp_forward(self, host.sockets(), options, stats_);
    ended(result);
  }
  void report(board::Report& report, const std::string& group) const override {
    report.add(group, "to_server", stats_.to_server);
    report.add(group, "to_clients", stats_.to_clients);
    report.add(group, "clients", stats_.clients);
    report.add(group, "evicted", stats_.evicted);
    report.add(group, "failures", stats_.failures);
    report_problem(report, group);
  }

 private:
  host::apps::UdpForwardStats stats_;
};

class UdpEcho final : public Server {
 public:
  using Server::Server;
  Task<void> run(Process& self, Host& host) override {
    const auto result =
        co_await host::apps::udp_echo(self, host.sockets(), stats_, plan_.port, host::apps::kBothFamilies);
    ended(result);
  }
  void report(board::Report& report, const std::string& group) const override {
    report.add(group, "received", stats_.received);
    report.add(group, "sent", stats_.sent);
    report.add(group, "send_failures", stats_.send_failures);
    report_problem(report, group);
  }

 private:
  host::apps::UdpEchoStats stats_;
};

}  // namespace

std::unique_ptr<Program> make_program(const AppPlan& plan, std::uint64_t seed) {
  switch (plan.kind) {
    case App::udp_echo:
      return std::make_unique<UdpEcho>(plan);
    case App::udp_sink:
    case App::multicast:
      return std::make_unique<UdpSink>(plan);
    case App::dns:
      return std::make_unique<Dns>(plan);
    case App::udp_forward:
      return std::make_unique<UdpForward>(plan);
    default:
      return make_traffic(plan, seed);
  }
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
