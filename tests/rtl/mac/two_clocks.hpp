// SPDX-License-Identifier: Apache-2.0
// A verilated path with a MAC and a core clock of any ratio and phase, stepped edge by edge.
#pragma once

#include <verilated.h>

#include <cstdint>
#include <memory>

namespace tests {

/// Periods in picoseconds; equal periods and no phase tie the clocks: their edges are one event.
struct Clocks {
  std::int64_t mac = 6400;
  std::int64_t core = 4000;
  std::int64_t core_phase = 0;
};

inline constexpr Clocks kClockCases[] = {{6400, 4000, 0},  {6400, 4000, 1300}, {6400, 6400, 0},  {6400, 6400, 3200},
                                         {6400, 3333, 77}, {6400, 6399, 0},    {6400, 2000, 500}};

template <typename Model>
class TwoClocks {
 public:
  explicit TwoClocks(Clocks clocks)
      : clocks_(clocks),
        context_(std::make_unique<VerilatedContext>()),
        model_(std::make_unique<Model>(context_.get())),
        core_at_(clocks.core_phase) {
    model_->mac_rst_i = 1;
    model_->core_rst_i = 1;
    for (int i = 0; i < 20; ++i) step([] {}, [] {});
    model_->mac_rst_i = 0;
    model_->core_rst_i = 0;
  }
  ~TwoClocks() { model_->final(); }

  Model* operator->() { return model_.get(); }

  void settle() { model_->eval(); }

  /// One edge, or two at once. Just before its edge each domain's function sets the inputs which that edge
  /// shall see, calls settle() and reads the outputs.
  template <typename Mac, typename Core>
  void step(Mac&& mac, Core&& core) {
    const bool mac_edge = mac_at_ <= core_at_;
    const bool core_edge = core_at_ <= mac_at_;
    if (mac_edge) mac();
    if (core_edge) core();
    model_->eval();
    if (mac_edge) model_->mac_clk_i = 1;
    if (core_edge) model_->core_clk_i = 1;
    model_->eval();
    if (mac_edge) model_->mac_clk_i = 0;
    if (core_edge) model_->core_clk_i = 0;
    model_->eval();
    if (mac_edge) mac_at_ += clocks_.mac, ++mac_edges_;
    if (core_edge) core_at_ += clocks_.core;
  }

  [[nodiscard]] std::int64_t mac_edges() const { return mac_edges_; }

 private:
  Clocks clocks_;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Model> model_;
  std::int64_t mac_at_ = 0;
  std::int64_t core_at_ = 0;
  std::int64_t mac_edges_ = 0;
};

}  // namespace tests
