// SPDX-License-Identifier: Apache-2.0
// What a PCI function says about itself: identity and capabilities (Linux: drivers/pci/probe.c, pci.c).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"
#include "host/platform/pci_device.hpp"

namespace host::driver {

struct PciCapability {
  std::uint8_t id;
  unsigned offset;
};

/// The MSI-X capability, decoded.
struct MsixCapability {
  unsigned offset;
  unsigned vectors;
  unsigned table_bar;
  std::uint32_t table_offset;
};

/// One decoded function. Construction reads configuration space; nothing is changed.
class PciFunction {
 public:
  /// no_device when nobody answers, io when the capability list is malformed (outside the space, or a loop).
  [[nodiscard]] static base::Result<PciFunction> probe(platform::PciDevice& device);

  [[nodiscard]] std::uint16_t vendor() const { return vendor_; }
  [[nodiscard]] std::uint16_t device_id() const { return device_id_; }
  [[nodiscard]] std::uint8_t revision() const { return revision_; }
  [[nodiscard]] std::uint32_t class_code() const { return class_code_; }
  [[nodiscard]] std::uint16_t subvendor() const { return subvendor_; }
  [[nodiscard]] std::uint16_t subdevice() const { return subdevice_; }
  /// In the order of the list.
  [[nodiscard]] const std::vector<PciCapability>& capabilities() const { return capabilities_; }
  [[nodiscard]] std::optional<unsigned> find(std::uint8_t id) const;
  [[nodiscard]] std::optional<MsixCapability> msix() const { return msix_; }
  [[nodiscard]] platform::PciDevice& device() const { return *device_; }

  /// 1 to 4: INTA# to INTD#; 0: the function has no pin.
  [[nodiscard]] std::uint8_t interrupt_pin() const { return interrupt_pin_; }

  /// Memory decoding and bus mastering on, INTx off (Linux: pci_enable_device, pci_set_master).
  void enable();
  /// Linux: pci_intx.
  void enable_intx();

 private:
  explicit PciFunction(platform::PciDevice& device) : device_(&device) {}
  [[nodiscard]] base::Result<void> walk_capabilities();
  void read_msix();

  platform::PciDevice* device_;
  std::uint16_t vendor_ = 0;
  std::uint16_t device_id_ = 0;
  std::uint8_t revision_ = 0;
  std::uint32_t class_code_ = 0;
  std::uint8_t interrupt_pin_ = 0;
  std::uint16_t subvendor_ = 0;
  std::uint16_t subdevice_ = 0;
  std::vector<PciCapability> capabilities_;
  std::optional<MsixCapability> msix_;
};

/// Configuration space as `lspci -xxx` prints it and `lspci -F` reads it: a title line "00:01.0 Ethernet
/// controller: ..." and rows of 16 bytes. `bytes` is 64, 256 or 4096.
[[nodiscard]] std::string lspci_dump(platform::PciDevice& device, std::string_view slot, unsigned bytes);

}  // namespace host::driver
