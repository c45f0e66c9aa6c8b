// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/pcie/pcie_bench.hpp"

using namespace contract;
using tests::PcieBench;
using tests::request;
using tests::Tlp;

namespace {

constexpr std::uint64_t kBar = PcieBench::kBar;
constexpr unsigned kSilence = 99;

struct Case {
  const char* what;
  Tlp tlp;
  unsigned status;      // kSilence: no completion
  const char* counter;  // or nullptr
};

Tlp poisoned(Tlp t) {
  t.header[0] |= 1u << 14;
  return t;
}

std::vector<Case> matrix() {
  const std::uint64_t cfg = PcieBench::config_address(0);
  const std::vector<std::uint32_t> one{0x12345678}, two{1, 2};
  return {
      {"read in the BAR", request(TLP_MRD64, kBar, 1, 0xf, 0, 1), CPL_SC, nullptr},
      {"read of no byte", request(TLP_MRD64, kBar, 1, 0x0, 0, 2), CPL_SC, nullptr},
      {"read of two DW", request(TLP_MRD64, kBar, 2, 0xf, 0xf, 3), CPL_CA, "aborted"},
      {"read of 4 KB", request(TLP_MRD64, kBar, 1024, 0xf, 0xf, 3), CPL_CA, "aborted"},
      {"read below the BAR", request(TLP_MRD64, kBar - 4, 1, 0xf, 0, 4), CPL_UR, "unsupported"},
      {"read above the BAR", request(TLP_MRD64, kBar + BAR_BYTES, 1, 0xf, 0, 4), CPL_UR, "unsupported"},
      {"read with a short address", request(TLP_MRD32, kBar & 0xffffffff, 1, 0xf, 0, 5), CPL_UR, "unsupported"},
      {"locked read", request(TLP_MRDLK64, kBar, 1, 0xf, 0, 6), CPL_UR, "unsupported"},
      {"locked read, short", request(TLP_MRDLK32, kBar & 0xffffffff, 1, 0xf, 0, 6), CPL_UR, "unsupported"},
      {"I/O read", request(TLP_IORD, 0x1000, 1, 0xf, 0, 7), CPL_UR, "unsupported"},
      {"I/O write", request(TLP_IOWR, 0x1000, 1, 0xf, 0, 8, one), CPL_UR, "unsupported"},
      {"type 1 read", request(TLP_CFGRD1, cfg, 1, 0xf, 0, 9), CPL_UR, "unsupported"},
      {"type 1 write", request(TLP_CFGWR1, cfg, 1, 0xf, 0, 10, one), CPL_UR, "unsupported"},
      {"function 1", request(TLP_CFGRD0, cfg | (1u << 16), 1, 0xf, 0, 11), CPL_UR, "unsupported"},
      {"configuration read of two DW", request(TLP_CFGRD0, cfg, 2, 0xf, 0xf, 12), CPL_UR, "unsupported"},
      {"configuration write of two DW", request(TLP_CFGWR0, cfg, 2, 0xf, 0xf, 13, two), CPL_UR, "unsupported"},
      {"poisoned configuration write", poisoned(request(TLP_CFGWR0, cfg, 1, 0xf, 0, 14, one)), CPL_UR, "poisoned"},
      {"FetchAdd", request(TLP_FETCHADD32, 0x1000, 1, 0xf, 0, 15, one), CPL_UR, "unsupported"},
      {"FetchAdd, 64-bit", request(TLP_FETCHADD64, kBar, 2, 0xf, 0xf, 16, two), CPL_UR, "unsupported"},
      {"Swap", request(TLP_SWAP64, kBar, 1, 0xf, 0, 17, one), CPL_UR, "unsupported"},
      {"CAS", request(TLP_CAS64, kBar, 2, 0xf, 0xf, 18, two), CPL_UR, "unsupported"},
      {"write in the BAR", request(TLP_MWR64, kBar, 1, 0xf, 0, 0, one), kSilence, nullptr},
      {"write of no byte", request(TLP_MWR64, kBar, 1, 0x0, 0, 0, one), kSilence, nullptr},
      {"write of two DW", request(TLP_MWR64, kBar, 2, 0xf, 0xf, 0, two), kSilence, "aborted"},
      {"write elsewhere", request(TLP_MWR64, kBar + BAR_BYTES, 1, 0xf, 0, 0, one), kSilence, "unsupported"},
      {"poisoned write", poisoned(request(TLP_MWR64, kBar, 1, 0xf, 0, 0, one)), kSilence, "poisoned"},
      {"write without its payload", request(TLP_MWR64, kBar, 8, 0xf, 0xf, 0, one), kSilence, "ignored"},
      {"write with too much payload", request(TLP_MWR64, kBar, 1, 0xf, 0, 0, {1, 2, 3}), kSilence, "ignored"},
      {"message", request(0x34, 0, 0, 0, 0, 0), kSilence, "ignored"},
      {"message with data", request(0x74, 0, 1, 0, 0, 0, one), kSilence, "ignored"},
      {"undefined type", request(0x1f, 0, 0, 0, 0, 0), kSilence, "ignored"},
  };
}

}  // namespace

TEST_CASE("Every kind of request gets its answer and its counter, and the function stays alive", "[rtl][pcie]") {
  PcieBench bench;
  bench.enable();
  for (const Case& c : matrix()) {
    CAPTURE(c.what);
    bench.counts.clear();
    bench.virtio.accesses.clear();
    const auto t = bench.ask(c.tlp, 100);
    bench.cycles(5);
    REQUIRE((t ? tests::cpl_status(*t) : kSilence) == c.status);
    REQUIRE(bench.from_nic.size() == (t ? 1u : 0u));
    if (t) {
      REQUIRE(tests::cpl_tag(*t) == tests::tag_of(c.tlp));
      REQUIRE((t->header[2] >> 16) == tests::requester_of(c.tlp));
      const bool locked = (tests::fmt_type(c.tlp) & 0x1f) == TLP_MRDLK32;
      REQUIRE(tests::fmt_type(*t) == (c.status == CPL_SC ? TLP_CPLD : locked ? TLP_CPLLK : TLP_CPL));
    }
    REQUIRE(bench.counts["request"] == 1);
    for (const char* name : {"unsupported", "aborted", "poisoned", "ignored"}) {
      if (c.counter != nullptr && std::string(name) == c.counter) REQUIRE(bench.counts[name] == 1);
      if (c.counter == nullptr) REQUIRE(bench.counts[name] == 0);
    }
    const bool performed = c.counter == nullptr && tests::first_be(c.tlp) != 0;
    REQUIRE(bench.virtio.accesses.size() == (performed ? 1u : 0u));
    REQUIRE(bench.config_read(CFG_VENDOR_ID) == ((PCI_DEVICE << 16) | PCI_VENDOR));
  }
}

TEST_CASE("The status register remembers a poisoned and an aborted request until each is cleared", "[rtl][pcie]") {
  constexpr std::uint32_t kParity = 1u << 31, kAbort = 1u << 27;  // PCI 3.0, 6.2.3: bits 15 and 11, write one to clear
  PcieBench bench;
  bench.enable();
  const auto status = [&] { return bench.config_read(CFG_COMMAND) & (kParity | kAbort); };
  REQUIRE(status() == 0);
  bench.ask(poisoned(request(TLP_CFGWR0, PcieBench::config_address(0), 1, 0xf, 0, 14, {1})), 100);
  REQUIRE(status() == kParity);
  bench.ask(request(TLP_MRD64, kBar, 2, 0xf, 0xf, 3), 100);
  REQUIRE(status() == (kParity | kAbort));
  bench.config_write(CFG_COMMAND, 0, 0xc);
  REQUIRE(status() == (kParity | kAbort));
  bench.config_write(CFG_COMMAND, kParity, 0xc);
  REQUIRE(status() == kAbort);
  bench.config_write(CFG_COMMAND, kAbort, 0xc);
  REQUIRE(status() == 0);
}

TEST_CASE("Memory space disabled answers reads UR and drops writes", "[rtl][pcie]") {
  PcieBench bench;
  bench.enable();
  bench.config_write(CFG_COMMAND, COMMAND_MASTER);
  const auto t = bench.ask(request(TLP_MRD64, kBar, 1, 0xf, 0, 1));
  REQUIRE(tests::cpl_status(*t) == CPL_UR);
  bench.write(0, 1);
  REQUIRE(bench.counts["unsupported"] == 2);
  REQUIRE(bench.virtio.accesses.empty());
  const std::uint32_t status = bench.config_read(CAP_EXP + EXP_DEVICE_CTRL) >> 16;
  REQUIRE((status & 8) != 0);  // unsupported request detected
  bench.config_write(CAP_EXP + EXP_DEVICE_CTRL, 0x000f2810);
  REQUIRE((bench.config_read(CAP_EXP + EXP_DEVICE_CTRL) >> 16) == 0);
}

TEST_CASE("Byte count and lower address follow the byte enables (PCIe 2.3.1.1)", "[rtl][pcie]") {
  PcieBench bench;
  bench.enable();
  for (unsigned be = 0; be < 16; ++be) {
    for (const unsigned offset : {0x0u, 0x44u, 0x7cu, 0x3ffcu}) {
      const auto t = bench.ask(request(TLP_MRD64, kBar + offset, 1, be, 0, be));
      const unsigned low = be == 0 ? 0 : static_cast<unsigned>(std::countr_zero(be));
      const unsigned count = be == 0 ? 1 : static_cast<unsigned>(std::bit_width(be)) - low;
      CAPTURE(be, offset);
      REQUIRE(tests::cpl_byte_count(*t) == count);
      REQUIRE(tests::cpl_lower_address(*t) == ((offset & 0x7c) | low));
      REQUIRE(tests::length_dw(*t) == 1);
      if (be != 0) REQUIRE(PcieBench::data_of(*t) == tests::RegisterSlave::value(offset));
      if (be != 0) REQUIRE(bench.virtio.accesses.back().be == be);
    }
  }
  const auto t = bench.ask(request(TLP_MRD64, kBar + 8, 3, 0xc, 0x3, 9));
  REQUIRE(tests::cpl_byte_count(*t) == 8);
  REQUIRE(tests::cpl_lower_address(*t) == 10);
}

TEST_CASE("Every window of the BAR reaches its slave", "[rtl][pcie]") {
  PcieBench bench;
  bench.enable();
  bench.virtio.latency = 3;
  for (const unsigned offset : {BAR_COMMON, BAR_ISR, BAR_DEVICE, BAR_NOTIFY, BAR_NOTIFY + 0xffc}) {
    REQUIRE(bench.read(offset) == tests::RegisterSlave::value(offset));
    REQUIRE(bench.virtio.accesses.back().address == offset);
  }
  REQUIRE(bench.read(BAR_STATS + 8) == tests::RegisterSlave::value(BAR_STATS + 8));
  REQUIRE(bench.stats.accesses.back().address == BAR_STATS + 8);
  REQUIRE(bench.read(0x7000) == 0);
  bench.write(0x7000, 1);
  REQUIRE(bench.stats.accesses.size() == 1);
  bench.write(BAR_NOTIFY + 4, 0xdead0001, 0x3);
  const auto& w = bench.virtio.accesses.back();
  REQUIRE((w.write && w.address == BAR_NOTIFY + 4 && w.be == 3 && w.data == 0xdead0001));
}

TEST_CASE("All advertised requests are absorbed while completions keep flowing", "[rtl][pcie]") {
  PcieBench bench;
  bench.enable();
  bench.counts.clear();
  bench.from_nic.clear();
  bench.out_stall = 100;  // the host takes no completion of ours: the completer stands still
  for (unsigned i = 0; i < 8; ++i) {
    bench.send(request(TLP_MRD64, kBar, 1, 0xf, 0, i));
    bench.send(request(TLP_MWR64, kBar, i == 0 ? 32 : 4, 0xf, 0xf, 0, std::vector<std::uint32_t>(i == 0 ? 32 : 4)));
  }
  for (unsigned i = 0; i < 20; ++i) {
    Tlp c = request(TLP_CPLD, 0, 16, 0, 0, 0, std::vector<std::uint32_t>(16, i));
    bench.send(c);
  }
  bench.cycles(400);
  REQUIRE(bench.to_nic.empty());
  REQUIRE(bench.completions_in.size() == 20);
  bench.out_stall = 0;
  bench.cycles(300);
  REQUIRE(bench.from_nic.size() == 8);
  REQUIRE(bench.counts["nph"] == 8);
  REQUIRE(bench.counts["ph"] == 8);
  REQUIRE(bench.counts["pd"] == 8 + 7);
  REQUIRE(bench.counts["npd"] == 0);
}

TEST_CASE("Credits come back for each kind of request, with its data units", "[rtl][pcie]") {
  PcieBench bench;
  bench.enable();
  REQUIRE(bench.counts["nph"] == 3);
  REQUIRE(bench.counts["npd"] == 3);
  bench.counts.clear();
  for (const unsigned dws : {1u, 4u, 5u, 64u}) {
    bench.send(request(TLP_MWR64, kBar, dws, 0xf, dws == 1 ? 0 : 0xf, 0, std::vector<std::uint32_t>(dws)));
  }
  bench.send(request(0x34, 0, 0, 0, 0, 0));
  bench.cycles(200);
  REQUIRE(bench.counts["ph"] == 5);
  REQUIRE(bench.counts["pd"] == 1 + 1 + 2 + 16);
  REQUIRE(bench.counts["nph"] == 0);
}

TEST_CASE("Random traffic with stalls everywhere is answered once and in order", "[rtl][pcie]") {
  PcieBench bench(7);
  bench.enable();
  bench.out_stall = bench.cpl_stall = bench.slave_stall = 40;
  const auto cases = matrix();
  std::deque<unsigned> expected;
  bench.from_nic.clear();
  for (unsigned i = 0; i < 1500; ++i) {
    const Case& c = cases[bench.draw(static_cast<unsigned>(cases.size()))];
    bench.send(c.tlp);
    if (c.status != kSilence) expected.push_back(tests::tag_of(c.tlp));
    if (bench.draw(3) == 0) bench.send(request(TLP_CPLD, 0, 3, 0, 0, 0, {1, 2, 3}));
  }
  for (int i = 0; i < 200000 && (!bench.to_nic.empty() || bench.from_nic.size() < expected.size()); ++i) bench.cycle();
  REQUIRE(bench.from_nic.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(tests::cpl_tag(bench.from_nic[i]) == expected[i]);
}
