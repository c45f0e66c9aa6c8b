// SPDX-License-Identifier: Apache-2.0
// The whole MAC with its three clocks, its control bus, a line to each side and frames to each side.
#pragma once

#include <verilated.h>

#include <deque>
#include <functional>
#include <memory>

#include "rtl/contract/mac_contract.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/mac/wire_kind.hpp"
#include MODEL_HEADER

namespace tests {

class MacBench {
 public:
  explicit MacBench(std::int64_t rx_period = 6400, std::int64_t tx_period = 6400, std::uint16_t mtu = contract::NIC_MTU)
      : context_(std::make_unique<VerilatedContext>()),
        model_(std::make_unique<MODEL>(context_.get())),
        periods_{4000, rx_period, tx_period} {
    model_->strap_mac_i = 0x060504030202;
    model_->strap_mtu_i = mtu;
    model_->link_up_i = 1;
    reset();
    run(300'000);
    reader = {};
  }
  ~MacBench() {
    Verilated::threadContextp(context_.get());
    model_->final();
  }
  MODEL* operator->() { return model_.get(); }

  void run(std::int64_t picoseconds) {
    const std::int64_t end = now_ + picoseconds;
    while (next() < end) step();
    now_ = end;
  }
  void reset() {
    model_->core_rst_i = model_->mac_rx_rst_i = model_->mac_tx_rst_i = 1;
    run(200'000);
    model_->core_rst_i = model_->mac_rx_rst_i = model_->mac_tx_rst_i = 0;
    run(200'000);
  }
  void write(unsigned reg, std::uint32_t value) { access(false, reg, value, true); }
  std::uint32_t read(unsigned reg) { return access(false, reg, 0, false); }
  std::uint64_t stat(unsigned index) {
    const std::uint64_t low = access(true, 8 * index, 0, false);
    return low | static_cast<std::uint64_t>(access(true, 8 * index + 4, 0, false)) << 32;
  }
  std::uint64_t tx_stat(unsigned index) { return stat(contract::MACSTAT_TX_FIRST + index); }
  void send(const Bytes& frame) {
    for (const CoreBeat& beat : core_beats(frame)) beats_.push_back(beat);
  }
  /// The second half comes too late.
  void starve(const Bytes& frame) {
    const std::vector<CoreBeat> all = core_beats(frame);
    const auto half = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    beats_.insert(beats_.end(), all.begin(), half);
    run(10 * 1'000'000);
    beats_.insert(beats_.end(), half, all.end());
  }
  /// What the wire brings from now on, behind what it already will.
  void bring(const XgmiiWriter& line) {
    for (const LineWord& word : line_words(line)) line_.push_back(word);
  }
  void bring(const std::vector<LineWord>& words) { line_.insert(line_.end(), words.begin(), words.end()); }
  [[nodiscard]] bool all_brought() const { return line_.empty(); }
  [[nodiscard]] bool all_sent() const { return beats_.empty(); }

  XgmiiReader reader;  // of the transmitted line, unless `raw` listens
  std::function<void(const XgmiiWord&)> raw;
  Collector received;
  std::size_t sent = 0, underrun = 0, fault_drops = 0, lost = 0, control = 0;

 private:
  [[nodiscard]] std::int64_t next() const { return std::min({at_[0], at_[1], at_[2]}); }
  /// The next edge, or several at once.
  unsigned step() {
    const std::int64_t now = next();
    unsigned edges = 0;
    for (unsigned k = 0; k < 3; ++k) edges |= at_[k] == now ? 1U << k : 0U;
    before(edges);
    clocks(edges);
    model_->eval();
    clocks(0);
    model_->eval();
    for (unsigned k = 0; k < 3; ++k) at_[k] += (edges >> k & 1U) != 0 ? periods_[k] : 0;
    now_ = std::max(now_, now);
    return edges;
  }
  void core_cycle() {
    while ((step() & 1U) == 0) {
    }
  }
  void clocks(unsigned edges) {
    model_->core_clk_i = edges & 1U;
    model_->mac_rx_clk_i = edges >> 1 & 1U;
    model_->mac_tx_clk_i = edges >> 2 & 1U;
  }
  /// Sets the inputs that these edges shall see and reads what they take.
  void before(unsigned edges) {
    if ((edges & 2U) != 0) {
      const LineWord word = line_.empty() ? LineWord{} : line_.front();
      if (!line_.empty()) line_.pop_front();
#ifdef MAC_GMII
      model_->gmii_rx_i = word;
#else
      put_xgmii(model_->xgmii_rx_i, word);
#endif
    }
    if ((edges & 1U) != 0) {
      model_->tx_valid_i = !beats_.empty();
      if (!beats_.empty()) put_core(model_->tx_i, beats_.front());
      model_->rx_ready_i = 1;
    }
    model_->eval();
    if ((edges & 1U) != 0 && model_->core_rst_i == 0) core_edge();
    if ((edges & 4U) != 0 && model_->mac_tx_rst_i == 0) {
#ifdef MAC_GMII
      reader.gmii(model_->gmii_tx_o);
#else
      if (raw)
        raw(take_xgmii(model_->xgmii_tx_o));
      else
        reader.word(take_xgmii(model_->xgmii_tx_o));
#endif
    }
  }
  void core_edge() {
    if (!beats_.empty() && model_->tx_ready_o != 0) beats_.pop_front();
    if (model_->rx_valid_o != 0) collect_core(received, model_->rx_o);
    sent += model_->tx_sent_o;
    underrun += model_->tx_underrun_o;
    fault_drops += model_->tx_fault_o;
    lost += model_->rx_lost_o;
    control += model_->rx_control_o;
    if (model_->ctl_rsp_valid_o != 0) answers_.push_back(model_->ctl_rsp_rdata_o);
    if (model_->stats_rsp_valid_o != 0) answers_.push_back(model_->stats_rsp_rdata_o);
  }
  std::uint32_t access(bool stats, unsigned address, std::uint32_t value, bool write) {
    const std::uint64_t request = std::uint64_t{write} << 44 | std::uint64_t{address} << 32 | value;
    (stats ? model_->stats_i : model_->ctl_i) = request;
    (stats ? model_->stats_valid_i : model_->ctl_valid_i) = 1;
    core_cycle();
    model_->stats_valid_i = model_->ctl_valid_i = 0;
    for (int i = 0; i < 256 && answers_.empty(); ++i) core_cycle();
    if (answers_.size() != 1) throw std::runtime_error("not exactly one answer within 256 cycles");
    const std::uint32_t answer = answers_.front();
    answers_.clear();
    return answer;
  }

  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<MODEL> model_;
  std::int64_t periods_[3];
  std::int64_t at_[3] = {0, 100, 200};
  std::int64_t now_ = 0;
  std::deque<CoreBeat> beats_;
  std::deque<LineWord> line_;
  std::vector<std::uint32_t> answers_;
};

inline constexpr std::int64_t kUs = 1'000'000;
inline constexpr std::int64_t kFrameTime = 100'000 * (kGmii ? 8 : 1);  // 64 bytes and what is around them, ample
inline constexpr std::int64_t kQuantumTime = 6400 * (kGmii ? 64 : 8);  // 512 bit times

inline XgmiiWriter line_of(const std::vector<Bytes>& frames) {
  XgmiiWriter line;
  line.idle(16);
  for (const Bytes& frame : frames) {
    line.frame(with_fcs(frame));
    line.standard_gap();
  }
  line.idle(16);
  return line;
}

/// The other side has said something, and it has arrived.
inline void hear(MacBench& mac, const std::vector<Bytes>& frames) {
  mac.bring(line_of(frames));
  while (!mac.all_brought()) mac.run(kUs / 10);
  mac.run(kFrameTime);
}

}  // namespace tests
