// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <deque>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "Vtx_checksum_test_rtl.h"

using namespace tests;

namespace {

struct Job {
  Bytes frame;
  bool enable = false, udp = false;
  unsigned start = 0, field = 0;
};

/// RFC 1071, a byte at a time.
Bytes finished(const Job& job) {
  Bytes frame = job.frame;
  if (!job.enable) return frame;
  std::uint32_t sum = 0;
  for (std::size_t i = job.start; i < frame.size(); ++i) {
    sum += (i - job.start) % 2 == 0 ? frame[i] * 256U : frame[i];
    sum = (sum & 0xFFFF) + (sum >> 16);
  }
  unsigned value = ~sum & 0xFFFF;
  if (value == 0 && job.udp) value = 0xFFFF;
  frame.at(job.field) = static_cast<std::uint8_t>(value >> 8);
  frame.at(job.field + 1) = static_cast<std::uint8_t>(value);
  return frame;
}

struct Bench {
  Clocked<Vtx_checksum_test_rtl> dut;
  Random random{3};
  std::deque<Job> jobs;
  std::deque<Beat> beats;
  Collector collector;
  unsigned stall_in = 0, stall_out = 0;
  unsigned csum = 0;
  bool offering = false;
  long first_out = 0, last_out = 0, stalls = 0;

  void step() {
    if (beats.empty() && !jobs.empty()) {
      const Job& job = jobs.front();
      for (const Beat& beat : to_beats(job.frame)) beats.push_back(beat);
      csum = unsigned{job.enable} << 29 | unsigned{job.udp} << 28 | job.start << 14 | job.field;
      jobs.pop_front();
    }
    if (!offering) offering = !beats.empty() && random() % 100 >= stall_in;
    dut->in_valid_i = offering;
    if (offering) put_beat(dut->in_i, beats.front());
    dut->csum_i = csum;
    dut->out_ready_i = random() % 100 >= stall_out;
    dut.settle();
    if (dut->out_valid_o && dut->out_ready_i) {
      if (first_out == 0) first_out = dut.cycles();
      last_out = dut.cycles();
      collector.add(take_beat(dut->out_o));
    }
    if (offering && dut->in_ready_o) {
      beats.pop_front();
      offering = false;
    } else if (offering) {
      ++stalls;
    }
    dut.tick();
  }
};

Job random_job(Random& random, std::size_t length) {
  Job job;
  job.frame = random_frame(random, length);
  if (random() % 8 == 0) std::fill(job.frame.begin(), job.frame.end(), static_cast<std::uint8_t>(random() % 2 * 255));
  job.enable = random() % 4 != 0;
  job.udp = random() % 2 != 0;
  job.start = random() % static_cast<unsigned>(length - 1);
  job.field = job.start + random() % static_cast<unsigned>(length - 1 - job.start);
  return job;
}

}  // namespace

TEST_CASE("The sum from any byte stands at any byte, for any length", "[rtl][tx]") {
  const auto stall = GENERATE(0U, 50U);
  const auto stall_in = GENERATE(0U, 50U);
  Bench bench;
  bench.stall_out = stall;
  bench.stall_in = stall_in;
  std::vector<Bytes> expected;
  for (std::size_t i = 0; i < 2500; ++i) {
    const std::size_t length = i < 200 ? 14 + i : i % 100 == 0 ? 9234 + i % 5 : 14 + bench.random() % 300;
    bench.jobs.push_back(random_job(bench.random, length));
    expected.push_back(finished(bench.jobs.back()));
  }
  while (bench.collector.frames.size() < expected.size() && bench.dut.cycles() < 1'000'000) bench.step();
  REQUIRE(bench.collector.frames.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(bench.collector.frames[i] == Frame{expected[i], 0});
}

TEST_CASE("A sum of nothing is complemented to 0, which UDP sends as 0xffff", "[rtl][tx]") {
  const auto udp = GENERATE(false, true);
  Bench bench;
  Job job{.frame = Bytes(64, 0), .enable = true, .udp = udp, .start = 34, .field = 40};
  job.frame[34] = job.frame[35] = 0xFF;
  bench.jobs.push_back(job);
  for (int i = 0; i < 100; ++i) bench.step();
  REQUIRE(bench.collector.frames.size() == 1);
  const Bytes& out = bench.collector.frames[0].bytes;
  CHECK(out[40] == (udp ? 0xFF : 0));
  CHECK(out[41] == (udp ? 0xFF : 0));
}

TEST_CASE("64-byte and 9234-byte frames pass at a beat a cycle, checksum or not", "[rtl][tx]") {
  const auto length = GENERATE(64U, 60U, 9234U);
  const auto enable = GENERATE(true, false);
  Bench bench;
  const unsigned frames = length == 9234 ? 20 : 1000;
  for (unsigned i = 0; i < frames; ++i) {
    bench.jobs.push_back({.frame = Bytes(length, 1), .enable = enable, .udp = false, .start = 34, .field = 50});
  }
  while (bench.collector.frames.size() < frames && bench.dut.cycles() < 200'000) bench.step();
  REQUIRE(bench.collector.frames.size() == frames);
  const long beats = static_cast<long>((length + 7) / 8) * frames;
  CHECK(bench.last_out - bench.first_out + 1 == beats);
  CHECK(bench.stalls == 0);
}

TEST_CASE("A long frame without checksum leaves while it still arrives", "[rtl][tx]") {
  Bench bench;
  bench.jobs.push_back({.frame = Bytes(9000, 1)});
  while (bench.first_out == 0 && bench.dut.cycles() < 2000) bench.step();
  CHECK(bench.first_out < 40);
}
