// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/xgmii_stream.hpp"
#include "Vmac_rx_fault_test_rtl.h"

namespace {

using namespace tests;

constexpr unsigned kNone = 0, kLocal = 1, kRemote = 2, kOther = 3;  // /Q/ with another meaning

/// IEEE 802.3 46.3.4, one column at a time: what counts is the column's number and the last sequences.
class Reference {
 public:
  unsigned column(unsigned kind) {
    ++now_;
    if (kind == kLocal || kind == kRemote) {
      seen_ = kind == last_ && now_ - at_ <= 128 ? seen_ + 1 : 1;
      last_ = kind;
      at_ = now_;
      if (seen_ >= 4) fault_ = kind;
    } else if (now_ - at_ > 128) {
      fault_ = last_ = kNone;
    }
    return fault_;
  }

 private:
  long now_ = 1000, at_ = 0;
  unsigned seen_ = 0, last_ = kNone, fault_ = kNone;
};

std::uint64_t column_data(unsigned kind) {
  return kind == kNone ? 0x07070707U : 0x9CU | kind << 24;
}

class Bench {
 public:
  /// Two columns; the levels that belong to what was sent before them.
  unsigned word(unsigned first, unsigned second) {
    const auto ctrl = static_cast<std::uint8_t>((first == kNone ? 0xFU : 1U) | (second == kNone ? 0xFU : 1U) << 4);
    put_xgmii(dut_->xgmii_i, XgmiiWord{column_data(first) | column_data(second) << 32, ctrl});
    dut_.tick();
    began[0] += dut_->local_began_o;
    began[1] += dut_->remote_began_o;
    return (dut_->local_o != 0 ? kLocal : 0U) | (dut_->remote_o != 0 ? kRemote : 0U);
  }
  unsigned began[2] = {0, 0};

 private:
  Clocked<Vmac_rx_fault_test_rtl> dut_;
};

}  // namespace

TEST_CASE("Four sequences of a kind make a fault, 128 columns of silence end it", "[rtl][mac]") {
  Bench bench;
  for (int i = 0; i < 3; ++i) bench.word(kNone, kRemote);
  for (int i = 0; i < 10; ++i) REQUIRE(bench.word(kNone, kNone) == kNone);
  bench.word(kRemote, kNone);
  bench.word(kNone, kNone);
  REQUIRE(bench.word(kNone, kNone) == kRemote);
  int columns = 0;
  while (bench.word(kNone, kNone) == kRemote) columns += 2;
  REQUIRE(columns >= 120);
  REQUIRE(columns <= 130);
  REQUIRE(bench.began[0] == 0);
  REQUIRE(bench.began[1] == 1);
}

TEST_CASE("Any mixture of sequences gives the faults of the standard's rules", "[rtl][mac]") {
  const auto seed = GENERATE(range(0U, 12U));
  Random random(seed);
  Bench bench;
  Reference reference;
  unsigned expected = kNone;
  unsigned seen[4] = {0, 0, 0, 0};
  for (int i = 0; i < 60000; ++i) {
    unsigned kinds[2];
    for (unsigned& kind : kinds) {
      // gaps around the limit of 128 columns, and runs of one kind
      const unsigned rate = seed % 4 == 0 ? 2U : seed % 4 == 1 ? 30U : seed % 4 == 2 ? 90U : 200U;
      kind = random() % rate != 0 ? kNone
             : random() % 8 == 0  ? 1U + random() % 3
                                  : (i / 2000 % 2 == 0 ? kLocal : kRemote);
    }
    const unsigned shown = bench.word(kinds[0], kinds[1]);
    REQUIRE(shown == expected);
    ++seen[shown];
    reference.column(kinds[0]);
    expected = reference.column(kinds[1]);
  }
  if (seed % 4 != 3) REQUIRE(seen[kLocal] > 100);
  if (seed % 4 != 3) REQUIRE(seen[kRemote] > 100);
  REQUIRE(seen[kLocal | kRemote] == 0);
}
