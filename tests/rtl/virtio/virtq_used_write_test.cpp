// SPDX-License-Identifier: Apache-2.0
// Used entries: what is written where, how many to a line, and when a line is flushed.
#include <catch2/catch.hpp>
#include <deque>
#include <random>

#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/virtio/bits.hpp"
#include "Vvirtq_used_write_test_rtl.h"

namespace {

using tests::virtio::bits;
using tests::virtio::set_bits;

constexpr std::uint64_t kRing = 0x30000;

struct Entry {
  unsigned id = 0;
  unsigned descs = 1;
  std::uint32_t len = 0;
  bool written = false;
};

struct Line {
  unsigned first = 0;
  unsigned count = 0;
  long cycle = 0;
};

class UsedWrite {
 public:
  explicit UsedWrite(unsigned size) : size_(size) {
    set_bits(dut->config_i, 128, 64, kRing);
    set_bits(dut->config_i, 192, 16, size);
    set_bits(dut->config_i, 208, 2, 3);
    dut->idle_i = 1;
  }

  void give(const Entry& entry) { waiting.push_back(entry); }
  void run(int cycles, unsigned stall = 0) {
    for (int k = 0; k < cycles; ++k) step(stall);
  }

  void step(unsigned stall = 0) {
    if (!offering_) offering_ = !waiting.empty() && random_() % 100 >= stall;
    dut->used_valid_i = offering_;
    if (offering_) {
      const Entry& e = waiting.front();
      set_bits(dut->used_i, 0, 32, e.len);
      set_bits(dut->used_i, 32, 16, e.descs);
      set_bits(dut->used_i, 48, 16, e.id);
      set_bits(dut->used_i, 64, 1, e.written);
    }
    dut->wr_req_ready_i = random_() % 100 >= stall;
    dut->wr_data_ready_i = requested_ && random_() % 100 >= stall;
    dut->wr_done_i = done_in_ > 0 && --done_in_ == 0;
    dut.settle();
    if (dut->published_o) {
      published += dut->published_entries_o;
      published_descs += dut->published_descs_o;
      position = dut->published_position_o;
    }
    if (offering_ && dut->used_ready_o) {
      offering_ = false;
      taken.push_back(waiting.front());
      waiting.pop_front();
    }
    if (dut->wr_req_valid_o && dut->wr_req_ready_i) {
      requested_ = true;
      lines.push_back({static_cast<unsigned>((bits(dut->wr_req_o, 16, 64) - kRing) / contract::DESC_BYTES),
                       static_cast<unsigned>(bits(dut->wr_req_o, 0, 16)) / contract::DESC_BYTES, dut.cycles()});
    }
    if (dut->wr_data_valid_o && dut->wr_data_ready_i) {
      data.push_back(bits(dut->wr_data_o, 0, 64));
      if (bits(dut->wr_data_o, 67, 1) != 0) {
        done_in_ = 3;
        requested_ = false;
      }
    }
    dut.tick();
  }

  /// Every entry stands where the specification wants it, with these flags.
  void check() {
    std::size_t at = 0;
    unsigned entry = 0;
    unsigned index = 0;
    bool wrap = true;
    for (const Line& line : lines) {
      REQUIRE(line.count >= 1);
      REQUIRE(line.count <= 4);
      REQUIRE(line.first / 4 == (line.first + line.count - 1) / 4);
      for (unsigned k = 0; k < line.count; ++k) {
        const Entry& e = taken[entry++];
        REQUIRE(line.first + k == index);
        REQUIRE(data[at++] == 0);
        const std::uint64_t flags =
            (wrap ? contract::DESC_F_AVAIL | contract::DESC_F_USED : 0u) | (e.written ? contract::DESC_F_WRITE : 0u);
        REQUIRE(data[at++] == (flags << 48 | std::uint64_t{e.id} << 32 | e.len));
        index += e.descs;
        if (index >= size_) {
          index -= size_;
          wrap = !wrap;
        }
      }
    }
    REQUIRE(entry == published);
    REQUIRE(position == (index | (wrap ? 1u << 15 : 0u)));
  }

  tests::Clocked<Vvirtq_used_write_test_rtl> dut;
  std::deque<Entry> waiting;
  std::vector<Entry> taken;
  std::vector<Line> lines;
  std::vector<std::uint64_t> data;
  unsigned published = 0;
  unsigned published_descs = 0;
  unsigned position = 1u << 15;

 private:
  unsigned size_;
  std::mt19937 random_{4};
  bool offering_ = false;
  bool requested_ = false;  // the write engine takes data only for a request
  int done_in_ = 0;
};

}  // namespace

TEST_CASE("A burst is written four entries to a line", "[rtl][virtio]") {
  UsedWrite used(64);
  used.dut->idle_i = 0;
  for (unsigned k = 0; k < 32; ++k) used.give({.id = k, .len = 100 + k, .written = true});
  used.run(400);
  REQUIRE(used.lines.size() == 8);
  used.check();
}

TEST_CASE("A lone entry does not wait, one in a stream waits for company only so long", "[rtl][virtio]") {
  UsedWrite lone(64);
  lone.give({.id = 5});
  lone.run(100);
  REQUIRE(lone.lines.size() == 1);
  UsedWrite busy(64);
  const long start = busy.dut.cycles();
  busy.dut->idle_i = 0;
  busy.give({.id = 5});
  busy.run(200);
  REQUIRE(busy.lines.size() == 1);
  REQUIRE(busy.lines[0].cycle - start > 60);
  REQUIRE(busy.lines[0].cycle - start < 75);
  REQUIRE(lone.lines[0].cycle - start < 15);
  lone.check();
  busy.check();
}

TEST_CASE("Entries stand at the right places for every ring size and chain length", "[rtl][virtio]") {
  for (unsigned size = 1; size <= 33; ++size) {
    std::mt19937 random(size);
    UsedWrite used(size);
    for (unsigned k = 0; k < 200; ++k) {
      used.give({.id = k,
                 .descs = random() % 2 == 0 ? 1 : 1 + static_cast<unsigned>(random() % size),
                 .len = static_cast<std::uint32_t>(random()),
                 .written = random() % 2 == 0});
    }
    used.dut->idle_i = size % 2;
    used.run(9000, 30);
    INFO("size " << size);
    REQUIRE(used.published == 200);
    unsigned descs = 0;
    for (const Entry& e : used.taken) descs += e.descs;
    REQUIRE(used.published_descs == descs);
    used.check();
  }
}

TEST_CASE("Stopped, it starts no write and stays quiet", "[rtl][virtio]") {
  UsedWrite used(16);
  used.dut->stop_i = 1;
  used.give({.id = 1});
  used.run(200);
  REQUIRE(used.lines.empty());
  REQUIRE(used.dut->quiet_o);
}
