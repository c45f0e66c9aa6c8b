// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <span>
#include <sstream>
#include <string>

#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/mac_contract.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace {

std::string emitted_package() {
  std::ifstream file(CONTRACT_SV);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void check_emitted(const std::string& package, std::span<const contract::Number> table) {
  for (const contract::Number& n : table) {
    std::stringstream line;
    line << "localparam logic [" << n.width - 1 << ":0] " << n.name << " = " << n.width << "'h" << std::hex << n.value
         << ";";
    INFO(line.str());
    CHECK(package.find(line.str()) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("Every number of the contract fits its width and has one name", "[contract]") {
  std::set<std::string_view> names;
  auto check = [&](std::span<const contract::Number> table) {
    for (const contract::Number& n : table) {
      INFO(n.name);
      CHECK(n.width >= 1);
      CHECK((n.width >= 64 || n.value >> n.width == 0));
      CHECK(names.insert(n.name).second);
    }
  };
  check(contract::kVirtioNumbers);
  check(contract::kPciNumbers);
  check(contract::kNicNumbers);
  check(contract::kControlNumbers);
  check(contract::kMacNumbers);
  for (std::string_view name : contract::kStatNames) CHECK(names.insert(name).second);
  for (std::string_view name : contract::kMacRxStatNames) CHECK(names.insert(name).second);
  for (std::string_view name : contract::kMacTxStatNames) CHECK(names.insert(name).second);
}

TEST_CASE("The SystemVerilog package carries every number of the contract", "[contract]") {
  const std::string package = emitted_package();
  REQUIRE(!package.empty());
  check_emitted(package, contract::kVirtioNumbers);
  check_emitted(package, contract::kPciNumbers);
  check_emitted(package, contract::kNicNumbers);
  check_emitted(package, contract::kControlNumbers);
  check_emitted(package, contract::kMacNumbers);
  for (std::size_t i = 0; i < contract::STAT_COUNT; ++i) {
    const std::string line =
        "localparam int unsigned " + std::string(contract::kStatNames[i]) + " = " + std::to_string(i) + ";";
    INFO(line);
    CHECK(package.find(line) != std::string::npos);
  }
}

TEST_CASE("The windows of the BAR do not overlap and lie inside it", "[contract]") {
  using namespace contract;
  const std::uint32_t windows[] = {BAR_COMMON,     BAR_ISR,      BAR_DEVICE, BAR_NOTIFY,
                                   BAR_MSIX_TABLE, BAR_MSIX_PBA, BAR_STATS};
  CHECK(BAR_CONTROL + BAR_CONTROL_BYTES <= BAR_BYTES);
  CHECK(CTL_WINDOWS * CTL_WINDOW_BYTES <= BAR_CONTROL_BYTES);
  CHECK(QUEUE_PAIRS_MAX * QSTAT_PAIR_BYTES <= CTL_WINDOW_BYTES);
  CHECK(2 * QUEUE_PAIRS_MAX * NOTIFY_OFF_MULTIPLIER <= BAR_WINDOW_BYTES);
  CHECK(MSIX_VECTORS == 2 * QUEUE_PAIRS_MAX + 1);
  std::set<std::uint32_t> seen;
  for (std::uint32_t base : windows) {
    CHECK(base % BAR_WINDOW_BYTES == 0);
    CHECK(base + BAR_WINDOW_BYTES <= BAR_CONTROL);
    CHECK(seen.insert(base).second);
  }
  CHECK(8 * STAT_COUNT <= BAR_WINDOW_BYTES);
  CHECK(MSIX_VECTORS * MSIX_ENTRY_BYTES <= BAR_WINDOW_BYTES);
}
