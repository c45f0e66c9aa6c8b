// SPDX-License-Identifier: Apache-2.0
// The host sends packets with requests for checksums and segmentation; each byte on the wire must be what the stack's
// own software would have sent.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "sim/board/board.hpp"
#include "sim/board/scenario.hpp"
#include "sim/pcie/seeded_random.hpp"
#include "tests/journey/packets.hpp"

namespace tests::journey {

class SendScenario final : public sim::board::Scenario {
 public:
  /// Every CPU sends `packets` of each kind, in one flow a CPU.
  SendScenario(sim::board::Board& board, unsigned packets);

  std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) override;
  void begin() override;
  [[nodiscard]] bool finished() const override { return senders_ == 0; }
  void stop() override { stopped_ = true; }
  void report(sim::board::Report& report) const override;

 private:
  using Process = host::kernel::Process;

  [[nodiscard]] host::kernel::Task<void> send(Process& self, unsigned flow);
  [[nodiscard]] host::skb::Skb build(const PacketShape& shape, std::uint16_t gso_size);
  /// What software makes of it joins what is expected of its flow.
  void expect(const host::skb::SkBuff& skb, unsigned flow);
  void expect(Frame frame, unsigned flow);
  void arrived(std::span<const std::byte> bytes, sim::wire::FrameSink::Verdict verdict);

  sim::board::Board& board_;
  unsigned packets_;
  sim::pcie::SeededRandom random_;
  unsigned senders_ = 1;  // that have not finished; before begin() there is at least one
  bool stopped_ = false;
  std::map<std::uint64_t, std::deque<Frame>> expected_;
  std::uint64_t sent_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t different_ = 0;
  std::string first_difference_;
};

}  // namespace tests::journey
