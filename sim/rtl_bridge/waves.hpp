// SPDX-License-Identifier: Apache-2.0
// Waves or none: what the edge loop calls after every evaluation.
#pragma once

#include "sim/rtl_bridge/nic_engine.hpp"

namespace sim::rtl_bridge {

/// For the fast model: costs nothing.
struct NoWaves {
  explicit NoWaves(const EngineOptions&) {}
  template <class Context>
  void prepare(Context&) {}
  template <class Model>
  void attach(Model&) {}
  void sample(Picoseconds) {}
  void close() {}
};

/// For a model verilated with TRACE. `Fst` is VerilatedFstC, a parameter so that only the traced model's
/// translation unit needs its header.
template <class Fst>
class FstWaves {
 public:
  explicit FstWaves(const EngineOptions& options)
      : file_(options.trace_file), from_(options.trace_from), to_(options.trace_to) {}
  ~FstWaves() { close(); }
  FstWaves(const FstWaves&) = delete;
  FstWaves& operator=(const FstWaves&) = delete;

  template <class Context>
  void prepare(Context& context) {
    context.traceEverOn(true);
  }
  template <class Model>
  void attach(Model& model) {
    model.trace(&fst_, 99);
  }
  void sample(Picoseconds at) {
    if (at >= to_) return close();
    if (at < from_) return;
    if (!fst_.isOpen()) open();
    fst_.dump(static_cast<std::uint64_t>(at));
  }
  void close() {
    if (fst_.isOpen()) fst_.close();
  }

 private:
  /// A wave file believes the time unit of its thread's default context unless it is told.
  void open() {
    fst_.set_time_unit("1ps");
    fst_.set_time_resolution("1ps");
    fst_.open(file_.c_str());
  }

  std::string file_;
  Picoseconds from_;
  Picoseconds to_;
  Fst fst_;
};

}  // namespace sim::rtl_bridge
