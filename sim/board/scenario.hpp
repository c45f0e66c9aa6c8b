// SPDX-License-Identifier: Apache-2.0
// What happens on a board during a run: who stands at the other end of the cable, and what the host does.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "host/apps/host.hpp"
#include "host/device/net_device.hpp"
#include "sim/board/report.hpp"

namespace sim::board {

class Scenario {
 public:
  virtual ~Scenario() = default;
  /// In the host, its interface is up: starts the application. Returns a problem in one line, or nothing.
  [[nodiscard]] virtual std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) = 0;
  /// Traffic may begin.
  virtual void begin() = 0;
  /// Nothing more will happen by itself.
  [[nodiscard]] virtual bool finished() const = 0;
  /// No new traffic from now on; what is under way may arrive.
  virtual void stop() = 0;
  /// Adds what it counted and what it found wrong.
  virtual void report(Report& report) const = 0;
};

struct Progress {
  Picoseconds simulated = 0;
  std::uint64_t core_cycles = 0;
  double wall_seconds = 0;
};

struct RunOptions {
  Picoseconds limit = 0;  ///< of simulated time from the beginning of traffic; 0: none
  const std::atomic<bool>* interrupted = nullptr;
  std::function<void(const Progress&)> progress;  ///< called now and then
};

}  // namespace sim::board
