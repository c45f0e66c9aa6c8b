// SPDX-License-Identifier: Apache-2.0
// The peer host pings the host behind the NIC and has its UDP echoed, and checks every byte.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/apps/ping.hpp"
#include "host/apps/udp_client.hpp"
#include "sim/app/host_app.hpp"
#include "sim/board/board.hpp"
#include "sim/board/peer_host.hpp"
#include "sim/board/scenario.hpp"

namespace sim::app {

/// What the peer does, in this order.
struct PeerPlan {
  std::vector<std::size_t> ping_sizes = {0, 1, 17, 18, 56, 1000, 1472};
  unsigned pings_per_size = 2;
  std::vector<std::size_t> udp_sizes = {1, 17, 18, 100, 512, 1472};
  bool print = true;
};

class PeerScenario final : public board::Scenario {
 public:
  PeerScenario(board::Board& board, host::headers::Ipv4Prefix address, PeerPlan plan = {});

  std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) override;
  void begin() override;
  [[nodiscard]] bool finished() const override { return finished_; }
  void stop() override { stopped_ = true; }
  void report(board::Report& report) const override;

 private:
  using Process = host::kernel::Process;

  [[nodiscard]] host::kernel::Task<void> work(Process& self);
  [[nodiscard]] host::kernel::Task<void> ping_size(Process& self, std::size_t size);
  [[nodiscard]] host::kernel::Task<void> echo_size(Process& self, std::size_t size);
  void fail(std::string what) { failures_.push_back(std::move(what)); }

  host::headers::Ipv4Prefix address_;
  PeerPlan plan_;
  board::PeerHost peer_;
  HostApp app_;
  std::uint64_t pings_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t datagrams_ = 0;
  std::uint64_t echoed_ = 0;
  std::vector<std::string> failures_;
  bool finished_ = false;
  bool stopped_ = false;
};

}  // namespace sim::app
