// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/pcie/pcie_bench.hpp"

using namespace contract;
using tests::PcieBench;
using tests::request;

namespace {

constexpr std::uint64_t kBar = PcieBench::kBar;

/// tlp_pkg::credit_limit_t: infinite {ph, pd, nph, cplh, cpld}, ph 8, pd 12, nph 8, cplh 8, cpld 12.
void limit(PcieBench& bench, unsigned ph, unsigned pd, unsigned nph) {
  bench.dut->credit_limit_i =
      (std::uint64_t{0x3} << 48) | (std::uint64_t{ph} << 40) | (std::uint64_t{pd} << 28) | (std::uint64_t{nph} << 20);
}

void post(PcieBench& bench, unsigned dws, std::uint64_t address = 0x1000) {
  for (const auto& b : tests::beats_of(request(TLP_MWR32, address, dws, 0xf, dws == 1 ? 0 : 0xf, 0,
                                               std::vector<std::uint32_t>(dws, 0x11111111 * dws)))) {
    bench.posted.push_back(b);
  }
}

void fetch(PcieBench& bench, unsigned tag) {
  for (const auto& b : tests::beats_of(request(TLP_MRD32, 0x1000, 16, 0xf, 0xf, tag))) bench.nonposted.push_back(b);
}

unsigned count_of(const PcieBench& bench, unsigned type) {
  unsigned n = 0;
  for (const auto& t : bench.from_nic) n += tests::fmt_type(t) == type ? 1 : 0;
  return n;
}

}  // namespace

TEST_CASE("A class without credits waits and the others pass", "[rtl][pcie]") {
  PcieBench bench;
  bench.enable();
  bench.from_nic.clear();
  limit(bench, 0, 0, 0);
  for (unsigned i = 0; i < 4; ++i) {
    post(bench, 16);
    fetch(bench, i);
  }
  bench.cycles(50);
  REQUIRE(bench.from_nic.empty());
  const auto answer = bench.ask(request(TLP_MRD64, kBar, 1, 0xf, 0, 1));
  REQUIRE(answer);  // completions pass
  limit(bench, 0, 0, 2);
  bench.cycles(50);
  REQUIRE(count_of(bench, TLP_MRD32) == 2);
  limit(bench, 1, 3, 2);  // a header but too little data
  bench.cycles(50);
  REQUIRE(count_of(bench, TLP_MWR32) == 0);
  limit(bench, 1, 4, 2);
  bench.cycles(50);
  REQUIRE(count_of(bench, TLP_MWR32) == 1);
  limit(bench, 4, 15, 4);
  bench.cycles(50);
  REQUIRE(count_of(bench, TLP_MWR32) == 3);
  REQUIRE(count_of(bench, TLP_MRD32) == 4);
  limit(bench, 4, 16, 4);
  bench.cycles(50);
  REQUIRE(count_of(bench, TLP_MWR32) == 4);
}

TEST_CASE("Credit counters wrap without losing count", "[rtl][pcie]") {
  PcieBench bench;
  bench.enable();
  bench.from_nic.clear();
  unsigned ph = 0;
  unsigned pd = 0;
  for (unsigned i = 0; i < 700; ++i) {
    const unsigned dws = 1 + bench.draw(64);
    post(bench, dws);
    pd += (dws + 3) / 4;
    limit(bench, ph & 0xff, (pd - 1) & 0xfff, 0);
    bench.cycles(5);
    REQUIRE(bench.from_nic.size() == i);
    ph += 1;
    limit(bench, ph & 0xff, (pd - 1) & 0xfff, 0);
    bench.cycles(5);
    REQUIRE(bench.from_nic.size() == i);
    limit(bench, ph & 0xff, pd & 0xfff, 0);
    bench.cycles(45);
    REQUIRE(bench.from_nic.size() == i + 1);
  }
}

TEST_CASE("Unlimited classes share the link in whole TLPs, beat after beat", "[rtl][pcie]") {
  PcieBench bench;
  bench.enable();
  bench.from_nic.clear();
  for (unsigned i = 0; i < 40; ++i) {
    post(bench, 16, 0x1000 + 64 * i);
    fetch(bench, i);
  }
  bench.out_beats = 0;
  bench.cycles(3);
  const unsigned before = bench.out_beats;
  bench.cycles(200);
  REQUIRE(bench.out_beats - before == 200);
  bench.cycles(200);
  REQUIRE(bench.from_nic.size() == 80);
  unsigned posted = 0;
  unsigned fetched = 0;
  for (const auto& t : bench.from_nic) {
    if (tests::has_data(t)) REQUIRE(tests::address_of(t) == 0x1000 + 64 * posted++);
    if (!tests::has_data(t)) REQUIRE(tests::tag_of(t) == fetched++);
  }
}

TEST_CASE("Stalls on the link change nothing but the time", "[rtl][pcie]") {
  PcieBench bench(5);
  bench.enable();
  bench.from_nic.clear();
  bench.out_stall = 60;
  for (unsigned i = 0; i < 60; ++i) {
    post(bench, 1 + bench.draw(40));
    fetch(bench, i);
    bench.send(request(TLP_MRD64, kBar, 1, 0xf, 0, i));
  }
  bench.cycles(6000);
  REQUIRE(bench.from_nic.size() == 180);
}
