// SPDX-License-Identifier: Apache-2.0
// Emits the contract as the SystemVerilog package `contract_pkg` on standard output.
#include <cstdio>
#include <span>
#include <string_view>

#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/mac_contract.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace {

void emit_table(const char* title, std::span<const contract::Number> table) {
  std::printf("\n  // %s\n", title);
  for (const contract::Number& n : table) {
    std::printf("  localparam logic [%u:0] %.*s = %u'h%llx;\n", n.width - 1, static_cast<int>(n.name.size()),
                n.name.data(), n.width, static_cast<unsigned long long>(n.value));
  }
}

void emit_indices(const char* title, std::span<const std::string_view> names, const char* count) {
  std::printf("\n  // %s\n", title);
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::printf("  localparam int unsigned %.*s = %zu;\n", static_cast<int>(names[i].size()), names[i].data(), i);
  }
  std::printf("  localparam int unsigned %s = %zu;\n", count, names.size());
}

}  // namespace

int main() {
  std::printf("// Generated from rtl/contract by emit_sv; do not edit.\n");
  std::printf("`default_nettype none\n\npackage contract_pkg;\n");
  emit_table("virtio 1.2", contract::kVirtioNumbers);
  emit_table("PCI and PCI Express", contract::kPciNumbers);
  emit_table("cosnic", contract::kNicNumbers);
  emit_table("control bus", contract::kControlNumbers);
  emit_table("MAC registers", contract::kMacNumbers);
  emit_indices("statistics block", contract::kStatNames, "STAT_COUNT");
  emit_indices("statistics of the MAC", contract::kMacRxStatNames, "MACSTAT_RX_COUNT");
  emit_indices("and of its transmitter", contract::kMacTxStatNames, "MACSTAT_TX_COUNT");
  std::printf("  localparam int unsigned MACSTAT_TX_FIRST = %u;\n", contract::MACSTAT_TX_FIRST);
  std::printf("\nendpackage\n\n`default_nettype wire\n");
  return 0;
}
