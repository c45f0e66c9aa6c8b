// SPDX-License-Identifier: Apache-2.0
// A verilated leaf with one clock and one reset, stepped by hand.
#pragma once

#include <verilated.h>

#include <memory>

namespace tests {

/// `Model` has ports clk_i and rst_i. Inputs set between ticks are seen by the next rising edge; outputs
/// are those after the edge (call settle() to see what an input does combinationally).
template <typename Model>
class Clocked {
 public:
  Clocked() : context_(std::make_unique<VerilatedContext>()), model_(std::make_unique<Model>(context_.get())) {
    reset();
  }
  ~Clocked() {
    // A model unregisters itself from the thread's current context: with two models alive that is the other's.
    Verilated::threadContextp(context_.get());
    model_->final();
  }

  Model* operator->() { return model_.get(); }

  void settle() { model_->eval(); }

  void tick() {
    model_->eval();
    model_->clk_i = 1;
    model_->eval();
    model_->clk_i = 0;
    model_->eval();
    ++cycles_;
  }

  void reset() {
    model_->rst_i = 1;
    for (int i = 0; i < 4; ++i) tick();
    model_->rst_i = 0;
    model_->eval();
  }

  [[nodiscard]] long cycles() const { return cycles_; }

 private:
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Model> model_;
  long cycles_ = 0;
};

}  // namespace tests
