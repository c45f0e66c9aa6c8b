// SPDX-License-Identifier: Apache-2.0
// Interrupts to the host: MSI-X vectors with masks and pending bits, or ISR and INTx (virtio 1.2, 4.1.5).
#pragma once

#include <cstdint>
#include <vector>

#include "sim/nic_model/config_space.hpp"
#include "sim/nic_model/dma.hpp"
#include "sim/nic_model/statistics.hpp"

namespace sim::nic_model {

class Interrupts {
 public:
  Interrupts(const ModelConfig& config, ConfigSpace& space, Dma& dma, TlpSender& sender, Statistics& statistics);

  enum class Cause : std::uint8_t { queue, configuration };
  /// `vector` is what the driver wrote for the queue or for configuration changes.
  void raise(Cause cause, std::uint16_t vector);
  /// Something changed that may have been holding messages back.
  void settings_changed();
  void function_level_reset();
  void device_reset();

  [[nodiscard]] std::uint32_t table_read(std::uint32_t offset) const;
  void table_write(std::uint32_t offset, unsigned byte_enables, std::uint32_t data);
  [[nodiscard]] std::uint32_t pending_read(std::uint32_t offset) const;
  /// Reading clears it and takes INTx away.
  [[nodiscard]] std::uint32_t isr_read();

 private:
  struct Vector {
    std::uint64_t address = 0;
    std::uint32_t data = 0;
    bool masked = true;
    bool pending = false;
  };
  void deliver(Vector& vector);
  [[nodiscard]] bool may_send(const Vector& vector) const;
  void update_pin();

  ConfigSpace& space_;
  Dma& dma_;
  TlpSender& sender_;
  Statistics& statistics_;
  std::vector<Vector> vectors_;
  std::uint8_t isr_ = 0;
  bool asserted_ = false;
};

}  // namespace sim::nic_model
