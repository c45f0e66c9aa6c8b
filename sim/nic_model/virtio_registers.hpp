// SPDX-License-Identifier: Apache-2.0
// The virtio structures in the BAR: common and device configuration, notifications (virtio 1.2, 4.1.4, 5.1.4).
#pragma once

#include <cstdint>
#include <vector>

#include "sim/nic_model/model_config.hpp"

namespace sim::nic_model {

/// What the driver set about one queue.
struct QueueRegisters {
  std::uint16_t size = 0;
  std::uint16_t vector = contract::MSI_NO_VECTOR;
  bool enabled = false;
  bool resetting = false;
  std::uint64_t descriptors = 0;
  std::uint64_t driver = 0;
  std::uint64_t device = 0;
};

/// Who acts on what the driver writes.
class DriverRequests {
 public:
  virtual ~DriverRequests() = default;
  virtual void device_reset() = 0;
  /// Status or a queue's enable changed: some queue may have to run now.
  virtual void queues_changed() = 0;
  virtual void queue_reset(unsigned queue) = 0;
  virtual void kick(unsigned queue) = 0;
  virtual void bad_doorbell() = 0;
};

class VirtioRegisters {
 public:
  VirtioRegisters(const ModelConfig& config, DriverRequests& requests);

  [[nodiscard]] std::uint32_t common_read(std::uint32_t offset) const;
  void common_write(std::uint32_t offset, unsigned byte_enables, std::uint32_t data);
  [[nodiscard]] std::uint32_t device_read(std::uint32_t offset) const;
  void notify_write(std::uint32_t offset, unsigned byte_enables, std::uint32_t data);

  [[nodiscard]] bool driver_ok() const { return (status_ & contract::STATUS_DRIVER_OK) != 0; }
  [[nodiscard]] std::uint64_t features() const { return driver_features_; }
  [[nodiscard]] std::uint16_t config_vector() const { return config_vector_; }
  [[nodiscard]] unsigned queues() const { return static_cast<unsigned>(queues_.size()); }
  [[nodiscard]] const QueueRegisters& queue(unsigned index) const { return queues_[index]; }

  void needs_reset() { status_ |= contract::STATUS_NEEDS_RESET; }
  void link(bool up);
  [[nodiscard]] bool link_is_up() const { return link_up_; }
  /// While a reset is under way, writes have no effect.
  void lock() { locked_ = true; }
  /// The reset is complete: everything as at power-on.
  void clear();
  void clear_queue(unsigned queue);

 private:
  void write_status(std::uint8_t value);
  [[nodiscard]] bool acceptable() const;
  [[nodiscard]] std::uint32_t queue_read(std::uint32_t offset) const;
  void queue_write(std::uint32_t offset, unsigned byte_enables, std::uint32_t data);
  void write_size(QueueRegisters& queue, std::uint32_t size) const;
  void write_enable(QueueRegisters& queue);
  [[nodiscard]] std::uint16_t checked_vector(std::uint32_t vector) const;
  [[nodiscard]] QueueRegisters fresh() const;

  const ModelConfig& config_;
  DriverRequests& requests_;
  std::uint32_t device_select_ = 0;
  std::uint32_t driver_select_ = 0;
  std::uint64_t driver_features_ = 0;
  std::uint16_t config_vector_ = contract::MSI_NO_VECTOR;
  std::uint32_t status_ = 0;
  std::uint8_t generation_ = 0;
  std::uint16_t queue_select_ = 0;
  bool locked_ = false;
  bool link_up_ = true;
  std::vector<QueueRegisters> queues_;
};

}  // namespace sim::nic_model
