// SPDX-License-Identifier: Apache-2.0
// Time and CPUs: the only clock the host stack knows.
#pragma once

#include <cstdint>
#include <optional>

namespace host::platform {

/// Nanoseconds since the world began. Fractions below a nanosecond do not matter to the host.
using Nanoseconds = std::int64_t;

/// Each simulated CPU runs host code on its own thread of control, one at a time in the whole world, so
/// host code needs no locks; other CPUs and the device run only inside charge(), idle() and the
/// blocking calls of PciDevice.
class CpuPlatform {
 public:
  virtual ~CpuPlatform() = default;

  [[nodiscard]] virtual unsigned cpu_count() const = 0;
  [[nodiscard]] virtual Nanoseconds now() const = 0;
  /// The calling CPU works for `cost`. Returns early, with what is left, when an interrupt (not an IPI of
  /// IrqController::send_ipi) becomes pending on it and `interruptible`; 0 when all was worked. Natively, with costs
  /// off, returns 0 at once.
  [[nodiscard]] virtual Nanoseconds charge(unsigned cpu, Nanoseconds cost, bool interruptible) = 0;
  /// The calling CPU halts until an interrupt or IPI is pending on it or `deadline` is reached (none:
  /// for ever). Returns at once if one is pending already. False when the world ends: the CPU's loop
  /// must return.
  [[nodiscard]] virtual bool idle(unsigned cpu, std::optional<Nanoseconds> deadline) = 0;
};

}  // namespace host::platform
