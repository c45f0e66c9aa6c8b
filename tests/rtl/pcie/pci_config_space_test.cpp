// SPDX-License-Identifier: Apache-2.0
#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/pcie/pcie_bench.hpp"

using namespace contract;
using tests::PcieBench;

namespace {

struct Capability {
  unsigned id;
  unsigned at;
};

std::vector<Capability> walk(PcieBench& bench) {
  std::vector<Capability> caps;
  unsigned at = bench.config_read(CFG_CAP_PTR) & 0xff;
  while (at != 0 && caps.size() < 48) {
    const std::uint32_t head = bench.config_read(at);
    caps.push_back({head & 0xff, at});
    at = (head >> 8) & 0xff;
  }
  return caps;
}

}  // namespace

TEST_CASE("The identity is that of a modern virtio-net device", "[rtl][pcie]") {
  PcieBench bench;
  REQUIRE(bench.config_read(CFG_VENDOR_ID) == ((PCI_DEVICE << 16) | PCI_VENDOR));
  REQUIRE(bench.config_read(CFG_CLASS) == ((PCI_CLASS << 8) | PCI_REVISION));
  REQUIRE(bench.config_read(CFG_CACHE_LINE) == 0);  // header type 0, one function
  REQUIRE(bench.config_read(CFG_SUBSYSTEM) == ((PCI_SUBDEVICE << 16) | PCI_SUBVENDOR));
  REQUIRE((bench.config_read(CFG_COMMAND) >> 16) == STATUS_CAP_LIST);
  REQUIRE((bench.config_read(CFG_INTERRUPT_LINE) >> 8) == INTERRUPT_PIN_A);
  REQUIRE(bench.config_read(0x100) == 0);  // no extended capabilities
}

TEST_CASE("The capability chain names every capability with its place and size", "[rtl][pcie]") {
  PcieBench bench;
  const auto caps = walk(bench);
  REQUIRE(caps.size() == 8);
  REQUIRE((caps[0].id == CAP_ID_PM && caps[1].id == CAP_ID_MSIX && caps[2].id == CAP_ID_EXP));
  REQUIRE((bench.config_read(CAP_PM) >> 16) == 3);
  REQUIRE((bench.config_read(CAP_MSIX) >> 16) == MSIX_VECTORS - 1);
  REQUIRE(bench.config_read(CAP_MSIX + 4) == BAR_MSIX_TABLE);
  REQUIRE(bench.config_read(CAP_MSIX + 8) == BAR_MSIX_PBA);
  REQUIRE((bench.config_read(CAP_EXP) >> 16) == 2);
  REQUIRE(bench.config_read(CAP_EXP + EXP_DEVICE_CAP) ==
          (EXP_DEVCAP_MPS_256 | EXP_DEVCAP_EXT_TAG | EXP_DEVCAP_RBER | EXP_DEVCAP_FLR));
  const unsigned types[] = {VIRTIO_CFG_COMMON, VIRTIO_CFG_NOTIFY, VIRTIO_CFG_ISR, VIRTIO_CFG_DEVICE, VIRTIO_CFG_PCI};
  const unsigned offsets[] = {BAR_COMMON, BAR_NOTIFY, BAR_ISR, BAR_DEVICE, 0};
  for (unsigned i = 0; i < 5; ++i) {
    const auto& cap = caps[3 + i];
    REQUIRE(cap.id == CAP_ID_VENDOR);
    const std::uint32_t head = bench.config_read(cap.at);
    REQUIRE((head >> 24) == types[i]);
    const bool longer = types[i] == VIRTIO_CFG_NOTIFY || types[i] == VIRTIO_CFG_PCI;
    REQUIRE(((head >> 16) & 0xff) == (longer ? 20 : 16));
    REQUIRE(bench.config_read(cap.at + 4) == 0);  // BAR 0
    REQUIRE(bench.config_read(cap.at + 8) == offsets[i]);
    REQUIRE(bench.config_read(cap.at + 12) == (types[i] == VIRTIO_CFG_PCI ? 0 : BAR_WINDOW_BYTES));
  }
  REQUIRE(bench.config_read(CAP_VIRTIO_NOTIFY + 16) == NOTIFY_OFF_MULTIPLIER);
}

TEST_CASE("The BAR tells its size, its kind and takes a 64-bit address", "[rtl][pcie]") {
  PcieBench bench;
  bench.config_write(CFG_BAR0, 0xffffffff);
  bench.config_write(CFG_BAR1, 0xffffffff);
  REQUIRE(bench.config_read(CFG_BAR0) == (0xffffffff - (BAR_BYTES - 1)) + 4);
  REQUIRE(bench.config_read(CFG_BAR1) == 0xffffffff);
  for (unsigned bar = 2; bar < 6; ++bar) {
    bench.config_write(CFG_BAR0 + 4 * bar, 0xffffffff);
    REQUIRE(bench.config_read(CFG_BAR0 + 4 * bar) == 0);
  }
  bench.config_write(0x30, 0xffffffff);
  REQUIRE(bench.config_read(0x30) == 0);  // no expansion ROM
  bench.enable();
  REQUIRE(bench.read(0x1234 & ~3u) == tests::RegisterSlave::value(0x1234 & ~3u));
}

TEST_CASE("Read-only registers stay, byte enables select bytes", "[rtl][pcie]") {
  PcieBench bench;
  std::array<std::uint32_t, 64> before{};
  for (unsigned i = 0; i < 64; ++i) before[i] = bench.config_read(4 * i);
  for (unsigned i = 0; i < 64; ++i) bench.config_write(4 * i, 0xffffffff, 0);
  for (unsigned i = 0; i < 64; ++i) REQUIRE(bench.config_read(4 * i) == before[i]);
  for (const unsigned fixed : {0x00u, 0x08u, 0x2cu, 0x34u, 0x40u, 0x54u, 0x58u, 0x60u, 0x64u, 0x6cu, 0xa0u, 0xa8u}) {
    bench.config_write(fixed, ~before[fixed / 4]);
    REQUIRE(bench.config_read(fixed) == before[fixed / 4]);
  }
  bench.config_write(CFG_COMMAND, 0xffffffff, 0x2);
  REQUIRE((bench.config_read(CFG_COMMAND) & 0xffff) == ((COMMAND_SERR | COMMAND_INTX_DISABLE) & 0xff00));
  bench.config_write(CFG_INTERRUPT_LINE, 0x0b, 0x1);
  REQUIRE(bench.config_read(CFG_INTERRUPT_LINE) == (INTERRUPT_PIN_A << 8 | 0x0b));
  bench.config_write(CAP_MSIX, 0xc0000000, 0x7);
  REQUIRE((bench.config_read(CAP_MSIX) >> 30) == 0);
  bench.config_write(CAP_MSIX, 0xc0000000, 0x8);
  REQUIRE((bench.config_read(CAP_MSIX) >> 30) == 3);
  REQUIRE(bench.dut->msix_enabled_o == 1);
}

TEST_CASE("Device control sets payload sizes and tags; D3hot and the command register stop mastering", "[rtl][pcie]") {
  PcieBench bench;
  REQUIRE((bench.dut->mps_o == 0 && bench.dut->mrrs_o == 2 && bench.dut->ext_tag_en_o == 0));
  bench.config_write(CAP_EXP + EXP_DEVICE_CTRL, (5u << 12) | EXP_DEVCTRL_EXT_TAG | (1u << 5), 0x3);
  REQUIRE((bench.dut->mps_o == 1 && bench.dut->mrrs_o == 5 && bench.dut->ext_tag_en_o == 1));
  bench.enable();
  REQUIRE(bench.dut->bus_master_en_o == 1);
  bench.config_write(CAP_PM + 4, 2);  // D2 does not exist
  REQUIRE((bench.config_read(CAP_PM + 4) & 3) == 0);
  bench.config_write(CAP_PM + 4, 3);
  REQUIRE(bench.dut->bus_master_en_o == 0);
  const auto t = bench.ask(tests::request(TLP_MRD64, PcieBench::kBar, 1, 0xf, 0, 1));
  REQUIRE(tests::cpl_status(*t) == CPL_UR);
  bench.config_write(CAP_PM + 4, 0);
  REQUIRE(bench.dut->bus_master_en_o == 1);
  REQUIRE(bench.read(0) == tests::RegisterSlave::value(0));
}

TEST_CASE("The bus and device number of a configuration write become the requester ID", "[rtl][pcie]") {
  PcieBench bench;
  REQUIRE(bench.dut->requester_id_o == 0);
  bench.config_read(0);
  REQUIRE(bench.dut->requester_id_o == 0);
  bench.config_write(CFG_INTERRUPT_LINE, 0, 0);
  REQUIRE(bench.dut->requester_id_o == PcieBench::kId);
  const auto t = bench.ask(tests::request(TLP_CFGRD0, 0, 1, 0xf, 0, 1));
  REQUIRE((t->header[1] >> 16) == PcieBench::kId);
}

TEST_CASE("Function level reset clears all but what the specification exempts", "[rtl][pcie]") {
  PcieBench bench;
  std::array<std::uint32_t, 64> fresh{};
  for (unsigned i = 0; i < 64; ++i) fresh[i] = bench.config_read(4 * i);
  bench.enable();
  for (unsigned i = 0; i < 64; ++i) {
    if (4 * i != CAP_EXP + EXP_DEVICE_CTRL && 4 * i != CAP_VIRTIO_PCI_DATA) bench.config_write(4 * i, 0x7f7f7f7f);
  }
  bench.config_write(CAP_EXP + EXP_DEVICE_CTRL, (1u << 5) | EXP_DEVCTRL_EXT_TAG);
  bench.config_write(CAP_EXP + EXP_LINK_CTRL, 1u << 6);
  bench.config_write(CAP_PM + 4, 0);
  bench.counts.clear();
  bench.config_write(CAP_EXP + EXP_DEVICE_CTRL, (1u << 5) | EXP_DEVCTRL_EXT_TAG | EXP_DEVCTRL_FLR);
  REQUIRE(bench.counts["flr"] == 1);
  REQUIRE(bench.dut->requester_id_o == PcieBench::kId);
  REQUIRE((bench.config_read(CAP_EXP + EXP_DEVICE_CTRL) & 0xffff) == 0x2830);  // MPS stays
  REQUIRE((bench.config_read(CAP_EXP + EXP_LINK_CTRL) & 0xffff) == 1u << 6);
  for (unsigned i = 0; i < 64; ++i) {
    const unsigned at = 4 * i;
    if (at == CAP_EXP + EXP_DEVICE_CTRL || at == CAP_EXP + EXP_LINK_CTRL || at == CAP_EXP + EXP_LINK_CTRL2) continue;
    CAPTURE(at);
    REQUIRE(bench.config_read(at) == fresh[i]);
  }
}

TEST_CASE("The CFG access capability performs BAR accesses of 1, 2 and 4 bytes", "[rtl][pcie][virtio]") {
  PcieBench bench;
  const auto aim = [&](unsigned bar, std::uint32_t offset, std::uint32_t length) {
    bench.config_write(CAP_VIRTIO_PCI + 4, bar, 1);
    bench.config_write(CAP_VIRTIO_PCI + 8, offset);
    bench.config_write(CAP_VIRTIO_PCI + 12, length);
    bench.virtio.accesses.clear();
  };
  for (const unsigned length : {1u, 2u, 4u}) {
    for (unsigned lane = 0; lane < 4; lane += length) {
      const std::uint64_t mask = (std::uint64_t{1} << (8 * length)) - 1;
      aim(0, 0x2010 + lane, length);
      bench.config_write(CAP_VIRTIO_PCI_DATA, 0x11223344);
      REQUIRE(bench.virtio.accesses.size() == 1);
      const auto w = bench.virtio.accesses[0];
      REQUIRE((w.write && w.address == 0x2010 && w.be == (((1u << length) - 1) << lane)));
      REQUIRE(((w.data >> (8 * lane)) & mask) == (0x11223344 & mask));
      const std::uint32_t value = bench.config_read(CAP_VIRTIO_PCI_DATA);
      REQUIRE(bench.virtio.accesses.size() == 2);
      const auto r = bench.virtio.accesses[1];
      REQUIRE((!r.write && r.address == 0x2010 && r.be == w.be));
      REQUIRE((value & mask) == ((tests::RegisterSlave::value(0x2010) >> (8 * lane)) & mask));
    }
  }
  struct Wrong {
    unsigned bar;
    std::uint32_t offset, length;
  };
  for (const Wrong& w : {Wrong{1, 0, 4}, Wrong{0, BAR_BYTES, 4}, Wrong{0, 2, 4}, Wrong{0, 1, 2}, Wrong{0, 0, 3},
                         Wrong{0, 0, 0}, Wrong{0, 0, 8}, Wrong{0, 0x20000, 4}}) {
    aim(w.bar, w.offset, w.length);
    bench.config_write(CAP_VIRTIO_PCI_DATA, 0x55667788);
    REQUIRE(bench.config_read(CAP_VIRTIO_PCI_DATA) == 0x55667788);
    REQUIRE(bench.virtio.accesses.empty());
  }
  aim(0, BAR_MSIX_TABLE + 12, 4);  // the window reaches every slave
  REQUIRE(bench.config_read(CAP_VIRTIO_PCI_DATA) == MSIX_ENTRY_MASKED);
}
