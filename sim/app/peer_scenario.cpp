// SPDX-License-Identifier: Apache-2.0
#include "sim/app/peer_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace sim::app {
namespace {

constexpr host::platform::Nanoseconds kPatience = 20'000'000;  // 20 ms
constexpr std::size_t kIcmpHeader = 8;

std::string reason(const std::optional<host::base::Errno>& error) {
  return error ? std::string(errno_name(*error)) : "no answer";
}

}  // namespace

PeerScenario::PeerScenario(board::Board& board, host::headers::Ipv4Prefix address, PeerPlan plan)
    : address_(address),
      plan_(std::move(plan)),
      peer_(board.cable(), board::neighbour_of(address), board.config().seed, board.config().nic.mtu),
      app_(HostAppKind::udp_echo, {.ipv4 = address}) {}

std::string PeerScenario::host_is_up(host::apps::Host& host, host::device::NetDevice& device) {
  return app_.start(host, device);
}

void PeerScenario::begin() {
  peer_.machine().spawn("peer", [this](Process& self) { return work(self); });
}

host::kernel::Task<void> PeerScenario::work(Process& self) {
  if (std::string problem = peer_.bring_up(self.cpu()); !problem.empty()) {
    fail(std::move(problem));
  } else {
    for (const std::size_t size : plan_.ping_sizes) {
      if (!stopped_) co_await ping_size(self, size);
    }
    for (const std::size_t size : plan_.udp_sizes) {
      if (!stopped_) co_await echo_size(self, size);
    }
    if (plan_.print) {
      fmt::print("{} pings, {} answered; {} UDP datagrams, {} echoed\n", pings_, answered_, datagrams_, echoed_);
      std::fflush(stdout);
    }
  }
  finished_ = true;
}

host::kernel::Task<void> PeerScenario::ping_size(Process& self, std::size_t size) {
  host::apps::PingReport result;
  host::apps::PingOptions options;
  options.target = address_.address;
  options.count = plan_.pings_per_size;
  options.size = size;
  options.interval = 0;
  options.timeout = kPatience;
  co_await host::apps::ping(self, peer_.host().sockets(), options, result);
  pings_ += plan_.pings_per_size;
  answered_ += result.received - result.corrupted;
  if (result.received != plan_.pings_per_size || result.corrupted != 0) {
    fail(fmt::format("{} of {} pings of {} B answered, {} of them changed ({})", result.received, plan_.pings_per_size,
                     size, result.corrupted, reason(result.last_error)));
  }
  if (!plan_.print) co_return;
  for (std::size_t i = 0; i < result.round_trips.size(); ++i) {
    fmt::print("{} bytes from {}: icmp_seq={} time={:.3f} us\n", kIcmpHeader + size, to_string(address_.address), i + 1,
               static_cast<double>(result.round_trips[i]) / 1000);
  }
}

host::kernel::Task<void> PeerScenario::echo_size(Process& self, std::size_t size) {
  host::apps::UdpClientReport result;
  host::apps::UdpClientOptions options;
  options.server = {address_.address, host::apps::kEchoPort};
  options.sizes.assign(1, size);
  options.timeout = kPatience;
  co_await host::apps::udp_client(self, peer_.host().sockets(), std::move(options), result);
  ++datagrams_;
  if (result.echoed != 1 || result.corrupted != 0) {
    fail(fmt::format("UDP of {} B was not echoed ({})", size,
                     result.corrupted != 0 ? "its bytes were changed" : reason(result.last_error)));
    co_return;
  }
  ++echoed_;
  if (!plan_.print) co_return;
  fmt::print("{} bytes echoed by {}:{} time={:.3f} us\n", size, to_string(address_.address), host::apps::kEchoPort,
             static_cast<double>(result.longest) / 1000);
}

void PeerScenario::report(board::Report& report) const {
  report.add("run", "pings", pings_);
  report.add("run", "pings_answered", answered_);
  report.add("run", "datagrams", datagrams_);
  report.add("run", "datagrams_echoed", echoed_);
  app_.report(report);
  for (const std::string& failure : failures_) report.violations.push_back(failure);
}

}  // namespace sim::app
