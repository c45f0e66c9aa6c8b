// SPDX-License-Identifier: Apache-2.0
// Decoding configuration space, honest and not.
#include <array>
#include <catch2/catch.hpp>
#include <cstring>

#include "host/driver/pci_function.hpp"
#include "rtl/contract/pci_contract.hpp"

using namespace host;
using driver::PciFunction;

namespace {

/// Configuration space as plain bytes.
class Space final : public platform::PciDevice {
 public:
  std::uint32_t config_read(unsigned offset, unsigned width) override {
    std::uint32_t value = 0;
    for (unsigned i = width; i > 0; --i) value = (value << 8) | bytes[offset + i - 1];
    return value;
  }
  void config_write(unsigned offset, unsigned width, std::uint32_t value) override {
    for (unsigned i = 0; i < width; ++i) bytes[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  std::uint32_t mmio_read(unsigned, std::uint64_t, unsigned) override { return 0xffffffff; }
  void mmio_write(unsigned, std::uint64_t, unsigned, std::uint32_t) override {}

  std::array<std::uint8_t, 4096> bytes{};
};

Space nic() {
  Space space;
  space.config_write(contract::CFG_VENDOR_ID, 4, 0x1041'1af4);
  space.config_write(contract::CFG_COMMAND, 4, contract::STATUS_CAP_LIST << 16);
  space.config_write(contract::CFG_CLASS, 4, 0x0200'0001);
  space.config_write(contract::CFG_SUBSYSTEM, 4, 0x1100'1af4);
  space.config_write(contract::CFG_CAP_PTR, 1, 0x40);
  space.config_write(0x40, 4, 0x0003'5001);  // PM, next 0x50
  space.config_write(0x50, 4, 0x0003'0011);  // MSI-X, 4 vectors, last
  space.config_write(0x54, 4, 0x0000'4002);  // table in BAR 2 at 0x4000
  return space;
}

}  // namespace

TEST_CASE("Identity and capabilities are decoded", "[driver][pci]") {
  auto space = nic();
  const auto function = PciFunction::probe(space);
  REQUIRE(function.ok());
  CHECK(function->vendor() == 0x1af4);
  CHECK(function->device_id() == 0x1041);
  CHECK(function->revision() == 1);
  CHECK(function->class_code() == 0x020000);
  CHECK(function->subdevice() == 0x1100);
  REQUIRE(function->capabilities().size() == 2);
  CHECK(function->find(contract::CAP_ID_MSIX) == 0x50u);
  CHECK_FALSE(function->find(contract::CAP_ID_EXP));
  REQUIRE(function->msix());
  CHECK(function->msix()->vectors == 4);
  CHECK(function->msix()->table_bar == 2);
  CHECK(function->msix()->table_offset == 0x4000);
}

TEST_CASE("Nobody there is no device", "[driver][pci]") {
  Space space;
  space.bytes.fill(0xff);
  CHECK(PciFunction::probe(space).error() == base::Errno::no_device);
}

TEST_CASE("A capability list that loops or leaves the space is an error", "[driver][pci]") {
  auto space = nic();
  SECTION("a loop") {
    space.config_write(0x51, 1, 0x40);
  }
  SECTION("into the header") {
    space.config_write(0x51, 1, 0x10);
  }
  CHECK(PciFunction::probe(space).error() == base::Errno::io);
}

TEST_CASE("A function without capabilities has none", "[driver][pci]") {
  auto space = nic();
  space.config_write(contract::CFG_COMMAND, 4, 0);
  const auto function = PciFunction::probe(space);
  REQUIRE(function.ok());
  CHECK(function->capabilities().empty());
  CHECK_FALSE(function->msix());
}

TEST_CASE("Enabling turns memory and bus mastering on and INTx off", "[driver][pci]") {
  auto space = nic();
  auto function = PciFunction::probe(space);
  function->enable();
  CHECK(space.config_read(contract::CFG_COMMAND, 2) == 0x406);
  function->enable_intx();
  CHECK(space.config_read(contract::CFG_COMMAND, 2) == 0x006);
}

TEST_CASE("The dump is in lspci's format", "[driver][pci]") {
  auto space = nic();
  const auto text = driver::lspci_dump(space, "00:01.0", 64);
  CHECK(text ==
        "00:01.0 Class 0200: 1af4:1041 (rev 01)\n"
        "00: f4 1a 41 10 00 00 10 00 01 00 00 02 00 00 00 00\n"
        "10: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
        "20: 00 00 00 00 00 00 00 00 00 00 00 00 f4 1a 00 11\n"
        "30: 00 00 00 00 40 00 00 00 00 00 00 00 00 00 00 00\n"
        "\n");
  CHECK(driver::lspci_dump(space, "00:01.0", 4096).find("\nff0: ") != std::string::npos);
}
