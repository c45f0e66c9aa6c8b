// SPDX-License-Identifier: Apache-2.0
// A feeder at the other end of the cable: frames of a capture or of a generator.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "sim/app/host_app.hpp"
#include "sim/board/board.hpp"
#include "sim/board/scenario.hpp"
#include "sim/wire/feeder.hpp"

namespace sim::app {

class FeedScenario final : public board::Scenario {
 public:
  struct Options {
    HostAppKind app = HostAppKind::reflect;
    HostAddresses addresses;
    wire::Feeder::Options feeder;
    /// Frames of different flows may overtake each other on their way back; without it there is one flow.
    std::function<std::uint64_t(const std::vector<std::byte>&)> flow = {};
  };

  FeedScenario(board::Board& board, wire::Feeder::Source source, const Options& options);

  /// With a window, each frame is compared with what came back; call before the run.
  void expect_echo();
  [[nodiscard]] wire::Feeder& feeder() { return feeder_; }

  std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) override;
  void begin() override;
  [[nodiscard]] bool finished() const override { return feeder_.done(); }
  void stop() override { feeder_.stop(); }
  void report(board::Report& report) const override;

 private:
  [[nodiscard]] std::optional<std::vector<std::byte>> remember(const wire::Feeder::Source& source);
  [[nodiscard]] std::deque<std::vector<std::byte>>& expected(const std::vector<std::byte>& bytes);
  void compare(const std::vector<std::byte>& bytes, wire::FrameSink::Verdict verdict);

  board::Board& board_;
  HostApp app_;
  bool echo_ = false;
  std::function<std::uint64_t(const std::vector<std::byte>&)> flow_;
  std::map<std::uint64_t, std::deque<std::vector<std::byte>>> expected_;  // by flow
  std::uint64_t different_ = 0;
  std::string first_difference_;
  wire::Feeder feeder_;
};

}  // namespace sim::app
