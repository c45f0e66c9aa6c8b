// SPDX-License-Identifier: Apache-2.0
// Frames into segments: header, cuts at every byte, buffers that are too small, at full pace.
#include <catch2/catch.hpp>
#include <deque>
#include <random>

#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/virtio/bits.hpp"
#include "Vvirtio_rx_engine_test_rtl.h"

namespace {

using tests::virtio::bits;
using tests::virtio::set_bits;
using Bytes = std::vector<std::uint8_t>;

struct Segment {
  std::uint64_t addr = 0;
  unsigned len = 0;
  bool last = false;
};

struct Chain {
  unsigned id = 0;
  std::vector<unsigned> lens;
};

class Engine {
 public:
  explicit Engine(unsigned stall, unsigned seed) : stall_(stall), random_(seed) {}

  void add(const Chain& chain) {
    unsigned total = 0;
    for (std::size_t k = 0; k < chain.lens.size(); ++k) {
      segments_.push_back({chain.id * 0x10000ull + total, chain.lens[k], k + 1 == chain.lens.size()});
      total += chain.lens[k];
    }
    chains_.push_back(chain);
    totals_.push_back(total);
  }

  void step() {
    flip(len_held_, !frames.empty() && !reading_);
    flip(beat_held_, reading_);
    flip(chain_held_, !chains_.empty());
    flip(segment_held_, !segments_.empty());
    dut->len_valid_i = len_held_;
    if (len_held_) dut->len_i = static_cast<std::uint16_t>(frames.front().size());
    dut->frame_valid_i = beat_held_;
    if (beat_held_) drive_beat();
    dut->chain_valid_i = chain_held_;
    if (chain_held_) {
      const Chain& c = chains_.front();
      dut->chain_i = std::uint64_t{c.id} << 33 | std::uint64_t{c.lens.size()} << 17 | totals_.front();
    }
    dut->segment_valid_i = segment_held_;
    if (segment_held_) {
      set_bits(dut->segment_i, 0, 64, segments_.front().addr);
      set_bits(dut->segment_i, 64, 16, segments_.front().len);
      set_bits(dut->segment_i, 80, 1, segments_.front().last);
    }
    dut->wr_req_ready_i = ready() && requests_.size() < 2;
    dut->wr_data_ready_i = ready() && !requests_.empty();
    dut->used_ready_i = ready();
    dut->wr_done_i = done_;
    dut.settle();
    done_ = false;
    observe();
    dut.tick();
  }

  tests::Clocked<Vvirtio_rx_engine_test_rtl> dut;
  std::deque<Bytes> frames;
  std::map<std::uint64_t, std::uint8_t> memory;
  std::vector<std::pair<unsigned, unsigned>> used;  // id, len
  unsigned too_small = 0;
  unsigned delivered = 0;
  unsigned written = 0;

 private:
  bool ready() { return random_() % 100 >= stall_; }
  void flip(bool& held, bool possible) { held = possible && (held || ready()); }

  void drive_beat() {
    const Bytes& frame = frames.front();
    const std::size_t left = frame.size() - at_;
    const auto empty = static_cast<unsigned>(left >= 8 ? 0 : 8 - left);
    std::uint64_t data = 0;
    for (unsigned k = 0; k < 8 - empty; ++k) data |= std::uint64_t{frame[at_ + k]} << (8 * k);
    set_bits(dut->frame_i, 0, 64, data);
    set_bits(dut->frame_i, 64, 3, empty);
    set_bits(dut->frame_i, 67, 5, left <= 8);
  }

  void observe() {
    too_small += dut->drop_too_small_o;
    delivered += dut->delivered_o;
    written += dut->written_o;
    if (len_held_ && dut->len_ready_o) {
      len_held_ = false;
      if (dut->len_drop_o) {
        frames.pop_front();
      } else {
        reading_ = true;
        at_ = 0;
      }
    } else if (beat_held_ && dut->frame_ready_o) {
      beat_held_ = false;
      at_ += 8;
      if (at_ >= frames.front().size()) {
        frames.pop_front();
        reading_ = false;
      }
    }
    if (segment_held_ && dut->segment_ready_o) {
      segment_held_ = false;
      segments_.pop_front();
    }
    if (chain_held_ && dut->chain_ready_o) {
      chain_held_ = false;
      chains_.pop_front();
      totals_.pop_front();
    }
    if (dut->wr_data_valid_o && dut->wr_data_ready_i) take_data();
    if (dut->wr_req_valid_o && dut->wr_req_ready_i)
      requests_.emplace_back(bits(dut->wr_req_o, 16, 64), static_cast<unsigned>(bits(dut->wr_req_o, 0, 16)));
    if (dut->used_valid_o && dut->used_ready_i) {
      REQUIRE(bits(dut->used_o, 64, 1) == 1);
      used.emplace_back(bits(dut->used_o, 48, 16), bits(dut->used_o, 0, 32));
    }
  }

  void take_data() {
    auto& [addr, left] = requests_.front();
    const unsigned n = 8 - static_cast<unsigned>(bits(dut->wr_data_o, 64, 3));
    const std::uint64_t data = bits(dut->wr_data_o, 0, 64);
    for (unsigned k = 0; k < n; ++k) memory[addr++] = static_cast<std::uint8_t>(data >> (8 * k));
    REQUIRE(left >= n);
    left -= n;
    REQUIRE((bits(dut->wr_data_o, 67, 1) != 0) == (left == 0));
    REQUIRE((n == 8 || left == 0));
    if (left == 0) {
      requests_.pop_front();
      done_ = true;
    }
  }

  unsigned stall_;
  std::mt19937 random_;
  std::deque<Chain> chains_;
  std::deque<unsigned> totals_;
  std::deque<Segment> segments_;
  std::deque<std::pair<std::uint64_t, unsigned>> requests_;
  bool len_held_ = false, beat_held_ = false, chain_held_ = false, segment_held_ = false;
  bool reading_ = false;
  bool done_ = false;
  std::size_t at_ = 0;
};

Bytes frame_of(std::size_t len, unsigned seed) {
  Bytes frame(len);
  for (std::size_t k = 0; k < len; ++k) frame[k] = static_cast<std::uint8_t>(seed * 31 + k * 7 + (k >> 8));
  return frame;
}

void check_frame(Engine& engine, unsigned id, const Bytes& frame) {
  for (unsigned k = 0; k < contract::NET_HDR_BYTES; ++k)
    REQUIRE(engine.memory.at(id * 0x10000ull + k) == (k == contract::NET_HDR_NUM_BUFFERS ? 1 : 0));
  for (std::size_t k = 0; k < frame.size(); ++k)
    REQUIRE(engine.memory.at(id * 0x10000ull + contract::NET_HDR_BYTES + k) == frame[k]);
  REQUIRE(engine.memory.count(id * 0x10000ull + contract::NET_HDR_BYTES + frame.size()) == 0);
}

}  // namespace

TEST_CASE("Every cut of a buffer gives the same bytes, for every frame length", "[rtl][virtio]") {
  for (const unsigned stall : {0u, 40u}) {
    Engine engine(stall, stall);
    std::mt19937 random(1);
    std::vector<Bytes> frames;
    for (unsigned id = 0; id < 400; ++id) {
      const std::size_t len = id < 100 ? 14 + id : 14 + random() % 1505;
      frames.push_back(frame_of(len, id));
      engine.frames.push_back(frames.back());
      Chain chain{.id = id, .lens = {}};
      std::size_t room = 0;
      while (room < len + 12 || random() % 4 == 0) {
        const auto piece = 1 + static_cast<unsigned>(random() % (random() % 2 == 0 ? 20 : 900));
        chain.lens.push_back(piece);
        room += piece;
      }
      engine.add(chain);
    }
    for (long k = 0; k < 400000 && engine.used.size() < frames.size(); ++k) engine.step();
    for (int k = 0; k < 2000; ++k) engine.step();
    REQUIRE(engine.used.size() == frames.size());
    REQUIRE(engine.delivered == frames.size());
    REQUIRE(engine.written == frames.size());
    for (unsigned id = 0; id < frames.size(); ++id) {
      REQUIRE(engine.used[id] == std::pair(id, static_cast<unsigned>(frames[id].size()) + contract::NET_HDR_BYTES));
      check_frame(engine, id, frames[id]);
    }
  }
}

TEST_CASE("A buffer that is too small costs the frame and serves the next one", "[rtl][virtio]") {
  Engine engine(0, 1);
  engine.add({.id = 1, .lens = {50, 50}});
  engine.frames = {frame_of(89, 1), frame_of(1500, 2), frame_of(88, 3)};
  for (int k = 0; k < 500; ++k) engine.step();
  REQUIRE(engine.too_small == 2);
  REQUIRE(engine.used == std::vector<std::pair<unsigned, unsigned>>{{1, 100}});
  check_frame(engine, 1, frame_of(88, 3));
}

TEST_CASE("Frames wait while there is no buffer", "[rtl][virtio]") {
  Engine engine(0, 1);
  engine.frames = {frame_of(60, 1)};
  for (int k = 0; k < 500; ++k) engine.step();
  REQUIRE(engine.frames.size() == 1);
  engine.add({.id = 3, .lens = {1530}});
  for (int k = 0; k < 100; ++k) engine.step();
  REQUIRE(engine.used.size() == 1);
}

TEST_CASE("Minimum frames pass at line rate: within 16.8 cycles each at 250 MHz", "[rtl][virtio]") {
  Engine engine(0, 1);
  for (unsigned id = 0; id < 100; ++id) {
    engine.frames.push_back(frame_of(60, id));
    engine.add({.id = id, .lens = {1530}});
  }
  long cycles = 0;
  while (engine.used.size() < 100) {
    engine.step();
    REQUIRE(++cycles < 1680);
  }
}
