// SPDX-License-Identifier: Apache-2.0
#include "sim/pcie/enumeration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <iterator>

#include "rtl/contract/pci_contract.hpp"
#include "sim/pcie/root_complex.hpp"

namespace sim::pcie {
namespace {

constexpr unsigned kHeaderBars = 6;
constexpr std::uint16_t kCommandOff = 0;

/// Configuration accesses of one function, read as a sentence.
class Function {
 public:
  Function(RootComplex& root, std::uint16_t bdf) : root_(root), bdf_(bdf) {}
  [[nodiscard]] std::uint32_t read(unsigned offset, unsigned width = 4) {
    return root_.config_read(bdf_, offset, width);
  }
  void write(unsigned offset, std::uint32_t value, unsigned width = 4) {
    root_.config_write(bdf_, offset, width, value);
  }

 private:
  RootComplex& root_;
  std::uint16_t bdf_;
};

unsigned encode_size(unsigned bytes) {
  return static_cast<unsigned>(std::countr_zero(std::max(bytes, 128U) / 128U));
}

/// Writes all ones and sees which address bits stay (PCI 3.0, 6.2.5.1).
Bar size_bar(Function& function, unsigned index) {
  const unsigned offset = contract::CFG_BAR0 + 4 * index;
  Bar bar;
  function.write(offset, 0xFFFF'FFFF);
  const std::uint32_t low = function.read(offset);
  if (low == 0 || (low & 1) != 0) return bar;  // none, or I/O
  bar.is_64bit = (low & 6) == 4;
  bar.prefetchable = (low & 8) != 0;
  std::uint64_t mask = 0xFFFF'FFFF'0000'0000U | (low & ~0xFU);
  if (bar.is_64bit && index + 1 < kHeaderBars) {
    function.write(offset + 4, 0xFFFF'FFFF);
    mask = (std::uint64_t{function.read(offset + 4)} << 32) | (low & ~0xFU);
  }
  bar.bytes = ~mask + 1;
  return bar;
}

void place_bars(Function& function, Enumeration& result, const EnumerationConfig& config) {
  std::uint64_t next = config.mmio_base;
  std::uint64_t next_32 = config.mmio_base_32;
  for (unsigned i = 0; i < kHeaderBars; ++i) {
    Bar bar = size_bar(function, i);
    result.bars[i] = bar;
    if (bar.bytes == 0) continue;
    std::uint64_t& place = bar.is_64bit ? next : next_32;
    place = (place + bar.bytes - 1) & ~(bar.bytes - 1);
    bar.address = place;
    place += bar.bytes;
    result.bars[i] = bar;
    function.write(contract::CFG_BAR0 + 4 * i, static_cast<std::uint32_t>(bar.address));
    if (bar.is_64bit) function.write(contract::CFG_BAR0 + 4 * ++i, static_cast<std::uint32_t>(bar.address >> 32));
  }
}

void find_capabilities(Function& function, Enumeration& result) {
  if ((function.read(contract::CFG_COMMAND) >> 16 & contract::STATUS_CAP_LIST) == 0) return;
  unsigned offset = function.read(contract::CFG_CAP_PTR, 1) & 0xFC;
  while (offset >= 0x40 && result.capabilities.size() < 48) {
    const std::uint32_t head = function.read(offset);
    result.capabilities.push_back({static_cast<std::uint8_t>(head), static_cast<std::uint8_t>(offset)});
    offset = (head >> 8) & 0xFC;
  }
}

unsigned offset_of(const Enumeration& result, std::uint32_t id) {
  const auto it = std::find_if(result.capabilities.begin(), result.capabilities.end(),
                               [id](const Capability& c) { return c.id == id; });
  return it == result.capabilities.end() ? 0 : it->offset;
}

void read_msix(Function& function, Enumeration& result) {
  const unsigned offset = offset_of(result, contract::CAP_ID_MSIX);
  if (offset == 0) return;
  const std::uint32_t table = function.read(offset + 4);
  const std::uint32_t pba = function.read(offset + 8);
  result.msix.vectors = ((function.read(offset) >> 16) & 0x7FF) + 1;
  result.msix.table_bar = table & 7;
  result.msix.table_offset = table & ~7U;
  result.msix.pba_bar = pba & 7;
  result.msix.pba_offset = pba & ~7U;
}

void set_sizes(Function& function, Enumeration& result, const EnumerationConfig& config) {
  const unsigned offset = offset_of(result, contract::CAP_ID_EXP);
  if (offset == 0) return;
  const std::uint32_t can = function.read(offset + contract::EXP_DEVICE_CAP);
  const unsigned payload = std::min({encode_size(config.max_payload), can & 7U, 5U});
  const unsigned read = std::min(encode_size(config.max_read_request), 5U);
  result.extended_tags = config.extended_tags && (can & contract::EXP_DEVCAP_EXT_TAG) != 0;
  result.max_payload = 128U << payload;
  result.max_read_request = 128U << read;
  const std::uint32_t before = function.read(offset + contract::EXP_DEVICE_CTRL, 2);
  constexpr std::uint32_t kSizes = (7U << 5) | (7U << 12) | contract::EXP_DEVCTRL_EXT_TAG;
  const std::uint32_t control =
      (before & ~kSizes) | (payload << 5) | (read << 12) | (result.extended_tags ? contract::EXP_DEVCTRL_EXT_TAG : 0U);
  function.write(offset + contract::EXP_DEVICE_CTRL, control, 2);
}

}  // namespace

Enumeration enumerate(RootComplex& root, const EnumerationConfig& config) {
  Enumeration result;
  result.bdf = config.bdf;
  Function function(root, config.bdf);
  const std::uint32_t id = function.read(contract::CFG_VENDOR_ID);
  result.vendor = static_cast<std::uint16_t>(id);
  result.device = static_cast<std::uint16_t>(id >> 16);
  if (result.vendor == 0xFFFF || result.vendor == 0) {
    result.problem = fmt::format("no function answers at {:02x}:{:02x}.{}", config.bdf >> 8, (config.bdf >> 3) & 0x1F,
                                 config.bdf & 7);
    return result;
  }
  result.found = true;
  result.class_code = function.read(contract::CFG_CLASS) >> 8;
  function.write(contract::CFG_COMMAND, kCommandOff, 2);  // no decoding while BARs are sized
  place_bars(function, result, config);
  find_capabilities(function, result);
  read_msix(function, result);
  result.interrupt_pin = function.read(contract::CFG_INTERRUPT_PIN, 1);
  if (result.interrupt_pin != 0) function.write(contract::CFG_INTERRUPT_LINE, config.interrupt_line, 1);
  set_sizes(function, result, config);
  root.set_max_payload(result.max_payload);
  function.write(
      contract::CFG_COMMAND,
      contract::COMMAND_MEMORY | (config.bus_master ? contract::COMMAND_MASTER : 0U) | contract::COMMAND_INTX_DISABLE,
      2);
  result.config_space = read_config_space(root, config.bdf);
  return result;
}

std::array<std::uint8_t, 256> read_config_space(RootComplex& root, std::uint16_t bdf) {
  std::array<std::uint8_t, 256> bytes{};
  for (unsigned offset = 0; offset < bytes.size(); offset += 4) {
    const std::uint32_t value = root.config_read(bdf, offset, 4);
    for (unsigned i = 0; i < 4; ++i) bytes[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  return bytes;
}

std::string lspci_dump(const Enumeration& function) {
  std::string text = fmt::format("{:02x}:{:02x}.{} {:04x}: {:04x}:{:04x} (rev {:02x})\n", function.bdf >> 8,
                                 (function.bdf >> 3) & 0x1F, function.bdf & 7, function.class_code >> 8,
                                 function.vendor, function.device, function.config_space[contract::CFG_CLASS]);
  for (std::size_t row = 0; row < function.config_space.size(); row += 16) {
    fmt::format_to(std::back_inserter(text), "{:02x}:", row);
    for (std::size_t i = 0; i < 16; ++i)
      fmt::format_to(std::back_inserter(text), " {:02x}", function.config_space[row + i]);
    text += '\n';
  }
  return text + '\n';
}

}  // namespace sim::pcie
