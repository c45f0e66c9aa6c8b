// SPDX-License-Identifier: Apache-2.0
// Interrupts: vectors, the messages or the line that raise them, and the CPU each is bound to.
#pragma once

#include <cstdint>
#include <optional>

namespace host::platform {

/// What a device writes to raise a vector.
struct MsiMessage {
  std::uint64_t address;
  std::uint32_t data;
};

/// Device vectors end below this one; those above are the CPUs' own, as on x86.
inline constexpr unsigned kFirstSystemVector = 0xec;
/// What one CPU sends another that shall do something for it (Linux: CALL_FUNCTION_SINGLE_VECTOR). Each CPU has its
/// own.
inline constexpr unsigned kCallFunctionVector = 0xfb;

/// The local interrupt controllers of all CPUs of one host. An arriving message becomes pending on the
/// CPU that its vector is bound to and ends that CPU's wait (CpuPlatform::idle). A vector of a
/// level-triggered line (INTx) is pending while the line is asserted, but for the time from take_pending()
/// to end_of_interrupt().
class IrqController {
 public:
  virtual ~IrqController() = default;

  /// A fresh vector bound to `cpu`, or nothing when all are taken.
  [[nodiscard]] virtual std::optional<unsigned> allocate_vector(unsigned cpu) = 0;
  virtual void free_vector(unsigned vector) = 0;
  /// A fresh vector for the function's INTx line, bound to `cpu`; nothing when the machine has no such line.
  [[nodiscard]] virtual std::optional<unsigned> allocate_line(unsigned /*cpu*/) { return std::nullopt; }
  /// The handler of a vector that take_pending() gave has returned.
  virtual void end_of_interrupt(unsigned /*vector*/) {}
  /// The message to write into the device's MSI-X table for this vector and its present CPU.
  [[nodiscard]] virtual MsiMessage message(unsigned vector) const = 0;
  /// Binds to another CPU; takes effect for messages that arrive from now on.
  virtual void set_affinity(unsigned vector, unsigned cpu) = 0;
  /// Takes the oldest vector pending on `cpu`, if any. Two messages of one vector that arrive before it
  /// is taken are one, as in an x86 IRR.
  [[nodiscard]] virtual std::optional<unsigned> take_pending(unsigned cpu) = 0;
  /// Raises the inter-processor interrupt of `cpu`: ends its wait, is not a vector.
  virtual void send_ipi(unsigned cpu) = 0;
  /// Interrupts `cpu`: kCallFunctionVector pends there as a device's vector would, once however often it is sent.
  virtual void send_call(unsigned cpu) = 0;
};

}  // namespace host::platform
