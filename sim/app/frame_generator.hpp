// SPDX-License-Identifier: Apache-2.0
// The application that makes frames as fast as they can be sent.
#pragma once

#include <cstdint>

#include "host/device/net_core.hpp"
#include "host/kernel/process.hpp"

namespace sim::app {

/// Makes frames as fast as the device takes them.
class FrameGenerator {
 public:
  FrameGenerator(host::device::NetCore& core, host::device::NetDevice& device, std::uint32_t length)
      : core_(core), device_(device), length_(length) {}

  /// A process on CPU 0 sends until stop(); from any process of the simulation.
  void start();
  void stop() { running_ = false; }

 private:
  [[nodiscard]] host::kernel::Task<void> send(host::kernel::Process& self);
  /// False when there was no memory for a frame.
  [[nodiscard]] bool send_one(host::kernel::Cpu& cpu);

  host::device::NetCore& core_;
  host::device::NetDevice& device_;
  std::uint32_t length_;
  bool running_ = false;
};

}  // namespace sim::app
