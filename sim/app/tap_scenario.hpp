// SPDX-License-Identifier: Apache-2.0
// The operating system at the other end of the cable, through a TAP device.
#pragma once

#include "sim/app/host_app.hpp"
#include "sim/attach/tap_peer.hpp"
#include "sim/board/board.hpp"
#include "sim/board/scenario.hpp"

namespace sim::app {

/// Runs until somebody stops it.
class TapScenario final : public board::Scenario {
 public:
  TapScenario(board::Board& board, attach::Tap& tap, HostAppKind app, const HostAddresses& addresses);

  std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) override;
  void begin() override;
  [[nodiscard]] bool finished() const override { return false; }
  void stop() override { peer_.stop(); }
  void report(board::Report& report) const override;

 private:
  board::Board& board_;
  HostApp app_;
  attach::TapPeer peer_;
};

}  // namespace sim::app
