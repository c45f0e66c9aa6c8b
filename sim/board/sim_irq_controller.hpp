// SPDX-License-Identifier: Apache-2.0
// The local interrupt controllers: MSI writes become pending vectors of the CPU they are bound to.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "host/platform/irq_controller.hpp"

namespace sim::board {

class SimIrqController : public host::platform::IrqController {
 public:
  SimIrqController(unsigned cpus, std::uint64_t msi_base = 0xFEE0'0000);

  [[nodiscard]] std::optional<unsigned> allocate_vector(unsigned cpu) override;
  void free_vector(unsigned vector) override;
  [[nodiscard]] std::optional<unsigned> allocate_line(unsigned cpu) override;
  void end_of_interrupt(unsigned vector) override;
  [[nodiscard]] host::platform::MsiMessage message(unsigned vector) const override;
  void set_affinity(unsigned vector, unsigned cpu) override;
  [[nodiscard]] std::optional<unsigned> take_pending(unsigned cpu) override;
  void send_ipi(unsigned cpu) override;
  void send_call(unsigned cpu) override;

  /// The INTx line went up or down (Assert_INTx, Deassert_INTx); nobody need have asked for it yet.
  void line_changed(bool asserted);
  /// A device wrote `data` to `address` in the MSI range.
  void message_arrived(std::uint64_t address, std::uint32_t data);

  [[nodiscard]] bool pending(unsigned cpu) const { return !cpus_[cpu].pending.empty(); }
  /// True once for each time an IPI was sent since the last call.
  [[nodiscard]] bool take_ipi(unsigned cpu);
  [[nodiscard]] bool ipi_pending(unsigned cpu) const { return cpus_[cpu].ipi; }
  /// Called when something became pending on a CPU.
  void on_pending(std::function<void(unsigned cpu)> handler) { handler_ = std::move(handler); }

  [[nodiscard]] std::uint64_t delivered() const { return delivered_; }
  [[nodiscard]] std::uint64_t merged() const { return merged_; }      ///< was pending already
  [[nodiscard]] std::uint64_t spurious() const { return spurious_; }  ///< no such vector

 private:
  struct Vector {
    bool allocated = false;
    bool pending = false;
    unsigned cpu = 0;
    bool level = false;    // of the INTx line
    bool serving = false;  // taken, its handler has not returned
  };
  struct Cpu {
    std::deque<unsigned> pending;  // oldest first
    bool ipi = false;
  };
  void pend(unsigned vector);
  void follow_line(unsigned vector);

  std::uint64_t msi_base_;
  std::vector<Vector> vectors_;
  std::vector<Cpu> cpus_;
  std::function<void(unsigned)> handler_;
  std::optional<unsigned> line_;  // the vector of the INTx line
  bool line_asserted_ = false;
  std::uint64_t delivered_ = 0;
  std::uint64_t merged_ = 0;
  std::uint64_t spurious_ = 0;
};

}  // namespace sim::board
