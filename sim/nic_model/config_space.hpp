// SPDX-License-Identifier: Apache-2.0
// The function's configuration space: header, power management, MSI-X, PCI Express, virtio capabilities
// (PCI Local Bus 3.0, PCIe 3.0 chapter 7, virtio 1.2 section 4.1.4).
#pragma once

#include <array>
#include <cstdint>

#include "sim/nic_model/model_config.hpp"

namespace sim::nic_model {

class ConfigSpace {
 public:
  explicit ConfigSpace(const ModelConfig& config);

  /// Of a DW; 0 beyond the first 256 bytes.
  [[nodiscard]] std::uint32_t read(unsigned offset) const;
  /// True when the write asks for a function level reset, which has happened here already.
  [[nodiscard]] bool write(unsigned offset, unsigned byte_enables, std::uint32_t data);
  void function_level_reset();

  [[nodiscard]] bool memory_enabled() const;
  /// The command register's bit, and the power state D0.
  [[nodiscard]] bool bus_master() const;
  [[nodiscard]] bool intx_enabled() const;
  [[nodiscard]] bool msix_enabled() const;
  [[nodiscard]] bool msix_masked() const;
  [[nodiscard]] bool extended_tags() const;
  [[nodiscard]] std::uint64_t bar() const;
  [[nodiscard]] unsigned max_payload() const;
  [[nodiscard]] unsigned max_read_request() const;

  /// Status bits; they stay until software clears them.
  void unsupported_request();
  void parity_error();
  void interrupt_pending(bool pending);

  // the CFG access capability (virtio 1.2, 4.1.4.9)
  struct Window {
    bool valid = false;  ///< names a naturally aligned access of 1, 2 or 4 bytes inside BAR 0
    std::uint32_t address = 0;
    unsigned byte_enables = 0;
  };
  [[nodiscard]] Window window() const;
  void window_data(std::uint32_t data) { put(contract::CAP_VIRTIO_PCI_DATA, data); }

 private:
  static constexpr unsigned kBytes = 256;
  using Bytes = std::array<std::uint8_t, kBytes>;

  void build(const ModelConfig& config);
  void build_capabilities(const ModelConfig& config);
  void virtio_capability(unsigned at, unsigned next, unsigned type, unsigned bytes, std::uint32_t offset);
  void put(unsigned offset, std::uint32_t value);
  void allow(unsigned offset, std::uint32_t mask);
  void clear_by_one(unsigned offset, std::uint32_t mask);
  [[nodiscard]] std::uint32_t get(unsigned offset) const { return read(offset & ~3U); }

  Bytes value_{};
  Bytes writable_{};
  Bytes sticky_{};  // cleared by writing ones
  Bytes fresh_{};   // as after power-on
  Bytes exempt_{};  // bits that a function level reset leaves alone
};

}  // namespace sim::nic_model
