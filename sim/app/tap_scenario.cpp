// SPDX-License-Identifier: Apache-2.0
#include "sim/app/tap_scenario.hpp"

namespace sim::app {
namespace {

constexpr Picoseconds kPollInterval = 5'000'000;  // 5 us: a few milliseconds of the real world

}  // namespace

TapScenario::TapScenario(board::Board& board, attach::Tap& tap, HostAppKind app, const HostAddresses& addresses)
    : board_(board), app_(app, addresses), peer_(board.cable(), tap, kPollInterval) {
  board.cable().attach_peer(peer_);
}

std::string TapScenario::host_is_up(host::apps::Host& host, host::device::NetDevice& device) {
  return app_.start(host, device);
}

void TapScenario::begin() {
  peer_.begin(board_.agenda().now());
}

void TapScenario::report(board::Report& report) const {
  app_.report(report);
  report.add("run", "tap_refused", peer_.refused());
  report.add("run", "tap_unusable", peer_.unusable());
}

}  // namespace sim::app
