// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/model_engine.hpp"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "sim/nic_model/mac_receiver.hpp"
#include "sim/nic_model/nic.hpp"
#include "sim/nic_model/wire_clock.hpp"
#include "sim/rtl_bridge/failure_text.hpp"

namespace sim::nic_model {
namespace {

using rtl_bridge::EngineOptions;

class ModelEngine final : public rtl_bridge::NicEngine, private pcie::HostPort, private wire::FrameSink {
 public:
  ModelEngine(const EngineOptions& options, const ModelConfig& config)
      : options_(options),
        nic_(config),
        encoder_(options.encoder),
        receiver_(config.max_frame, options.encoder.byte_time,
                  [this](std::vector<std::byte> bytes, std::uint32_t verdict, Picoseconds) {
                    nic_.frame_received(std::move(bytes), verdict);
                  }),
        decoder_(*this, options.encoder.byte_time),
        receive_(options.clocks.mac_period, options.clocks.mac_rx_phase),
        transmit_(options.clocks.mac_period, options.clocks.mac_tx_phase) {
    nic_.connect(*this, [this](std::vector<std::byte> frame) {
      lengths_.push_back(frame.size());
      line_.push({std::move(frame), wire::Fault::none}, nic_.timeline().now());
    });
  }

  Picoseconds run(Picoseconds horizon, std::uint64_t) override {
    horizon_ = horizon;
    for (Picoseconds at = next(); at < horizon_; at = next()) step(at);
    present_ = std::max(present_, horizon_);
    return present_;
  }

  void connect(rtl_bridge::World world) override { world_ = world; }
  void link_up(bool up, Picoseconds at) override {
    if (!late(at, "link state")) links_.emplace_back(at, up);
  }
  void to_nic(pcie::Tlp tlp, Picoseconds at) override {
    if (late(at, "TLP")) return;
    incoming_.emplace_back(incoming_.empty() ? at : std::max(at, incoming_.back().first), std::move(tlp));
  }
  void host_credits(const pcie::Credits& total, Picoseconds at) override {
    if (!late(at, "credit update")) credits_.emplace_back(at, total);
  }
  void frame_to_nic(wire::Frame frame, Picoseconds earliest) override {
    if (!late(earliest, "frame")) encoder_.push(std::move(frame), earliest);
  }

  [[nodiscard]] Picoseconds lookahead() const override { return options_.lookahead; }
  [[nodiscard]] Picoseconds present() const override { return present_; }
  [[nodiscard]] std::uint64_t core_cycles() const override {
    return static_cast<std::uint64_t>(present_ / options_.clocks.core_period);
  }
  [[nodiscard]] std::uint64_t evals() const override { return steps_; }
  [[nodiscard]] const std::string& failure() const override { return failure_; }
  [[nodiscard]] wire::XgmiiEncoder& encoder() override { return encoder_; }
  [[nodiscard]] const wire::XgmiiDecoder& decoder() const override { return decoder_; }

 private:
  static constexpr Picoseconds kNever = INT64_MAX;

  template <class Queue>
  [[nodiscard]] static Picoseconds first(const Queue& queue) {
    return queue.empty() ? kNever : queue.front().first;
  }
  [[nodiscard]] Picoseconds next() const {
    return std::min({first(incoming_), first(credits_), first(links_), nic_.timeline().next(), receive_.next(encoder_),
                     transmit_.next(line_)});
  }

  /// Everything that is due at `at`; what the world sent comes first.
  void step(Picoseconds at) {
    ++steps_;
    Timeline& timeline = nic_.timeline();
    timeline.set(at);
    while (first(links_) <= at) {
      nic_.link(links_.front().second);
      links_.pop_front();
    }
    while (first(credits_) <= at) {
      nic_.host_credits(credits_.front().second);
      credits_.pop_front();
    }
    while (first(incoming_) <= at) {
      const pcie::Tlp tlp = std::move(incoming_.front().second);
      incoming_.pop_front();
      nic_.tlp(tlp);
    }
    if (receive_.next(encoder_) <= at) receiver_.word(receive_.word(encoder_), at);
    timeline.turn_to(at);
    if (transmit_.next(line_) <= at) {
      const wire::Word word = transmit_.word(line_);
      decoder_.word(word.data, word.ctrl, at);
    }
  }

  // What leaves; the world can answer it after two look-aheads.
  void emitted(Picoseconds at) { horizon_ = std::min(horizon_, at + 2 * options_.lookahead); }
  void from_nic(pcie::Tlp tlp, Picoseconds at) override {
    emitted(at);
    world_.host->from_nic(std::move(tlp), at);
  }
  void nic_credits(const pcie::Credits& total, Picoseconds at) override {
    emitted(at);
    world_.host->nic_credits(total, at);
  }
  void frame_from_nic(std::vector<std::byte> bytes, Verdict verdict, Picoseconds start, Picoseconds end) override {
    emitted(end);
    nic_.frame_sent(lengths_.front());
    lengths_.pop_front();
    world_.wire->frame_from_nic(std::move(bytes), verdict, start, end);
  }

  [[nodiscard]] bool late(Picoseconds at, const char* what) {
    if (at >= present_) return false;
    if (failure_.empty()) failure_ = rtl_bridge::lookahead_text(what, at, present_);
    return true;
  }

  EngineOptions options_;
  Nic nic_;
  rtl_bridge::World world_;
  std::deque<std::pair<Picoseconds, pcie::Tlp>> incoming_;
  std::deque<std::pair<Picoseconds, pcie::Credits>> credits_;
  std::deque<std::pair<Picoseconds, bool>> links_;
  wire::XgmiiEncoder encoder_;  // what the wire sends to the NIC
  MacReceiver receiver_;
  wire::XgmiiEncoder line_;          // the transmitting MAC
  std::deque<std::size_t> lengths_;  // of the frames that it was given, before padding
  wire::XgmiiDecoder decoder_;
  WireClock receive_;
  WireClock transmit_;
  Picoseconds horizon_ = 0;
  Picoseconds present_ = 0;
  std::uint64_t steps_ = 0;
  std::string failure_;
};

}  // namespace

std::unique_ptr<rtl_bridge::NicEngine> make_model_engine(const EngineOptions& options, ModelConfig config) {
  config.mac_address = options.mac_address;
  config.max_frame = options.mtu + 18U;  // Ethernet header, VLAN tag
  config.completion_timeout = static_cast<Picoseconds>(options.completion_timeout) * options.clocks.core_period;
  return std::make_unique<ModelEngine>(options, config);
}

}  // namespace sim::nic_model
