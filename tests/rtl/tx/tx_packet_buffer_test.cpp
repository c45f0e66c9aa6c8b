// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "Vtx_packet_buffer_test_rtl.h"

namespace {

using namespace tests;
using namespace contract;

constexpr unsigned kWords = 512;  // DepthBytes 4096, as in CMakeLists.txt

/// A word placed by a DMA read.
struct Placement {
  unsigned word;
  std::uint64_t data;
  std::uint8_t be;
};

/// The frame from byte address `start` on, in pieces that begin and end anywhere, shuffled; bytes outside
/// are rubbish that must not be written.
std::vector<Placement> place(const Bytes& frame, unsigned start, Random& random) {
  std::vector<Placement> result;
  for (std::size_t at = 0; at < frame.size();) {
    const std::size_t piece = std::min<std::size_t>(frame.size() - at, 1 + random() % 64);
    for (std::size_t done = 0; done < piece;) {
      const auto address = start + static_cast<unsigned>(at + done);
      const std::size_t lane = address % 8;
      const std::size_t n = std::min(piece - done, 8 - lane);
      Placement p{address / 8, std::uint64_t{random()} << 32 | random(), 0};
      for (std::size_t i = 0; i < n; ++i) {
        const std::size_t shift = 8 * (lane + i);
        p.data = (p.data & ~(std::uint64_t{0xFF} << shift)) | std::uint64_t{frame[at + done + i]} << shift;
        p.be = static_cast<std::uint8_t>(p.be | 1U << (lane + i));
      }
      result.push_back(p);
      done += n;
    }
    at += piece;
  }
  for (std::size_t i = result.size(); i > 1; --i) std::swap(result[i - 1], result[random() % i]);
  return result;
}

}  // namespace

TEST_CASE("Frames placed in any order and alignment come out whole and in order", "[rtl][tx]") {
  const auto stall = GENERATE(0U, 30U, 70U);
  Clocked<Vtx_packet_buffer_test_rtl> dut;
  Random random(stall);
  std::vector<Frame> sent;
  std::deque<Placement> pending;
  Collector collector;
  unsigned next_word = 0, used = 0, release = 0;  // words handed out, in use, of the frame in hand
  unsigned start = 0;
  bool committing = false;
  std::size_t given_back = 0, taken = 0;
  while (collector.frames.size() < 1600) {
    if (pending.empty() && !committing && sent.size() < 1600) {
      // A chain: a header of 4 .. 16 bytes before the frame, which starts on a word.
      const std::size_t length = sent.size() < 1518 ? sent.size() + 1 : 1 + random() % 80;
      const unsigned header = 1 + random() % 2;
      const auto words = header + static_cast<unsigned>((length + 7) / 8);
      if (used + words <= kWords) {
        start = 8 * (next_word + header);
        sent.push_back({random_frame(random, length), FRAME_OK});
        for (const Placement& p : place(sent.back().bytes, start, random)) pending.push_back(p);
        next_word = (next_word + words) % (1U << 13);
        used += words;
        taken += words;
        release = words;
        committing = true;
      }
    }
    dut->place_valid_i = !pending.empty();
    if (!pending.empty()) {
      // rd_place_t: client 3, word 15, data 64, be 8
      const Placement p = pending.front();
      const std::uint64_t low = p.data << 8 | p.be;
      const std::uint64_t high =
          std::uint64_t{RD_TX_DATA} << 23 | std::uint64_t{p.word % (1U << 15)} << 8 | p.data >> 56;
      put_wide(dut->place_i, low, static_cast<unsigned>(high));
      pending.pop_front();
    }
    const bool commit = committing && !dut->place_valid_i;
    dut->commit_valid_i = commit;
    if (commit) {
      dut->commit_start_i = static_cast<std::uint16_t>(start);
      dut->commit_len_i = static_cast<std::uint16_t>(sent.back().bytes.size());
      dut->commit_release_i = static_cast<std::uint16_t>(release);
    }
    dut->out_ready_i = random() % 100 >= stall;
    dut.settle();
    if (commit && dut->commit_ready_o) committing = false;
    if (dut->out_valid_o && dut->out_ready_i && collector.add(take_beat(dut->out_o))) {
      REQUIRE(collector.frames.back() == sent[collector.frames.size() - 1]);
    }
    dut.tick();
    if (dut->free_valid_o) {
      used -= dut->free_words_o;
      given_back += dut->free_words_o;
    }
    REQUIRE(dut.cycles() < 4'000'000);
  }
  REQUIRE(given_back == taken);
  REQUIRE(used == 0);
}

TEST_CASE("Committed frames leave at a beat a cycle", "[rtl][tx]") {
  Clocked<Vtx_packet_buffer_test_rtl> dut;
  dut->out_ready_i = 1;
  dut->commit_valid_i = 1;
  dut->commit_len_i = 64;
  dut->commit_release_i = 8;
  std::size_t frames = 0;
  long first = 0, last = 0;
  while (frames < 50) {
    dut.settle();
    if (dut->out_valid_o) {
      if (first == 0) first = dut.cycles();
      last = dut.cycles();
      frames += take_beat(dut->out_o).last ? 1U : 0U;
    }
    dut.tick();
  }
  REQUIRE(last - first + 1 == 50 * 8);
}
