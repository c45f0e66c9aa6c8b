// SPDX-License-Identifier: Apache-2.0
// The application that makes frames as fast as they can be sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "host/device/net_core.hpp"
#include "host/kernel/process.hpp"

namespace sim::app {

/// A process on one CPU that sends as fast as that CPU's queue of the device takes it, or at an interval.
class FrameGenerator {
 public:
  /// The next frame, without FCS.
  using Source = std::function<std::vector<std::byte>()>;
  struct Options {
    unsigned cpu = 0;
    host::platform::Nanoseconds interval = 0;  ///< from frame to frame; 0: as fast as it goes
  };

  FrameGenerator(host::device::NetCore& core, host::device::NetDevice& device, Source source)
      : FrameGenerator(core, device, std::move(source), Options{}) {}
  FrameGenerator(host::device::NetCore& core, host::device::NetDevice& device, Source source, Options options)
      : core_(core), device_(device), source_(std::move(source)), options_(options) {}

  /// Sends until stop(); from any process of the simulation.
  void start();
  void stop() { running_ = false; }

 private:
  [[nodiscard]] host::kernel::Task<void> send(host::kernel::Process& self);
  /// False when there was no memory for a frame.
  [[nodiscard]] bool send_one(host::kernel::Cpu& cpu);
  [[nodiscard]] bool backlogged();

  host::device::NetCore& core_;
  host::device::NetDevice& device_;
  Source source_;
  Options options_;
  bool running_ = false;
};

}  // namespace sim::app
