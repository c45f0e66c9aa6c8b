// SPDX-License-Identifier: Apache-2.0
// The order in which a queue comes to rest, for every length of every wait.
#include <catch2/catch.hpp>
#include <random>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "Vvirtq_drain_test_rtl.h"

TEST_CASE("A queue is stopped, gated and reset in this order, and never reset while anything is open",
          "[rtl][virtio]") {
  tests::Clocked<Vvirtq_drain_test_rtl> dut;
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    dut->drain_i = 0;
    dut->quiet_i = 0;
    for (int k = 0; k < 5; ++k) dut.tick();
    REQUIRE_FALSE(dut->stop_o);
    REQUIRE_FALSE(dut->gate_o);
    REQUIRE_FALSE(dut->rst_o);
    dut->drain_i = 1;
    int to_quiet = static_cast<int>(random() % 40);
    int busy = static_cast<int>(random() % 60);
    int idle_since = 0;
    int waited = 0;
    while (!dut->drained_o) {
      if (to_quiet > 0) --to_quiet;
      dut->quiet_i = to_quiet == 0;
      // The DMA stays busy for a while after the engines are quiet, with a gap now and then.
      if (to_quiet == 0 && busy > 0) --busy;
      dut->busy_i = busy > 0 && random() % 4 != 0;
      idle_since = dut->busy_i ? 0 : idle_since + 1;
      dut.settle();
      REQUIRE(!(dut->gate_o && !dut->stop_o));
      REQUIRE(!(dut->rst_o && !dut->gate_o));
      REQUIRE(!(dut->gate_o && !dut->quiet_i));
      if (dut->rst_o) {
        REQUIRE(idle_since > 16);
        busy = 0;
      }
      dut.tick();
      REQUIRE(++waited < 400);
    }
    for (unsigned k = 0; k < random() % 20; ++k) {
      dut.tick();
      REQUIRE(dut->rst_o);  // held until the owner has cleared its registers
      REQUIRE(dut->drained_o);
    }
  }
}

TEST_CASE("A running queue reports its first error once; a draining one reports none", "[rtl][virtio]") {
  tests::Clocked<Vvirtq_drain_test_rtl> dut;
  dut->quiet_i = 1;
  dut->error_i = contract::DESC_ERR_LENGTH;
  int reports = 0;
  for (int k = 0; k < 50; ++k) {
    dut.settle();
    reports += dut->failed_o;
    dut.tick();
  }
  REQUIRE(reports == 1);
  dut->drain_i = 1;
  while (!dut->drained_o) dut.tick();
  dut->error_i = contract::DESC_ERR_NONE;
  dut->drain_i = 0;
  for (int k = 0; k < 5; ++k) dut.tick();
  dut->drain_i = 1;
  dut->error_i = contract::DESC_ERR_READ;  // what a reset does to a read under way
  for (int k = 0; k < 5; ++k) {
    dut.settle();
    REQUIRE_FALSE(dut->failed_o);
    dut.tick();
  }
}
