// SPDX-License-Identifier: Apache-2.0
// A feed whose far end asks for silence first: the host's echoes have to wait.
#pragma once

#include <algorithm>
#include <utility>

#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/mac_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "sim/app/feed_scenario.hpp"
#include "sim/app/frame_sources.hpp"

namespace tests::journey {

class PausedFeed final : public sim::board::Scenario {
 public:
  /// Quanta of 51.2 ns for every class by priority pause, or for the link by 802.3x.
  struct Silence {
    bool by_class = false;
    std::uint16_t quanta = 2000;
  };
  PausedFeed(sim::board::Board& board, Silence silence)
      : board_(board),
        silence_(silence),
        feed_(board, sim::app::random_frames(20, board.config().seed),
              {.app = sim::app::HostAppKind::reflect, .addresses = {}, .feeder = {}}) {
    board.cable().observe([this](sim::wire::Cable::Way way, std::span<const std::byte>, sim::wire::FrameSink::Verdict,
                                 sim::Picoseconds start, sim::Picoseconds) {
      if (way == sim::wire::Cable::Way::from_nic && first_ == 0) first_ = start;
    });
  }

  std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) override {
    using namespace contract;
    const std::uint64_t mac = board_.function().bars[0].address + BAR_CONTROL + CTL_WINDOW_BYTES * CTL_MAC;
    board_.root().mmio_write(mac + MACREG_CONTROL, 4, MAC_CONTROL_RX_PAUSE | MAC_CONTROL_RX_PFC);
    return feed_.host_is_up(host, device);
  }
  void begin() override {
    began_ = board_.cable().agenda().now();
    board_.cable().send({pause_frame()});
    feed_.begin();
  }
  [[nodiscard]] bool finished() const override { return feed_.finished(); }
  void stop() override { feed_.stop(); }
  void report(sim::board::Report& report) const override {
    feed_.report(report);
    const sim::Picoseconds asked = silence_.quanta * sim::Picoseconds{51'200};
    if (first_ < began_ + asked) report.violations.emplace_back("the NIC sent before the silence was over");
    if (first_ > began_ + asked + 20'000'000) report.violations.emplace_back("the NIC kept silent for too long");
  }

 private:
  [[nodiscard]] std::vector<std::byte> pause_frame() const {
    std::vector<unsigned> bytes{0x01, 0x80, 0xC2, 0, 0, 0x01, 2, 0, 0, 0, 0, 9, 0x88, 0x08};
    const auto put16 = [&bytes](unsigned value) { bytes.insert(bytes.end(), {value >> 8, value & 0xFF}); };
    put16(silence_.by_class ? 0x0101 : 0x0001);
    if (silence_.by_class) put16(0x00FF);
    for (unsigned i = 0; i < (silence_.by_class ? 8U : 1U); ++i) put16(silence_.quanta);
    bytes.resize(60);
    std::vector<std::byte> frame(bytes.size());
    std::transform(bytes.begin(), bytes.end(), frame.begin(), [](unsigned b) { return static_cast<std::byte>(b); });
    return frame;
  }

  sim::board::Board& board_;
  Silence silence_;
  sim::app::FeedScenario feed_;
  sim::Picoseconds began_ = 0;
  sim::Picoseconds first_ = 0;
};

}  // namespace tests::journey
