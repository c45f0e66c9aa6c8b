// SPDX-License-Identifier: Apache-2.0
// The host's view of one enumerated function, over the root complex.
#pragma once

#include "host/platform/pci_device.hpp"
#include "sim/pcie/enumeration.hpp"
#include "sim/pcie/root_complex.hpp"

namespace sim::board {

/// All calls from CPU threads. An access outside a BAR reads all ones and writes nothing.
class SimPciDevice : public host::platform::PciDevice {
 public:
  SimPciDevice(pcie::RootComplex& root, pcie::Enumeration function) : root_(root), function_(std::move(function)) {}

  [[nodiscard]] std::uint32_t config_read(unsigned offset, unsigned width) override;
  void config_write(unsigned offset, unsigned width, std::uint32_t value) override;
  [[nodiscard]] std::uint32_t mmio_read(unsigned bar, std::uint64_t offset, unsigned width) override;
  void mmio_write(unsigned bar, std::uint64_t offset, unsigned width, std::uint32_t value) override;

  [[nodiscard]] const pcie::Enumeration& function() const { return function_; }

 private:
  pcie::RootComplex& root_;
  pcie::Enumeration function_;
};

}  // namespace sim::board
