// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "Vmac_pause_timer_test_rtl.h"

namespace {

using namespace tests;

constexpr unsigned kLink = 8;  // timer of the link
constexpr long kQuantum = 8;   // cycles

class Bench {
 public:
  explicit Bench(unsigned watchdog = 0) { dut_->watchdog_i = watchdog; }
  void pause(unsigned quanta) { load(1U << 8, quanta); }
  void classes(unsigned which, unsigned quanta) { load(which, quanta); }
  /// All classes, class k for `step` quanta more than class k - 1.
  void staircase(unsigned step) { load(0xFF, step, step); }
  void tick(long cycles = 1) {
    for (; cycles != 0; --cycles) {
      dut_.tick();
      storms += dut_->storm_o;
    }
  }
  [[nodiscard]] bool paused(unsigned timer) { return (dut_->paused_o >> timer & 1U) != 0; }
  /// Cycles until the timer lets go, from now on.
  long wait(unsigned timer) {
    long cycles = 0;
    for (; paused(timer); ++cycles) tick();
    return cycles;
  }
  unsigned storms = 0;

 private:
  void load(unsigned which, unsigned quanta, unsigned step = 0) {
    for (unsigned i = 0; i < 4; ++i) {
      dut_->pause_i[i] = (quanta + 2 * i * step) | (quanta + (2 * i + 1) * step) << 16;
    }
    dut_->pause_i[4] = which >> 8 != 0 ? 0U : 1U << 8 | which;
    dut_->pause_valid_i = 1;
    tick();
    dut_->pause_valid_i = 0;
    tick();
  }
  Clocked<Vmac_pause_timer_test_rtl> dut_;
};

}  // namespace

TEST_CASE("A pause lasts its quanta, less one at most", "[rtl][mac]") {
  const auto quanta = GENERATE(1U, 2U, 3U, 100U, 5000U);
  Bench bench;
  bench.pause(quanta);
  const long held = bench.wait(kLink);
  REQUIRE(held <= quanta * kQuantum);
  REQUIRE(held >= (static_cast<long>(quanta) - 1) * kQuantum);
  REQUIRE(bench.storms == 0);
}

TEST_CASE("A new pause replaces the old one, and quanta of 0 end it at once", "[rtl][mac]") {
  Bench bench;
  bench.pause(1000);
  bench.tick(50);
  bench.pause(10);
  REQUIRE(bench.wait(kLink) <= 10 * kQuantum);
  bench.pause(0xFFFF);
  bench.tick(50);
  REQUIRE(bench.paused(kLink));
  bench.pause(0);
  REQUIRE_FALSE(bench.paused(kLink));
}

TEST_CASE("Each class has the quanta of its own", "[rtl][mac]") {
  Bench bench;
  bench.staircase(20);
  long held = 0;
  for (unsigned k = 0; k < 8; ++k) {
    held += bench.wait(k);
    REQUIRE(held <= 20 * (k + 1L) * kQuantum);
    REQUIRE(held >= (20 * (k + 1L) - 1) * kQuantum);
  }
}

TEST_CASE("Classes are held each for itself, and the link apart from them", "[rtl][mac]") {
  Bench bench;
  bench.classes(0x81, 50);
  for (unsigned timer = 0; timer < 9; ++timer) REQUIRE(bench.paused(timer) == (timer == 0 || timer == 7));
  bench.classes(0x80, 0);
  REQUIRE_FALSE(bench.paused(7));
  REQUIRE(bench.paused(0));
  REQUIRE(bench.wait(0) > 40 * kQuantum);
}

TEST_CASE("A storm is ignored after the watchdog's time until it has run out", "[rtl][mac]") {
  Bench bench(100);
  long held = 0;
  for (int i = 0; i < 50; ++i) {
    bench.pause(40);
    for (int j = 0; j < 200; ++j) {
      held += bench.paused(kLink) ? 1 : 0;
      bench.tick();
    }
  }
  REQUIRE(bench.storms == 1);
  REQUIRE(held <= 101 * kQuantum);
  REQUIRE(held >= 98 * kQuantum);
  bench.tick(41 * kQuantum);  // the storm is over
  bench.pause(5);
  REQUIRE(bench.paused(kLink));
  REQUIRE(bench.wait(kLink) <= 5 * kQuantum);
  REQUIRE(bench.storms == 1);
}

TEST_CASE("Without a watchdog a pause may last for ever", "[rtl][mac]") {
  Bench bench(0);
  for (int i = 0; i < 2000; ++i) {
    bench.pause(0xFFFF);
    bench.tick(100);
    REQUIRE(bench.paused(kLink));
  }
}
