// SPDX-License-Identifier: Apache-2.0
// The NicEngine over any verilated model of nic_sim_top: evaluate, look at the outputs, set the inputs.
//
// Inputs change just before an edge of their clock and are sampled by it; they hang on registers only
// (nic_sim_top). What stays quiet is not touched: an idle edge costs a handful of compares.
#pragma once

#include <verilated.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "sim/pcie/seeded_random.hpp"
#include "sim/rtl_bridge/clock_schedule.hpp"
#include "sim/rtl_bridge/deferred_inputs.hpp"
#include "sim/rtl_bridge/failure_text.hpp"
#include "sim/rtl_bridge/nic_engine.hpp"
#include "sim/rtl_bridge/pins.hpp"
#include "sim/rtl_bridge/tlp_pins.hpp"
#include "sim/rtl_bridge/waves.hpp"

namespace sim::rtl_bridge {

template <class Model, class Waves = NoWaves>
class EdgeLoop final : public NicEngine, private wire::FrameSink {
 public:
  explicit EdgeLoop(const EngineOptions& options)
      : options_(options),
        schedule_(make_schedule(options.clocks)),
        core_period_(options.clocks.core_period),
        random_(options.seed),
        encoder_(options.encoder),
        decoder_(*this, options.encoder.byte_time),
        waves_(options) {
    waves_.prepare(context_);
    context_.fatalOnError(false);
    model_ = std::make_unique<Model>(&context_, "nic");
    waves_.attach(*model_);
    set_initial_pins(*model_, options_);
    model_->eval();
  }
  ~EdgeLoop() override {
    Verilated::threadContextp(&context_);  // the model's destructor asks the thread for it
    waves_.close();
    model_->final();
    model_.reset();
  }
  EdgeLoop(const EdgeLoop&) = delete;
  EdgeLoop& operator=(const EdgeLoop&) = delete;

  Picoseconds run(Picoseconds horizon, std::uint64_t max_core_cycles) override {
    Verilated::threadContextp(&context_);  // whose $stop is it
    horizon_ = horizon;
    const std::uint64_t last = core_cycles_ + max_core_cycles;
    while (failure_.empty() && core_cycles_ < last) {
      const Picoseconds now = present();
      if (now >= horizon_) break;
      step(now);
    }
    return present();
  }

  void connect(World world) override { world_ = world; }

  void link_up(bool up, Picoseconds at) override { defer({at, true, up, {}}); }

  void to_nic(pcie::Tlp tlp, Picoseconds at) override {
    if (late(at, "TLP")) return;
    incoming_.emplace_back(std::move(tlp), at);
    core_attention_ = std::min(core_attention_, at);
  }

  void host_credits(const pcie::Credits& total, Picoseconds at) override {
    if (late(at, "credit update")) return;
    defer({at, false, false, total});
  }

  void frame_to_nic(wire::Frame frame, Picoseconds earliest) override {
    if (late(earliest, "frame")) return;
    encoder_.push(std::move(frame), earliest);
    rx_attention_ = std::min(rx_attention_, earliest);
  }

  [[nodiscard]] Picoseconds lookahead() const override { return options_.lookahead; }
  [[nodiscard]] Picoseconds present() const override { return base_ + schedule_.steps[index_].offset; }
  [[nodiscard]] std::uint64_t core_cycles() const override { return core_cycles_; }
  [[nodiscard]] std::uint64_t evals() const override { return evals_; }
  [[nodiscard]] const std::string& failure() const override { return failure_; }
  [[nodiscard]] wire::XgmiiEncoder& encoder() override { return encoder_; }
  [[nodiscard]] const wire::XgmiiDecoder& decoder() const override { return decoder_; }

 private:
  static constexpr Picoseconds kNever = DeferredInputs::kNever;

  void step(Picoseconds now) {
    const std::uint8_t rises = schedule_.steps[index_].rises;
    if ((rises & kCoreRises) != 0 && now >= core_attention_) drive_core(now);
    if ((rises & kMacRxRises) != 0) drive_wire(now);
    last_edge_ = now;
    set_clocks(*model_, rises);
    context_.time(static_cast<std::uint64_t>(now));
    model_->eval();
    ++evals_;
    waves_.sample(now);
    if (context_.gotError()) [[unlikely]]
      fail(assertion_text(now, core_cycles_));
    if (in_reset_ != 0) [[unlikely]]
      leave_reset(rises, now);
    if ((rises & kCoreRises) != 0) core_edge(now);
    if ((rises & kMacRxRises) != 0 && model_->mac_rx_events_o) tell(Domain::mac_rx, model_->mac_rx_events_o, now);
    if ((rises & kMacTxRises) != 0) mac_tx_edge(now);
    if (++index_ == schedule_.steps.size()) {
      index_ = 0;
      base_ += schedule_.period;
    }
  }

  // ------------------------------------------------------------------------------ core clock

  void core_edge(Picoseconds now) {
    ++core_cycles_;
    if (options_.output_stall_percent != 0) [[unlikely]]
      choose_ready();
    if (model_->tlp_out_valid_o && out_ready_) take_beat(now);
    if (model_->credit_return_o) take_credits(model_->credit_return_o, now);
    if (model_->core_events_o) tell(Domain::core, model_->core_events_o, now);
  }

  void choose_ready() {
    out_ready_ = random_.below(100) >= options_.output_stall_percent;
    set(Pin::tlp_out_ready, out_ready_ ? 1 : 0);
  }

  /// The beat that stands on the pins now is transferred by the next edge.
  void take_beat(Picoseconds now) {
    if (!sink_.beat(model_->tlp_out_flags_o, model_->tlp_out_hdr_hi_o, model_->tlp_out_hdr_lo_o,
                    words_of(model_->tlp_out_data_o))) {
      return fail(framing_text(now));
    }
    if (!sink_.whole()) return;
    const Picoseconds at = now + core_period_;
    emitted(at);
    world_.host->from_nic(sink_.take(), at);
  }

  void take_credits(std::uint32_t bits, Picoseconds now) {  // tlp_pkg::credit_return_t
    credits_.posted_headers += (bits >> 11) & 1;
    credits_.nonposted_headers += (bits >> 10) & 1;
    credits_.posted_data += (bits >> 1) & 0x1FF;
    credits_.nonposted_data += bits & 1;
    emitted(now);
    world_.host->nic_credits(credits_, now);
  }

  void drive_core(Picoseconds now) {
    deferred_.take_due(now, [this](const DeferredInput& input) { apply(input); });
    drive_tlp(now);
    core_attention_ = driving_ ? 0 : deferred_.next();
    if (!incoming_.empty()) core_attention_ = std::min(core_attention_, incoming_.front().second);
  }

  void drive_tlp(Picoseconds now) {
    if (driving_ && in_ready_) {  // the edge before this one took the beat
      source_.advance();
      driving_ = !source_.done();
      if (driving_) drive_beat();
    }
    if (!driving_) {
      driving_ = !incoming_.empty() && incoming_.front().second <= now && in_reset_ == 0;
      if (driving_) {
        source_.start(std::move(incoming_.front().first));
        incoming_.pop_front();
        drive_beat();
      }
      if (driving_ != valid_) {
        valid_ = driving_;
        set(Pin::tlp_valid, valid_ ? 1 : 0);
      }
    }
    in_ready_ = model_->tlp_in_ready_o;  // a register: what the edge will find
  }

  void drive_beat() {
    if (source_.first()) set(Pin::tlp_header, source_.header_low(), source_.header_high());
    set(Pin::tlp_flags, source_.flags());
    const BeatData data = source_.data();
    set(Pin::tlp_data, data[0], data[1]);
  }

  void apply(const DeferredInput& change) {
    if (change.is_link) return set(Pin::link_up, change.up ? 1 : 0);
    set(Pin::credits, ((change.credits.posted_headers & 0xFF) << 20) | ((change.credits.posted_data & 0xFFF) << 8) |
                          (change.credits.nonposted_headers & 0xFF));
  }

  void defer(const DeferredInput& change) {
    deferred_.add(change);
    core_attention_ = std::min(core_attention_, change.at);
  }

  // ------------------------------------------------------------------------------ MAC clocks

  void drive_wire(Picoseconds now) {
    if (now < rx_attention_) return encoder_.skip(1);
    const wire::Word word = encoder_.next(now);
    if (word != rx_word_) {
      if (word.data != rx_word_.data) set(Pin::xgmii_data, word.data);
      if (word.ctrl != rx_word_.ctrl) set(Pin::xgmii_ctrl, word.ctrl);
      rx_word_ = word;
    }
    rx_attention_ = word == wire::kIdleWord ? encoder_.idle_until() : 0;
  }

  void mac_tx_edge(Picoseconds now) {
    if (model_->mac_tx_events_o) tell(Domain::mac_tx, model_->mac_tx_events_o, now);
    if (in_reset_ == 0) decoder_.word(model_->xgmii_tx_data_o, model_->xgmii_tx_ctrl_o, now);
  }

  void frame_from_nic(std::vector<std::byte> bytes, Verdict verdict, Picoseconds start, Picoseconds end) override {
    emitted(end);
    world_.wire->frame_from_nic(std::move(bytes), verdict, start, end);
  }

  // ------------------------------------------------------------------------------ all clocks

  void leave_reset(std::uint8_t rises, Picoseconds now) {
    const auto leaving = static_cast<std::uint8_t>(in_reset_ & rises);
    if (now < options_.reset_time || leaving == 0) return;
    if ((leaving & kCoreRises) != 0) set(Pin::core_reset, 0);
    if ((leaving & kMacRxRises) != 0) set(Pin::mac_rx_reset, 0);
    if ((leaving & kMacTxRises) != 0) set(Pin::mac_tx_reset, 0);
    in_reset_ = static_cast<std::uint8_t>(in_reset_ & ~leaving);
  }

  /// What leaves at `at` can come back after two look-aheads.
  void emitted(Picoseconds at) { horizon_ = std::min(horizon_, at + 2 * options_.lookahead); }

  void tell(Domain domain, std::uint32_t bits, Picoseconds now) {
    if (options_.observer != nullptr) options_.observer->events(domain, bits, now);
  }

  void set(Pin pin, std::uint64_t low, std::uint64_t high = 0) {
    set_pin(*model_, pin, low, high);
    if (options_.record != nullptr) [[unlikely]]
      options_.record->record(evals_, pin, low, high);
  }

  [[nodiscard]] bool late(Picoseconds at, const char* what) {
    if (at > last_edge_) return false;
    fail(lookahead_text(what, at, last_edge_));
    return true;
  }

  void fail(std::string text) {
    if (failure_.empty()) failure_ = std::move(text);
  }

  EngineOptions options_;
  ClockSchedule schedule_;
  std::size_t index_ = 0;
  Picoseconds base_ = 0;
  Picoseconds core_period_;
  Picoseconds horizon_ = 0;
  Picoseconds last_edge_ = -1;
  std::uint64_t core_cycles_ = 0;
  std::uint64_t evals_ = 0;
  std::uint8_t in_reset_ = kCoreRises | kMacRxRises | kMacTxRises;
  std::string failure_;
  World world_;

  std::deque<std::pair<pcie::Tlp, Picoseconds>> incoming_;
  DeferredInputs deferred_;
  Picoseconds core_attention_ = kNever;  // nothing to drive before this time
  BeatSource<kBeatBytes<Model>> source_;
  bool driving_ = false;
  bool valid_ = false;
  bool in_ready_ = false;

  BeatSink<kBeatBytes<Model>> sink_;
  bool out_ready_ = true;
  pcie::SeededRandom random_;
  pcie::Credits credits_;

  wire::XgmiiEncoder encoder_;
  wire::XgmiiDecoder decoder_;
  wire::Word rx_word_ = wire::kIdleWord;
  Picoseconds rx_attention_ = kNever;

  VerilatedContext context_;
  std::unique_ptr<Model> model_;
  Waves waves_;
};

}  // namespace sim::rtl_bridge
