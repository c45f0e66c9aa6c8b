// SPDX-License-Identifier: Apache-2.0
// A verilated leaf with two clocks, stepped edge by edge in picoseconds of its own.
#pragma once

#include <verilated.h>

#include <cstdint>
#include <memory>

namespace tests {

/// Periods and the phase of clock b, in picoseconds; equal periods and phase 0 tie the clocks together.
struct ClockPair {
  std::uint64_t period_a;
  std::uint64_t period_b;
  std::uint64_t phase_b;
};

/// Which clock rose in this step: both when their edges fall together.
struct Edges {
  bool a;
  bool b;
};

/// `set(model, a, b)` writes the clock pins. Inputs changed between steps are seen by the next edge.
template <typename Model, typename SetClocks>
class TwoClocks {
 public:
  TwoClocks(ClockPair clocks, SetClocks set)
      : clocks_(clocks),
        next_b_(clocks.phase_b),
        set_(set),
        context_(std::make_unique<VerilatedContext>()),
        model_(std::make_unique<Model>(context_.get())) {}
  ~TwoClocks() { model_->final(); }

  Model* operator->() { return model_.get(); }

  void settle() { model_->eval(); }

  /// The edges that the next step() will make.
  [[nodiscard]] Edges next() const { return {next_a_ <= next_b_, next_b_ <= next_a_}; }

  /// Rises whichever clock is next (or both) and lets it fall again.
  Edges step() {
    const Edges edges = next();
    model_->eval();
    set_(*model_, edges.a, edges.b);
    model_->eval();
    set_(*model_, false, false);
    model_->eval();
    if (edges.a) next_a_ += clocks_.period_a;
    if (edges.b) next_b_ += clocks_.period_b;
    return edges;
  }

 private:
  ClockPair clocks_;
  std::uint64_t next_a_ = 0;
  std::uint64_t next_b_;
  SetClocks set_;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Model> model_;
};

/// Tied, near, far, both ways round, and the pairs of the NIC (156.25 MHz MAC, 250 MHz core).
inline constexpr ClockPair kClockPairs[] = {
    {4000, 4000, 0},    {4000, 4000, 1},    {4000, 4000, 2000}, {4000, 4001, 0},     {4001, 4000, 17},
    {6400, 4000, 0},    {4000, 6400, 1300}, {6400, 6401, 3200}, {8000, 4000, 0},     {4000, 8000, 0},
    {10000, 3000, 999}, {3000, 10000, 1},   {40000, 3000, 5},   {3000, 40000, 2999}, {6400, 3999, 77},
};

}  // namespace tests
