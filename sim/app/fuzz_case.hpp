// SPDX-License-Identifier: Apache-2.0
// One fuzz case in a process of its own: what crashes or hangs there is a result like any other.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sim/fuzz/plan.hpp"

namespace sim::app {

struct FuzzResult {
  std::string complaint;  ///< empty: nothing to complain about
  std::uint64_t cycles = 0;
  std::uint64_t writes = 0;  ///< into memory, all of them granted
};

/// The plan on the RTL and on the model, compared; `trace_file`: waves of the RTL.
[[nodiscard]] FuzzResult run_fuzz_case(const fuzz::Plan& plan, const std::string& trace_file);

/// A child that runs a plan. Its result comes through a pipe.
class FuzzChild {
 public:
  FuzzChild(std::uint64_t seed, fuzz::Plan plan, const std::string& trace_file = {});
  ~FuzzChild();
  FuzzChild(const FuzzChild&) = delete;
  FuzzChild& operator=(const FuzzChild&) = delete;

  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] const fuzz::Plan& plan() const { return plan_; }
  [[nodiscard]] int descriptor() const { return pipe_; }
  /// Takes what has come; true when the child is at its end. After so long it is ended.
  [[nodiscard]] bool poll(double seconds_at_most);
  /// At its end.
  [[nodiscard]] FuzzResult result() const;

 private:
  std::uint64_t seed_;
  fuzz::Plan plan_;
  pid_t process_ = -1;
  int pipe_ = -1;
  double begin_ = 0;
  std::string text_;
  std::string fate_;  // how it ended, if not by itself
};

/// Waits for it; what `cosnic fuzz` says of one plan.
[[nodiscard]] FuzzResult run_in_child(std::uint64_t seed, const fuzz::Plan& plan, const std::string& trace_file = {});

}  // namespace sim::app
