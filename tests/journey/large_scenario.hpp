// SPDX-License-Identifier: Apache-2.0
// TCP flows at line rate: whatever the NIC joins, cut again by the stack's own software it has to be what was sent.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "sim/board/board.hpp"
#include "sim/board/scenario.hpp"
#include "sim/pcie/seeded_random.hpp"
#include "sim/wire/feeder.hpp"
#include "tests/journey/packets.hpp"

namespace tests::journey {

/// Segments of a few flows in bursts, over IPv4 and IPv6 in turn, each burst's last one pushed.
class SegmentSource {
 public:
  SegmentSource(unsigned flows, std::uint64_t segments, std::uint64_t seed);
  [[nodiscard]] std::optional<Frame> next();

 private:
  struct Flow {
    std::uint32_t sequence = 0;
    std::uint16_t identifier = 0;
    unsigned left = 0;  // of the burst
  };
  std::deque<Flow> flows_;
  std::uint64_t left_;
  sim::pcie::SeededRandom random_;
};

class LargeScenario final : public sim::board::Scenario {
 public:
  LargeScenario(sim::board::Board& board, unsigned flows, std::uint64_t segments);

  std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) override;
  void begin() override { feeder_.begin(board_.agenda().now()); }
  [[nodiscard]] bool finished() const override { return feeder_.done() && missing_ == 0; }
  void stop() override { feeder_.stop(); }
  void report(sim::board::Report& report) const override;
  /// Packets of several segments, by the version of IP.
  [[nodiscard]] std::uint64_t large(bool v4) const { return v4 ? large4_ : large6_; }

 private:
  void received(host::skb::SkBuff& skb);
  [[nodiscard]] std::string check_large(host::skb::SkBuff& skb, const Frame& frame);
  void arrived(Frame frame);

  sim::board::Board& board_;
  SegmentSource source_;
  std::map<std::uint64_t, std::deque<Frame>> expected_;  // by flow
  std::uint64_t missing_ = 0;
  std::uint64_t packets_ = 0;
  std::uint64_t large4_ = 0;
  std::uint64_t large6_ = 0;
  std::uint64_t different_ = 0;
  std::string first_difference_;
  sim::wire::Feeder feeder_;
};

}  // namespace tests::journey
