// SPDX-License-Identifier: Apache-2.0
// What a NIC of a world counted, against what its wire and its driver say.
#include <fmt/format.h>

#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "sim/world/pcie_nic.hpp"

namespace sim::world {
namespace {

constexpr unsigned kRegisterBar = 0;  // the function has one memory BAR

/// "STAT_RX_DROP_BAD_FCS" -> "rx_drop_bad_fcs".
std::string plain_name(std::string_view name) {
  std::string out(name.substr(std::string_view("STAT_").size()));
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

}  // namespace

void PcieNic::report(board::Report& report, const std::string& group) {
  const std::string nic = group + ".nic";
  const std::uint64_t window = function_.bars[kRegisterBar].address + contract::BAR_STATS;
  for (std::uint32_t i = 0; i < contract::STAT_COUNT; ++i) {
    const std::uint64_t low = root_.mmio_read(window + 8 * i, 4);  // latches the upper half
    const std::uint64_t high = root_.mmio_read(window + 8 * i + 4, 4);
    report.add(nic, plain_name(contract::kStatNames[i]), high << 32 | low);
  }
  for (const auto& [name, value] : driver_->statistics()) report.add(group + ".driver", name, value);

  const auto count = [&](std::string_view name) { return report.value(nic, name); };
  const auto& stats = driver_->netdev().stats();
  const auto equal = [&](std::string_view left, std::uint64_t a, std::string_view right, std::uint64_t b) {
    report.expect_equal(fmt::format("{}: {}", group, left), a, right, b);
  };
  equal("frames that the wire delivered", wire_.counters(1 - end_).delivered, "rx_frames", count("rx_frames"));
  equal("rx_frames", count("rx_frames"), "rx_delivered + rx_coalesced + rx_drop_*",
        count("rx_delivered") + count("rx_coalesced") + report.sum(nic, "rx_drop_"));
  equal("tx_packets + tx_drop_reset", stats.tx_packets + count("tx_drop_reset"), "tx_chains", count("tx_chains"));
  equal("tx_chains + tx_segments", count("tx_chains") + count("tx_segments"), "tx_frames + tx_drop_*",
        count("tx_frames") + report.sum(nic, "tx_drop_"));
  equal("tx_frames", count("tx_frames"), "frames on the wire", wire_.counters(end_).frames);
  for (const auto& violation : root_.checker().violations()) {
    report.violations.push_back(fmt::format("{}: PCIe: {}", group, violation.text()));
  }
  if (!nic_.engine().failure().empty()) report.violations.push_back(nic_.engine().failure());
}

void PcieNic::check_after_close(board::Report& report, const std::string& group) {
  if (const auto reads = root_.checker().outstanding_reads(); reads != 0) {
    report.violations.push_back(fmt::format("{}: {} reads of the NIC were never answered in full", group, reads));
  }
}

}  // namespace sim::world
