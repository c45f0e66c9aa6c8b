// SPDX-License-Identifier: Apache-2.0
// The NIC in SystemC: one process that lets a NicEngine run ahead while nothing can reach it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <systemc>

#include "sim/rtl_bridge/nic_engine.hpp"

namespace sim::rtl_bridge {

/// Give the engine to the world as its NicPort and FrameSource (engine()), and connect() it before
/// sc_start. Whatever the world does with time stamp `at` must have at >= now + engine().lookahead().
class RtlNic : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(RtlNic);
  /// `max_batch`: core cycles evaluated in one go at most; 0: no limit. Changes nothing but speed.
  RtlNic(sc_core::sc_module_name name, std::unique_ptr<NicEngine> engine, std::uint64_t max_batch = 0);

  [[nodiscard]] NicEngine& engine() { return *engine_; }
  void connect(pcie::HostPort& host, wire::FrameSink& wire) { engine_->connect({&host, &wire}); }

  /// No edge at or after `end` is ever evaluated: makes cycle counts independent of the run-ahead.
  void stop_at(Picoseconds end) { end_ = end; }
  /// After sc_start has returned: evaluates what is missing up to the end (or `until`, if earlier).
  void catch_up(Picoseconds until);
  [[nodiscard]] std::uint64_t wakeups() const { return wakeups_; }

 private:
  void run();
  [[nodiscard]] Picoseconds horizon(Picoseconds now) const;

  std::unique_ptr<NicEngine> engine_;
  std::uint64_t max_batch_;
  Picoseconds end_ = INT64_MAX;
  std::uint64_t wakeups_ = 0;
};

}  // namespace sim::rtl_bridge
