// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <deque>
#include <random>

#include "tests/rtl/clocked.hpp"
#include "Vskid_buffer_test_rtl.h"

TEST_CASE("A skid buffer keeps every word and its order under any stalls", "[rtl][common]") {
  tests::Clocked<Vskid_buffer_test_rtl> dut;
  std::mt19937 random(1);
  std::deque<unsigned> expected;
  unsigned next = 0;
  bool offering = false;
  unsigned received = 0;
  while (received < 2000) {
    if (!offering) offering = random() % 3 != 0;
    dut->in_valid_i = offering;
    dut->in_i = next & 0xff;
    dut->out_ready_i = random() % 2;
    dut.settle();
    const bool taken = offering && dut->in_ready_o;
    if (dut->out_valid_o && dut->out_ready_i) {
      REQUIRE(!expected.empty());
      REQUIRE(dut->out_o == expected.front());
      expected.pop_front();
      ++received;
    }
    if (taken) {
      expected.push_back(next++ & 0xff);
      offering = false;
    }
    dut.tick();
  }
}

TEST_CASE("A skid buffer passes a word every cycle when nobody stalls", "[rtl][common]") {
  tests::Clocked<Vskid_buffer_test_rtl> dut;
  dut->in_valid_i = 1;
  dut->out_ready_i = 1;
  unsigned received = 0;
  for (int cycle = 0; cycle < 100; ++cycle) {
    dut.settle();
    received += dut->out_valid_o;
    dut.tick();
  }
  REQUIRE(received == 99);
}
