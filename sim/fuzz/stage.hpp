// SPDX-License-Identifier: Apache-2.0
// A NIC between a raw driver and a wire, and everything about it that is written down.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "sim/fuzz/host_bus.hpp"
#include "sim/fuzz/host_memory.hpp"
#include "sim/fuzz/plan.hpp"
#include "sim/fuzz/raw_driver.hpp"
#include "sim/fuzz/recorder.hpp"
#include "sim/fuzz/settings.hpp"
#include "sim/rtl_bridge/nic_engine.hpp"

namespace sim::fuzz {

class Stage final : private wire::FrameSink {
 public:
  Stage(const Machine& machine, const rtl_bridge::EngineFactory& make_nic, const std::string& trace_file);

  void power_on();
  /// Other settings of the control window; 0: those after power-on.
  void set_up(std::uint64_t seed);
  /// Frames for which a buffer waits: what else would happen is a matter of time.
  void wire_frames(const Operation& operation);
  /// Frames, whatever waits for them.
  void wire_storm(const Operation& operation);
  /// Until all is quiet; what has come is compared up to here.
  void sync();
  /// A pause between operations.
  void wait(Picoseconds time);
  /// The receive buffers are gone.
  void forget();
  /// New receive buffers.
  void offered(unsigned count) {
    offered_ += count;
    touched_ = true;
  }
  [[nodiscard]] bool broken() const { return !bus_.violations().empty(); }

  [[nodiscard]] const Machine& machine() const { return machine_; }
  [[nodiscard]] HostBus& bus() { return bus_; }
  [[nodiscard]] RawDriver& driver() { return driver_; }
  [[nodiscard]] Recorder& record() { return record_; }
  [[nodiscard]] rtl_bridge::NicEngine& nic() { return *nic_; }

 private:
  void frame_from_nic(std::vector<std::byte> bytes, Verdict verdict, Picoseconds, Picoseconds) override;
  void send(wire::Frame frame, Picoseconds pause);
  /// How long receive coalescing may hold a segment, in microseconds.
  void hold(std::uint32_t microseconds);
  /// Before anything held grows too old or too large: until all is quiet.
  void limit(const wire::Frame& frame, Picoseconds pause);
  [[nodiscard]] bool expect(const wire::Frame& frame);
  void take_stock();
  [[nodiscard]] bool consume(unsigned pair, std::size_t bytes, bool take);

  Machine machine_;
  Recorder record_;
  HostMemory memory_;
  HostBus bus_;
  RawDriver driver_;
  std::unique_ptr<rtl_bridge::NicEngine> nic_;
  std::vector<std::uint64_t> addresses_;
  Settings settings_;
  /// Receive buffers of a pair.
  struct Stock {
    std::deque<std::uint32_t> totals;  ///< of those that no frame was sent for, at the last look
    std::uint32_t least = 0;           ///< of all that were there then
  };

  unsigned offered_ = 0;  // receive buffers of a lone queue that no frame was sent for
  std::vector<Stock> stock_;
  bool stale_ = true;
  bool touched_ = false;        // something that changes the stock happened since the last look
  Picoseconds since_sync_ = 0;  // what the pauses add up to
  std::size_t bytes_since_sync_ = 0;
};

}  // namespace sim::fuzz
