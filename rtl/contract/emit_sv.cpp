// SPDX-License-Identifier: Apache-2.0
// Emits the contract as the SystemVerilog package `contract_pkg` on standard output.
#include <cstdio>
#include <span>

#include "rtl/contract/control_contract.hpp"
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

}  // namespace

int main() {
  std::printf("// Generated from rtl/contract by emit_sv; do not edit.\n");
  std::printf("`default_nettype none\n\npackage contract_pkg;\n");
  emit_table("virtio 1.2", contract::kVirtioNumbers);
  emit_table("PCI and PCI Express", contract::kPciNumbers);
  emit_table("cosnic", contract::kNicNumbers);
  emit_table("control bus", contract::kControlNumbers);
  std::printf("\n  // statistics block\n");
  for (unsigned i = 0; i < contract::STAT_COUNT; ++i) {
    std::printf("  localparam int unsigned %s = %u;\n", contract::kStatNames[i].data(), i);
  }
  std::printf("  localparam int unsigned STAT_COUNT = %u;\n", contract::STAT_COUNT);
  std::printf("\nendpackage\n\n`default_nettype wire\n");
  return 0;
}
