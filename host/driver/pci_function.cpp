// SPDX-License-Identifier: Apache-2.0
// Reading configuration space; every pointer in it is the device's word and is checked.
#include "host/driver/pci_function.hpp"

#include <bitset>
#include <cstdio>

#include "rtl/contract/pci_contract.hpp"

namespace host::driver {
namespace {

using base::Errno;

constexpr unsigned kHeaderBytes = 0x40;
constexpr unsigned kConfigBytes = 0x100;
constexpr unsigned kStatusOffset = contract::CFG_COMMAND + 2;
constexpr unsigned kInterruptPin = contract::CFG_INTERRUPT_LINE + 1;
constexpr unsigned kMsixControl = 2;
constexpr unsigned kMsixTable = 4;
constexpr std::uint32_t kMsixSizeMask = 0x7ff;
constexpr std::uint32_t kMsixBarMask = 7;
constexpr std::uint16_t kNobody = 0xffff;

std::uint16_t read16(platform::PciDevice& device, unsigned offset) {
  return static_cast<std::uint16_t>(device.config_read(offset, 2));
}

}  // namespace

base::Result<PciFunction> PciFunction::probe(platform::PciDevice& device) {
  PciFunction function(device);
  function.vendor_ = read16(device, contract::CFG_VENDOR_ID);
  if (function.vendor_ == kNobody) return Errno::no_device;
  function.device_id_ = read16(device, contract::CFG_VENDOR_ID + 2);
  const std::uint32_t class_revision = device.config_read(contract::CFG_CLASS, 4);
  function.revision_ = static_cast<std::uint8_t>(class_revision);
  function.class_code_ = class_revision >> 8;
  function.subvendor_ = read16(device, contract::CFG_SUBSYSTEM);
  function.subdevice_ = read16(device, contract::CFG_SUBSYSTEM + 2);
  function.interrupt_pin_ = static_cast<std::uint8_t>(device.config_read(kInterruptPin, 1));
  if (const auto walked = function.walk_capabilities(); !walked) return walked.error();
  function.read_msix();
  return function;
}

base::Result<void> PciFunction::walk_capabilities() {
  if ((read16(*device_, kStatusOffset) & contract::STATUS_CAP_LIST) == 0) return {};
  std::bitset<kConfigBytes> seen;
  unsigned offset = device_->config_read(contract::CFG_CAP_PTR, 1) & 0xfcu;
  while (offset != 0) {
    if (offset < kHeaderBytes || offset + 4 > kConfigBytes || seen[offset]) return Errno::io;
    seen.set(offset);
    const std::uint16_t header = read16(*device_, offset);
    capabilities_.push_back({static_cast<std::uint8_t>(header), offset});
    offset = (header >> 8) & 0xfcu;
  }
  return {};
}

void PciFunction::read_msix() {
  const auto offset = find(contract::CAP_ID_MSIX);
  if (!offset) return;
  const std::uint32_t table = device_->config_read(*offset + kMsixTable, 4);
  msix_ = MsixCapability{*offset, (read16(*device_, *offset + kMsixControl) & kMsixSizeMask) + 1, table & kMsixBarMask,
                         table & ~kMsixBarMask};
}

std::optional<unsigned> PciFunction::find(std::uint8_t id) const {
  for (const auto& capability : capabilities_) {
    if (capability.id == id) return capability.offset;
  }
  return std::nullopt;
}

void PciFunction::enable() {
  const std::uint32_t command = device_->config_read(contract::CFG_COMMAND, 2);
  device_->config_write(contract::CFG_COMMAND, 2,
                        command | contract::COMMAND_MEMORY | contract::COMMAND_MASTER | contract::COMMAND_INTX_DISABLE);
}

void PciFunction::enable_intx() {
  const std::uint32_t command = device_->config_read(contract::CFG_COMMAND, 2);
  device_->config_write(contract::CFG_COMMAND, 2, command & ~contract::COMMAND_INTX_DISABLE);
}

std::string lspci_dump(platform::PciDevice& device, std::string_view slot, unsigned bytes) {
  char piece[64];
  const unsigned vendor = device.config_read(contract::CFG_VENDOR_ID, 2);
  const unsigned id = device.config_read(contract::CFG_VENDOR_ID + 2, 2);
  const unsigned class_revision = device.config_read(contract::CFG_CLASS, 4);
  std::snprintf(piece, sizeof piece, " Class %04x: %04x:%04x (rev %02x)\n", class_revision >> 16, vendor, id,
                class_revision & 0xff);
  std::string text = std::string(slot) + piece;
  for (unsigned offset = 0; offset < bytes; ++offset) {
    if (offset % 16 == 0) {
      std::snprintf(piece, sizeof piece, bytes > kConfigBytes ? "%03x:" : "%02x:", offset);
      text += piece;
    }
    const unsigned dword = device.config_read(offset & ~3u, 4);
    std::snprintf(piece, sizeof piece, " %02x", (dword >> (8 * (offset % 4))) & 0xff);
    text += piece;
    if (offset % 16 == 15) text += '\n';
  }
  return text + '\n';
}

}  // namespace host::driver
