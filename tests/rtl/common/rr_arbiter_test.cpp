// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <random>

#include "tests/rtl/clocked.hpp"
#include "Vrr_arbiter_test_rtl.h"

namespace {

constexpr unsigned kN = 6;

/// The plain reference: look upwards from the one after the last owner, keep the owner until advance.
struct Reference {
  unsigned turn = 0;
  int owner = -1;

  int grant(unsigned requests) {
    if (owner >= 0) return owner;
    for (unsigned k = 0; k < kN; ++k) {
      if (requests >> ((turn + k) % kN) & 1) return static_cast<int>((turn + k) % kN);
    }
    return -1;
  }
  void clock(int granted, bool advance) {
    if (granted < 0) return;
    owner = advance ? -1 : granted;
    if (advance) turn = static_cast<unsigned>(granted) + 1;
  }
};

}  // namespace

TEST_CASE("The arbiter grants like a plain round robin with a lock", "[rtl][common]") {
  tests::Clocked<Vrr_arbiter_test_rtl> dut;
  Reference reference;
  std::mt19937 random(1);
  for (int cycle = 0; cycle < 20000; ++cycle) {
    dut->req_i = random() % (1U << kN) & random();
    dut->advance_i = random() % 3 == 0;
    dut.settle();
    const int expected = reference.grant(dut->req_i);
    REQUIRE(dut->grant_o == (expected < 0 ? 0U : 1U << expected));
    reference.clock(expected, dut->advance_i);
    dut.tick();
  }
}

TEST_CASE("When everyone asks, everyone gets the same share", "[rtl][common]") {
  tests::Clocked<Vrr_arbiter_test_rtl> dut;
  std::array<int, kN> grants{};
  dut->req_i = (1U << kN) - 1;
  dut->advance_i = 1;
  for (int cycle = 0; cycle < 600; ++cycle) {
    dut.settle();
    ++grants[static_cast<unsigned>(std::countr_zero(static_cast<unsigned>(dut->grant_o)))];
    dut.tick();
  }
  for (int count : grants) REQUIRE(count == 100);
}
