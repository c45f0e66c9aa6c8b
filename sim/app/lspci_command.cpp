// SPDX-License-Identifier: Apache-2.0
// cosnic lspci: the function as the simulated firmware found it and the driver set it up.
#include <fmt/format.h>

#include <string_view>

#include "rtl/contract/pci_contract.hpp"
#include "sim/app/commands.hpp"
#include "sim/app/summary.hpp"
#include "sim/app/terminal.hpp"
#include "sim/board/board.hpp"

namespace sim::app {
namespace {

/// Nothing happens but the boot.
class BootOnly final : public board::Scenario {
 public:
  std::string host_is_up(host::apps::Host&, host::device::NetDevice&) override { return {}; }
  void begin() override {}
  [[nodiscard]] bool finished() const override { return true; }
  void stop() override {}
  void report(board::Report&) const override {}
};

std::string_view capability_name(const pcie::Enumeration& function, const pcie::Capability& capability) {
  constexpr std::string_view kVirtio[] = {
      "", "common configuration", "notify", "interrupt status", "device configuration", "configuration access"};
  switch (capability.id) {
    case contract::CAP_ID_PM:
      return "Power Management";
    case contract::CAP_ID_MSIX:
      return "MSI-X";
    case contract::CAP_ID_EXP:
      return "PCI Express";
    case contract::CAP_ID_VENDOR: {
      const std::uint8_t type = function.config_space[capability.offset + 3U];
      return type < std::size(kVirtio) ? kVirtio[type] : "vendor specific";
    }
    default:
      return "unknown";
  }
}

/// Between the title and the bytes, where lspci -F passes over it.
std::string details(const pcie::Enumeration& function, unsigned verbosity) {
  std::string text;
  for (std::size_t i = 0; i < function.bars.size(); ++i) {
    const pcie::Bar& bar = function.bars[i];
    if (bar.bytes == 0) continue;
    text += fmt::format("\tRegion {}: Memory at {:x} ({}, {}prefetchable) [size={}K]\n", i, bar.address,
                        bar.is_64bit ? "64-bit" : "32-bit", bar.prefetchable ? "" : "non-", bar.bytes >> 10);
  }
  for (const pcie::Capability& capability : function.capabilities) {
    const bool virtio = capability.id == contract::CAP_ID_VENDOR;
    text += fmt::format("\tCapabilities: [{:02x}] {}{}\n", capability.offset, virtio ? "virtio: " : "",
                        capability_name(function, capability));
  }
  if (verbosity < 2) return text;
  if (function.interrupt_pin != 0) {
    text += fmt::format("\tInterrupt: pin {}\n", static_cast<char>('A' + function.interrupt_pin - 1));
  }
  text += fmt::format("\tMSI-X: {} vectors, table in BAR {} at {:#x}, pending bits in BAR {} at {:#x}\n",
                      function.msix.vectors, function.msix.table_bar, function.msix.table_offset, function.msix.pba_bar,
                      function.msix.pba_offset);
  text += fmt::format("\tPCI Express: payload {} B, read request {} B, extended tags {}\n", function.max_payload,
                      function.max_read_request, function.extended_tags ? "on" : "off");
  return text;
}

}  // namespace

int lspci_command(const LspciArguments& arguments) {
  board::BoardConfig config =
      arguments.nic_config.empty() ? board::BoardConfig{} : board::load_config(arguments.nic_config);
  config.nic.kind = board::parse_nic_kind(arguments.nic);
  board::Board board(config);
  BootOnly scenario;
  const board::Report report = board.run(scenario, terminal_options(0));
  end_progress();
  const int status = exit_status(report);
  if (!board.function().found) return status;
  std::string dump = pcie::lspci_dump(board.function());
  if (arguments.verbosity > 0) dump.insert(dump.find('\n') + 1, details(board.function(), arguments.verbosity));
  fmt::print("{}", dump);
  return status;
}

}  // namespace sim::app
