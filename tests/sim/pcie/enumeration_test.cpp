// SPDX-License-Identifier: Apache-2.0
#include "sim/pcie/enumeration.hpp"

#include <catch2/catch.hpp>
#include <cstring>

#include "rtl/contract/pci_contract.hpp"
#include "tests/sim/pcie/fake_nic.hpp"

using namespace sim::pcie;
using tests::in_thread;
using tests::World;

namespace {

/// A function with one 64-bit BAR of 32 KB, PCIe and MSI-X capabilities.
class FakeFunction {
 public:
  explicit FakeFunction(World& world) : world_(world) {
    put(contract::CFG_VENDOR_ID, 0x1041'1AF4);
    put(contract::CFG_COMMAND, std::uint32_t{contract::STATUS_CAP_LIST} << 16);
    put(contract::CFG_CLASS, 0x0200'0001);
    put(contract::CFG_BAR0, 0x4);
    put(contract::CFG_CAP_PTR, 0x50);
    put(0x50, 0x0003'6011);
    put(0x54, 0x4000);
    put(0x58, 0x5000);
    put(0x60, 0x0002'0010);
    put(0x64, contract::EXP_DEVCAP_MPS_256 | contract::EXP_DEVCAP_EXT_TAG);
    put(0x68, 0x2000);
    world_.nic.hook = [this](const Tlp& tlp, sim::Picoseconds at) { serve(tlp, at); };
  }
  [[nodiscard]] std::uint32_t at(unsigned offset) const {
    std::uint32_t value = 0;
    std::memcpy(&value, &space_[offset], 4);
    return value;
  }

 private:
  void put(unsigned offset, std::uint32_t value) { std::memcpy(&space_[offset], &value, 4); }

  void serve(const Tlp& tlp, sim::Picoseconds when) {
    const Request request = *parse_request(tlp);
    const auto offset = static_cast<unsigned>(request.address);
    Completion completion;
    completion.tag = request.tag;
    std::vector<std::byte> data(4);
    if (request.kind == RequestKind::config_write) {
      for (unsigned i = 0; i < 4; ++i) {
        if (((request.first_be >> i) & 1) != 0 && writable(offset + i)) space_[offset + i] = tlp.payload[i];
      }
      if (offset == contract::CFG_BAR0) put(offset, (at(offset) & 0xFFFF'8000) | 4);
    } else {
      std::memcpy(data.data(), &space_[offset], 4);
      completion.length = 1;
    }
    world_.root.from_nic(make_completion(completion, data), when + 50'000);
  }
  static bool writable(unsigned offset) {
    return (offset >= 4 && offset < 6) || (offset >= 0x10 && offset < 0x18) || (offset >= 0x68 && offset < 0x6A);
  }

  World& world_;
  std::array<std::byte, 4096> space_{};
};

}  // namespace

TEST_CASE("Enumeration sizes, places and enables", "[enumeration]") {
  World world;
  FakeFunction function(world);
  Enumeration result;
  sim::Picoseconds took = 0;
  in_thread([&] {
    result = enumerate(world.root);
    took = now_ps();
  });
  World::run(1'000'000'000);

  REQUIRE(result.found);
  CHECK(took < 100'000'000);
  CHECK(result.vendor == 0x1AF4);
  CHECK(result.device == 0x1041);
  CHECK(result.class_code == 0x020000);
  CHECK(result.bars[0].bytes == 0x8000);
  CHECK(result.bars[0].is_64bit);
  CHECK(result.bars[0].address == 0x60'0000'0000);
  CHECK(result.bars[1].bytes == 0);
  CHECK(result.bars[2].bytes == 0);
  CHECK(function.at(contract::CFG_BAR0) == 4);
  CHECK(function.at(contract::CFG_BAR1) == 0x60);
  CHECK(result.capabilities.size() == 2);
  CHECK(result.msix.vectors == 4);
  CHECK(result.msix.table_offset == 0x4000);
  CHECK(result.msix.pba_offset == 0x5000);
  CHECK(result.max_payload == 256);
  CHECK(result.max_read_request == 512);
  CHECK(result.extended_tags);
  CHECK((function.at(0x68) & 0xFFFF) == 0x2120);
  CHECK((function.at(contract::CFG_COMMAND) & 0xFFFF) ==
        (contract::COMMAND_MEMORY | contract::COMMAND_MASTER | contract::COMMAND_INTX_DISABLE));
  CHECK(world.complaints().empty());
  CHECK(world.root.checker().violation_count() == 0);

  const std::string dump = lspci_dump(result);
  CHECK_THAT(dump, Catch::StartsWith("01:00.0 0200: 1af4:1041 (rev 01)\n00: f4 1a 41 10 06 04 10 00"));
  CHECK(std::count(dump.begin(), dump.end(), '\n') == 18);
}

TEST_CASE("A slot where nobody answers is said to be empty", "[enumeration]") {
  RootComplexConfig config;
  config.host_timeout = 1'000'000;
  World world(config);
  Enumeration result;
  in_thread([&] { result = enumerate(world.root); });
  World::run(100'000'000);
  CHECK_FALSE(result.found);
  CHECK(result.problem == "no function answers at 01:00.0");
}
