// SPDX-License-Identifier: Apache-2.0
#include "sim/board/sim_pci_device.hpp"

namespace sim::board {
namespace {

constexpr std::uint32_t kAllOnes = 0xFFFF'FFFF;

bool inside(const pcie::Enumeration& function, unsigned bar, std::uint64_t offset, unsigned width) {
  return bar < function.bars.size() && offset < function.bars[bar].bytes && width <= function.bars[bar].bytes - offset;
}

}  // namespace

std::uint32_t SimPciDevice::config_read(unsigned offset, unsigned width) {
  return root_.config_read(function_.bdf, offset, width);
}

void SimPciDevice::config_write(unsigned offset, unsigned width, std::uint32_t value) {
  root_.config_write(function_.bdf, offset, width, value);
}

std::uint32_t SimPciDevice::mmio_read(unsigned bar, std::uint64_t offset, unsigned width) {
  if (!inside(function_, bar, offset, width)) return kAllOnes;
  return root_.mmio_read(function_.bars[bar].address + offset, width);
}

void SimPciDevice::mmio_write(unsigned bar, std::uint64_t offset, unsigned width, std::uint32_t value) {
  if (inside(function_, bar, offset, width)) root_.mmio_write(function_.bars[bar].address + offset, width, value);
}

}  // namespace sim::board
