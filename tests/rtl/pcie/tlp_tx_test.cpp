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

void master(PcieBench& bench, bool on) {
  bench.config_write(CFG_COMMAND, COMMAND_MEMORY | (on ? COMMAND_MASTER : 0));
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

TEST_CASE("Requests that wait for credits when the bus master goes are dropped, and use none", "[rtl][pcie]") {
  PcieBench bench;
  bench.enable();
  limit(bench, 0, 0, 0);
  for (unsigned i = 0; i < 3; ++i) {
    post(bench, 16);
    fetch(bench, i);
  }
  bench.cycles(50);
  REQUIRE(bench.dropped_posted + bench.dropped_nonposted == 0);
  master(bench, false);
  bench.cycles(50);
  REQUIRE(bench.posted.empty());
  REQUIRE(bench.nonposted.empty());
  REQUIRE(bench.dropped_posted == 3 * 16 * 4 / tests::kBeatBytes);
  REQUIRE(bench.dropped_nonposted == 3);
  REQUIRE(bench.from_nic.size() == 1);  // the completion
  master(bench, true);
  limit(bench, 1, 4, 1);
  post(bench, 16, 0x2000);
  fetch(bench, 9);
  post(bench, 16, 0x3000);
  fetch(bench, 10);
  bench.from_nic.clear();
  bench.cycles(50);
  REQUIRE(bench.from_nic.size() == 2);
  REQUIRE(count_of(bench, TLP_MWR32) == 1);
  REQUIRE(count_of(bench, TLP_MRD32) == 1);
  REQUIRE(bench.dropped_nonposted == 3);
}

TEST_CASE("A write whose first beat was dropped is dropped to its end, though the bus master is back", "[rtl][pcie]") {
  PcieBench bench;
  bench.enable();
  master(bench, false);
  post(bench, 16);
  std::deque<tests::TlpBeat> rest;
  while (bench.posted.size() > 1) {
    rest.push_front(bench.posted.back());
    bench.posted.pop_back();
  }
  const auto beats = static_cast<unsigned>(rest.size()) + 1;
  bench.cycles(10);
  REQUIRE(bench.dropped_posted == 1);
  master(bench, true);
  for (const auto& beat : rest) bench.posted.push_back(beat);
  post(bench, 16, 0x2000);
  bench.from_nic.clear();
  bench.cycles(50);
  REQUIRE(bench.dropped_posted == beats);
  REQUIRE(bench.from_nic.size() == 1);
  REQUIRE(tests::address_of(bench.from_nic.front()) == 0x2000);
}

TEST_CASE("A write that has begun when the bus master goes is finished", "[rtl][pcie]") {
  for (unsigned after = 0; after < 40; ++after) {
    PcieBench bench(after + 1);
    bench.enable();
    bench.send(request(TLP_CFGWR0, PcieBench::config_address(CFG_COMMAND), 1, 0xf, 0, 1, {COMMAND_MEMORY}));
    bench.from_nic.clear();
    bench.cycles(static_cast<int>(after));
    for (unsigned i = 0; i < 4; ++i) post(bench, 16, 0x1000 + 64 * i);
    bench.cycles(200);
    constexpr unsigned kBeats = 16 * 4 / tests::kBeatBytes;
    REQUIRE(bench.dropped_posted % kBeats == 0);
    REQUIRE(count_of(bench, TLP_MWR32) == 4 - bench.dropped_posted / kBeats);
    // and none begins behind the completion that says so
    REQUIRE(bench.from_nic.size() == 5 - bench.dropped_posted / kBeats);
    REQUIRE_FALSE(tests::has_data(bench.from_nic.back()));
  }
}

TEST_CASE("INTx messages need no bus master and wait for credits without it", "[rtl][pcie]") {
  PcieBench bench;
  bench.enable();
  limit(bench, 0, 0, 0);
  master(bench, false);
  bench.from_nic.clear();
  bench.dut->intx_i = 1;
  bench.cycles(20);
  REQUIRE(bench.from_nic.empty());
  post(bench, 16);
  bench.cycles(20);
  REQUIRE(bench.dropped_posted == 0);  // behind the message
  limit(bench, 1, 0, 0);
  bench.cycles(50);
  REQUIRE(count_of(bench, TLP_MSG_LOCAL) == 1);
  REQUIRE(bench.from_nic.size() == 1);
  REQUIRE(bench.posted.empty());
}
