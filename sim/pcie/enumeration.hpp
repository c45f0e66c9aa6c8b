// SPDX-License-Identifier: Apache-2.0
// What a BIOS does: finds the function, sizes and places its BARs, sets payload and read sizes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace sim::pcie {

class RootComplex;

struct EnumerationConfig {
  std::uint16_t bdf = 0x0100;                ///< bus 1, device 0, function 0
  std::uint64_t mmio_base = 0x60'0000'0000;  ///< 64-bit BARs are placed from here on
  std::uint32_t mmio_base_32 = 0xE000'0000;  ///< 32-bit BARs
  unsigned max_payload = 256;                ///< bytes; lowered to what the function can
  unsigned max_read_request = 512;
  bool extended_tags = true;
  bool bus_master = true;
  std::uint8_t interrupt_line = 11;  ///< what firmware tells the system about a pin; nobody here uses it
};

struct Bar {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;  ///< 0: not there
  bool is_64bit = false;
  bool prefetchable = false;
};

struct Capability {
  std::uint8_t id = 0;
  std::uint8_t offset = 0;
};

struct MsixInfo {
  unsigned vectors = 0;  ///< 0: no MSI-X
  unsigned table_bar = 0;
  std::uint32_t table_offset = 0;
  unsigned pba_bar = 0;
  std::uint32_t pba_offset = 0;
};

struct Enumeration {
  bool found = false;
  std::string problem;  ///< why not, in one line
  std::uint16_t bdf = 0;
  std::uint16_t vendor = 0;
  std::uint16_t device = 0;
  std::uint32_t class_code = 0;
  std::array<Bar, 6> bars{};
  std::vector<Capability> capabilities;
  MsixInfo msix;
  unsigned interrupt_pin = 0;  ///< 1: INTA, 0: none
  unsigned max_payload = 128;
  unsigned max_read_request = 128;
  bool extended_tags = false;
  std::array<std::uint8_t, 256> config_space{};  ///< as it stands after enumeration
};

/// To be called from an SC_THREAD.
[[nodiscard]] Enumeration enumerate(RootComplex& root, const EnumerationConfig& config = {});

/// The first 256 bytes, as it stands now, for lspci -F.
[[nodiscard]] std::array<std::uint8_t, 256> read_config_space(RootComplex& root, std::uint16_t bdf);

/// `lspci -xxx` format: "01:00.0 Ethernet controller: ..." and 16 rows of 16 bytes.
[[nodiscard]] std::string lspci_dump(const Enumeration& function);

}  // namespace sim::pcie
