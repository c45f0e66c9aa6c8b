// SPDX-License-Identifier: Apache-2.0
// Who is picked: only who wants to be, in turn, and nobody waits for more than all the others.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>

#include "tests/rtl/clocked.hpp"
#include "Vrr_pick_test_rtl.h"

namespace {

constexpr unsigned kN = 6;

/// Serves whoever is shown, each in `busy` cycles without another take.
class Pick {
 public:
  /// One service; gives the number served, or kN if nobody was shown within four cycles.
  unsigned serve(unsigned want, int busy = 2) {
    dut->want_i = static_cast<std::uint8_t>(want);
    for (int patience = 4; patience > 0; --patience) {
      dut->take_i = 0;
      dut.settle();
      if (dut->valid_o) {
        const unsigned number = dut->number_o;
        REQUIRE((want >> number & 1u) == 1u);
        dut->take_i = 1;
        dut.tick();
        dut->take_i = 0;
        for (int k = 1; k < busy; ++k) dut.tick();
        return number;
      }
      dut.tick();
    }
    return kN;
  }

  tests::Clocked<Vrr_pick_test_rtl> dut;
};

}  // namespace

TEST_CASE("Everyone who keeps wanting is served once before anyone is served twice", "[rtl][common]") {
  for (unsigned want = 0; want < 1u << kN; ++want) {
    for (const int busy : {2, 5}) {
      Pick pick;
      unsigned wanting = 0;
      for (unsigned k = 0; k < kN; ++k) wanting += want >> k & 1u;
      if (wanting == 0) {
        REQUIRE(pick.serve(0) == kN);
        continue;
      }
      for (int round = 0; round < 3; ++round) {
        unsigned served = 0;
        for (unsigned k = 0; k < wanting; ++k) served |= 1u << pick.serve(want, busy);
        REQUIRE(served == want);
      }
    }
  }
}

TEST_CASE("Wishes that come and go: nobody waits for more than all the others", "[rtl][common]") {
  Pick pick;
  std::mt19937 random(1);
  std::array<unsigned, kN> waited{};
  unsigned want = 0;
  for (int k = 0; k < 20000; ++k) {
    want |= static_cast<unsigned>(random() % (1u << kN));
    const unsigned number = pick.serve(want, 2 + static_cast<int>(random() % 3));
    REQUIRE(number < kN);
    for (unsigned other = 0; other < kN; ++other) waited.at(other) += want >> other & 1u;
    waited.at(number) = 0;
    want &= ~(1u << number);
    REQUIRE(*std::max_element(waited.begin(), waited.end()) < kN);
    if (random() % 4 == 0) want = 0;
    for (unsigned other = 0; other < kN; ++other) waited.at(other) = (want >> other & 1u) != 0 ? waited.at(other) : 0;
    if (want == 0) want = 1u << (random() % kN);
  }
}

TEST_CASE("A wish that was taken back is not shown", "[rtl][common]") {
  Pick pick;
  pick.dut->want_i = 8;
  pick.dut->take_i = 0;
  pick.dut.tick();
  REQUIRE(pick.dut->valid_o);
  REQUIRE(pick.dut->number_o == 3);
  pick.dut->want_i = 0;
  pick.dut.settle();
  REQUIRE(!pick.dut->valid_o);
}
