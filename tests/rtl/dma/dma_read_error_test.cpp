// SPDX-License-Identifier: Apache-2.0
// Completions that nobody asked for, or that do not fit: each is counted once, and not a byte lands outside.
#include "tests/rtl/dma/dma_read_bench.hpp"

using tests::completion;
using tests::DmaReadBench;
using tests::Tlp;

namespace {

constexpr unsigned kRequester = DmaReadBench::kRequester;

/// One read of 256 bytes from 0x1040 is outstanding; the test answers it by hand.
struct OneRead : DmaReadBench {
  explicit OneRead(unsigned timeout = 1u << 20) : DmaReadBench(1) {
    answer = false;
    dut->timeout_i = timeout;
    ask({4, 7, 0x1040, 256, 0x103});
    while (reads.empty()) cycle();
    tag = tests::tag_of(reads.front());
  }
  Tlp good(unsigned count = 256) const {
    return completion(kRequester, tag, contract::CPL_SC, count, 0x1140 - count, count / 4);
  }
  /// The answer is `t`; returns the request's status.
  unsigned answer_with(const Tlp& t) {
    inject(t);
    for (int i = 0; i < 600 && !in_flight.empty(); ++i) cycle();
    return in_flight.empty() ? status[{4, 7}] : 99;
  }
  /// Everything but the TLP count.
  unsigned errors() {
    unsigned sum = 0;
    for (const auto& [name, n] : stats) sum += name == "tlps" ? 0 : n;
    return sum;
  }
  unsigned tag = 0;
};

constexpr unsigned kUntouched = 99;

}  // namespace

TEST_CASE("A completion for a foreign requester or a free tag is counted and changes nothing", "[rtl][dma]") {
  OneRead bench;
  REQUIRE(bench.answer_with(completion(kRequester + 1, bench.tag, 0, 256, 0x1040, 64)) == kUntouched);
  REQUIRE(bench.stats["requester"] == 1);
  REQUIRE(bench.answer_with(completion(kRequester, bench.tag ^ 1, 0, 256, 0x1040, 64)) == kUntouched);
  REQUIRE(bench.answer_with(completion(kRequester, bench.tag + 64, 0, 256, 0x1040, 64)) == kUntouched);
  Tlp locked = bench.good();
  locked.header[0] |= 1u << 24;  // CplDLk
  REQUIRE(bench.answer_with(locked) == kUntouched);
  REQUIRE(bench.stats["unexpected"] == 3);
  REQUIRE(bench.errors() == 4);
  REQUIRE(bench.placements == 0);
  bench.stats.clear();
  REQUIRE(bench.answer_with(bench.good()) == contract::RD_OK);
}

TEST_CASE("A completion whose length fits neither the request nor its byte count ends the read", "[rtl][dma]") {
  struct Case {
    unsigned count;
    unsigned dws;
    std::uint64_t address;
  };
  const auto c = GENERATE(values<Case>({{252, 63, 0x1040},    // byte count too small
                                        {260, 64, 0x1040},    // too large
                                        {0, 64, 0x1040},      // 4096
                                        {256, 65, 0x1040},    // longer than the byte count
                                        {256, 1024, 0x1040},  // far longer
                                        {192, 48, 0x1080},    // a later part first
                                        {256, 0, 0x1040}}));  // success without data
  OneRead bench;
  REQUIRE(bench.answer_with(completion(kRequester, bench.tag, 0, c.count, c.address, c.dws)) ==
          contract::RD_BAD_LENGTH);
  REQUIRE(bench.stats["length"] == 1);
  bench.cycles(600);
  REQUIRE(bench.errors() == 1);
  REQUIRE(bench.placements == 0);
}

TEST_CASE("A completion with the wrong lower address ends the read", "[rtl][dma]") {
  const std::uint64_t address = GENERATE(0x1041ull, 0x1044ull, 0x1000ull, 0x1060ull);
  OneRead bench;
  const unsigned dws = (address & 3) != 0 ? 65 : 64;
  REQUIRE(bench.answer_with(completion(kRequester, bench.tag, 0, 256, address, dws)) == contract::RD_BAD_LENGTH);
  REQUIRE(bench.stats["address"] == 1);
  REQUIRE(bench.errors() == 1);
  REQUIRE(bench.placements == 0);
}

TEST_CASE("An error status ends the read and frees the tag", "[rtl][dma]") {
  const unsigned status = GENERATE(values<unsigned>({contract::CPL_UR, contract::CPL_CRS, contract::CPL_CA, 7}));
  OneRead bench;
  REQUIRE(bench.answer_with(completion(kRequester, bench.tag, status, 256, 0x1040, 0)) == contract::RD_CPL_STATUS);
  REQUIRE(bench.stats["status"] == 1);
  REQUIRE(bench.answer_with(bench.good()) == contract::RD_CPL_STATUS);  // nobody asks any more
  bench.cycles(100);
  REQUIRE(bench.stats["unexpected"] == 1);
  REQUIRE(bench.errors() == 2);
  REQUIRE(bench.placements == 0);
}

TEST_CASE("An error status after a good part ends the read with that status", "[rtl][dma]") {
  OneRead bench;
  bench.inject(completion(kRequester, bench.tag, 0, 256, 0x1040, 16));
  REQUIRE(bench.answer_with(completion(kRequester, bench.tag, contract::CPL_CA, 192, 0x1080, 0)) ==
          contract::RD_CPL_STATUS);
  REQUIRE(bench.errors() == 1);
}

TEST_CASE("Poisoned data is not placed and the read says so, whichever part it was", "[rtl][dma]") {
  const int poisoned = GENERATE(0, 1, 2);
  OneRead bench;
  for (int part = 0; part < 3; ++part) {
    const unsigned done = part == 0 ? 0 : part == 1 ? 64 : 192;
    const unsigned bytes = part == 0 ? 64 : part == 1 ? 128 : 64;
    Tlp t = completion(kRequester, bench.tag, 0, 256 - done, 0x1040 + done, bytes / 4);
    if (part == poisoned) {
      t.header[0] |= 1u << 14;
      for (auto& b : t.payload) b ^= std::byte{0xff};
    }
    bench.inject(t);
  }
  bench.cycles(100);
  REQUIRE(bench.status.at({4, 7}) == contract::RD_POISONED);
  REQUIRE(bench.stats["poisoned"] == 1);
  REQUIRE(bench.errors() == 1);
}

TEST_CASE("A duplicate of a part ends the read, a duplicate of the whole is unexpected", "[rtl][dma]") {
  SECTION("a part") {
    OneRead bench;
    const Tlp part = completion(kRequester, bench.tag, 0, 256, 0x1040, 16);
    bench.inject(part);
    REQUIRE(bench.answer_with(part) == contract::RD_BAD_LENGTH);
    REQUIRE(bench.errors() == 1);
  }
  SECTION("the whole, back to back") {
    OneRead bench;
    bench.inject(bench.good());
    REQUIRE(bench.answer_with(bench.good()) == contract::RD_OK);
    bench.cycles(100);
    REQUIRE(bench.stats["unexpected"] == 1);
    REQUIRE(bench.errors() == 1);
  }
}

TEST_CASE("Payload that does not match its header's length is noticed and stays inside", "[rtl][dma]") {
  const bool longer = GENERATE(false, true);
  OneRead bench;
  auto beats = tests::beats_of(bench.good());
  if (longer) {
    beats.back().last = false;
    for (int i = 0; i < 9; ++i) beats.push_back(beats.back());
    beats.back().last = true;
  } else {
    beats.resize(5);
    beats.back().last = true;
  }
  bench.inject_beats(beats);
  bench.cycles(100);
  REQUIRE(bench.status.at({4, 7}) == contract::RD_BAD_LENGTH);
  REQUIRE(bench.stats["length"] == 1);
  REQUIRE(bench.errors() == 1);
}

TEST_CASE("A read that nobody answers times out once, and its late completion is only counted", "[rtl][dma]") {
  OneRead bench(512);
  const long start = bench.dut.cycles();
  while (!bench.in_flight.empty()) bench.cycle();
  const long waited = bench.dut.cycles() - start;
  REQUIRE(waited >= 512);
  REQUIRE(waited <= 512 * 5 / 4 + 100);
  REQUIRE(bench.status.at({4, 7}) == contract::RD_TIMEOUT);
  bench.inject(completion(kRequester, bench.tag, 0, 256, 0x1040, 16));
  bench.inject(completion(kRequester, bench.tag, 0, 192, 0x1080, 48));
  bench.inject(completion(kRequester, bench.tag, 0, 192, 0x1080, 48));  // the tag is free now
  bench.cycles(200);
  REQUIRE(bench.stats["timeout"] == 1);
  REQUIRE(bench.stats["late"] == 2);
  REQUIRE(bench.stats["unexpected"] == 1);
  REQUIRE(bench.errors() == 4);
  REQUIRE(bench.placements == 0);
}

TEST_CASE("The time of a read that waits for the link begins when it leaves", "[rtl][dma]") {
  DmaReadBench bench(5);
  bench.answer = false;
  bench.dut->timeout_i = 512;
  bench.link_stall = 100;
  bench.ask({4, 7, 0x1000, 64, 0});
  bench.cycles(9000);  // longer than a time-out and the quarantine behind it
  REQUIRE(bench.dut->out_valid_o == 1);
  REQUIRE(bench.stats["timeout"] == 0);
  bench.link_stall = 0;
  const long start = bench.dut.cycles();
  while (!bench.in_flight.empty()) bench.cycle();
  const long waited = bench.dut.cycles() - start;
  REQUIRE(waited >= 512);
  REQUIRE(waited <= 512 * 5 / 4 + 100);
  REQUIRE(bench.stats["timeout"] == 1);
}

TEST_CASE("A tag in quarantine is not used again before long", "[rtl][dma]") {
  OneRead bench(512);
  while (!bench.in_flight.empty()) bench.cycle();
  const long expired = bench.dut.cycles();
  bench.reads.clear();
  bench.answer = true;
  bench.completer = tests::Completer(3);
  bench.completer.max_delay = 5;
  bool reused = false;
  while (!reused && bench.dut.cycles() - expired < 20000) {
    for (unsigned op = 0; op < 16; ++op) bench.ask({1, op, 0x1000, 16, 16 * op});
    bench.run();
    for (const auto& r : bench.reads) reused = reused || tests::tag_of(r) == bench.tag;
    bench.reads.clear();
  }
  REQUIRE(reused);
  REQUIRE(bench.dut.cycles() - expired >= 7 * 512);
  REQUIRE(bench.dut.cycles() - expired <= 12 * 512);
}

TEST_CASE("All tags can time out, and after the quarantine reads work again", "[rtl][dma]") {
  DmaReadBench bench(9);
  bench.answer = false;
  bench.dut->timeout_i = 256;
  bench.dut->mrrs_i = 0;
  for (unsigned op = 0; op < 2; ++op) bench.ask({4, op, 0x10000, 4096, 4096 * op});
  bench.cycles(600);
  bench.ask({3, 0, 0x10000, 4, 0});
  bench.cycles(1000);
  REQUIRE(bench.reads.size() == 64);
  REQUIRE(bench.status.at({4, 0}) == contract::RD_TIMEOUT);
  REQUIRE(bench.stats["timeout"] == 64);
  bench.answer = true;
  bench.completer = tests::Completer(3);
  bench.run();
  REQUIRE(bench.status.at({3, 0}) == contract::RD_OK);
}

TEST_CASE("Random bad completions among good ones never place a wrong byte nor hang a read", "[rtl][dma]") {
  for (unsigned seed = 40; seed < 52; ++seed) {
    DmaReadBench bench(seed);
    bench.dut->timeout_i = 1024;
    for (unsigned i = 0; i < 300; ++i) {
      const unsigned op = bench.draw(8);
      bench.ask({bench.draw(5), op, bench.draw(1u << 16), 1 + bench.draw(600), op * 4096});
    }
    for (unsigned i = 0; i < 6000; ++i) {
      if (bench.draw(40) == 0) {
        Tlp t = completion(kRequester, bench.draw(70), bench.draw(6) == 0 ? bench.draw(8) : 0, bench.draw(600),
                           bench.draw(128), bench.draw(130));
        for (auto& b : t.payload) b = std::byte{0};
        // one that fits by accident would be placed, as on any link: make it too long
        if (tests::cpl_status(t) == 0 && !t.payload.empty()) t.header[1] ^= 1u << 11;
        // an error status would free a tag that the completer still answers: only for foreigners
        if (tests::cpl_status(t) != 0 || bench.draw(4) == 0) t.header[2] ^= 1u << 16;
        bench.inject(t);
      }
      bench.cycle();
    }
    bench.run();
  }
}
