// SPDX-License-Identifier: Apache-2.0
// The account of the transmit packet buffer against a list of who holds what.
#include <catch2/catch.hpp>
#include <deque>
#include <random>

#include "tests/rtl/clocked.hpp"
#include "Vvirtio_tx_space_test_rtl.h"

TEST_CASE("Words are never handed out twice and always come back", "[rtl][virtio]") {
  constexpr unsigned kDepth = 64;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    tests::Clocked<Vvirtio_tx_space_test_rtl> dut;
    std::mt19937 random(seed);
    std::deque<unsigned> open;  // words of slots not yet given up
    std::deque<unsigned> lent;  // words the packet buffer has to return
    unsigned expected_base = 0;
    unsigned held = 0;   // words not free by any account
    unsigned loose = 0;  // words given up without a frame since the last one
    const bool drops_only = seed % 5 == 0;
    for (int cycle = 0; cycle < 20000; ++cycle) {
      const unsigned want = 1 + static_cast<unsigned>(random() % 20);
      dut->want_i = static_cast<std::uint16_t>(want);
      dut.settle();
      const bool take = dut->fits_o && random() % 2 == 0;
      dut->take_i = take;
      if (take) {
        REQUIRE(dut->base_o == (expected_base & 0x7fff));
        expected_base += want;
        open.push_back(want);
        held += want;
        REQUIRE(held <= kDepth);
      }
      const bool retire = !open.empty() && !(take && open.size() == 1) && random() % 3 == 0;
      const bool commit = !drops_only && random() % 2 == 0;
      dut->retire_i = retire;
      dut->committed_i = commit;
      dut->free_valid_i = 0;
      const bool reclaimed = lent.empty() && !retire;
      if (!lent.empty() && random() % 4 == 0) {
        dut->free_valid_i = 1;
        dut->free_words_i = static_cast<std::uint16_t>(lent.front());
        held -= lent.front();
        lent.pop_front();
      }
      if (retire) {
        dut->retire_words_i = static_cast<std::uint16_t>(open.front());
        dut.settle();
        loose += open.front();
        if (commit) {
          REQUIRE(dut->release_words_o == loose);
          loose = 0;
          lent.push_back(dut->release_words_o);
        }
        open.pop_front();
      }
      if (reclaimed) {
        held -= loose;
        loose = 0;
      }
      dut.tick();
      // With nothing open and nothing lent, all of it has to be free again within two cycles.
      if (open.empty() && lent.empty()) {
        dut->take_i = dut->retire_i = dut->free_valid_i = 0;
        dut.tick();
        dut.tick();
        dut->want_i = kDepth;
        dut.settle();
        REQUIRE(dut->fits_o);
        held = loose = 0;
      }
    }
    REQUIRE(expected_base > 10 * kDepth);
  }
}
