// SPDX-License-Identifier: Apache-2.0
// virtio_rx_engine between models of the packet buffer, of virtq_fetch, of the write engine and of virtq_give.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <random>
#include <vector>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/virtio/bits.hpp"
#include "Vvirtio_rx_engine_test_rtl.h"

namespace tests::virtio {

using Bytes = std::vector<std::uint8_t>;

struct Chain {
  unsigned pair = 0;
  unsigned id = 0;
  std::vector<unsigned> lens;
};

class RxEngineBench {
 public:
  struct Given {
    unsigned pair, id, len;
    bool written, more;
  };
  struct At {
    std::uint64_t addr;
    unsigned len;
  };

  RxEngineBench(unsigned stall, unsigned seed) : stall_(stall), random_(seed) { dut->enabled_i = 1; }

  void add(const Chain& chain) {
    ready_[chain.pair].push_back(chain);
    chains_[{chain.pair, chain.id}] = chain;
  }
  [[nodiscard]] std::vector<At> pieces_of(unsigned pair, unsigned id) const {
    std::vector<At> pieces;
    std::uint64_t addr = (pair * 0x10000ull + id) * 0x10000ull;
    for (const unsigned len : chains_.at({pair, id}).lens) {
      pieces.push_back({addr, len});
      addr += len + 3;  // a byte too many would show
    }
    return pieces;
  }
  [[nodiscard]] unsigned bytes_of(unsigned pair, unsigned id) const {
    unsigned total = 0;
    for (const At& piece : pieces_of(pair, id)) total += piece.len;
    return total;
  }

  void step() {
    drive();
    dut.settle();
    done_ = false;
    observe();
    dut.tick();
  }
  void run(long cycles) {
    for (; cycles > 0; --cycles) step();
  }

  Clocked<Vvirtio_rx_engine_test_rtl> dut;
  std::deque<std::pair<unsigned, Bytes>> frames;  // pair, bytes
  std::map<std::uint64_t, std::uint8_t> memory;
  std::vector<Given> given;
  unsigned too_small = 0, no_buffer = 0, not_ready = 0, reset = 0, delivered = 0, written = 0;
  long memory_writes = 0;
  int forbidden = -1;  // a write or a give of this pair is an error

 private:
  struct OpenPiece {
    unsigned pair, id, descs;
    bool first, last;
    At at;
  };
  static constexpr unsigned kPairs = 8;
  static constexpr unsigned kMetaPairBit = 116;

  bool ready() { return random_() % 100 >= stall_; }
  void flip(bool& held, bool possible) { held = possible && (held || ready()); }

  void drive() {
    flip(len_held_, !frames.empty() && taken_.size() < 4);
    flip(beat_held_, !taken_.empty());
    flip(piece_held_, !pieces_.empty());
    dut->len_valid_i = len_held_;
    if (len_held_) {
      dut->len_i = static_cast<std::uint16_t>(frames.front().second.size());
      set_bits(dut->meta_i, kMetaPairBit, 6, frames.front().first);
    }
    dut->frame_valid_i = beat_held_;
    if (beat_held_) drive_beat();
    // The look at a queue answers in the next cycle, and sees a take three cycles later.
    drive_head(asked_);
    dut->take_ready_i = pieces_.empty() && ready();
    dut->piece_valid_i = piece_held_;
    if (piece_held_) {
      const OpenPiece& p = pieces_.front();
      set_bits(dut->piece_i, 0, 64, p.at.addr);
      set_bits(dut->piece_i, 64, 16, p.at.len);
      set_bits(dut->piece_i, 80, 16, p.descs);
      set_bits(dut->piece_i, 96, 16, p.id);
      set_bits(dut->piece_i, 112, 1, p.last);
      set_bits(dut->piece_i, 113, 1, p.first);
      set_bits(dut->piece_i, 114, 6, p.pair);
    }
    dut->wr_req_ready_i = ready() && requests_.size() < 2;
    dut->wr_data_ready_i = ready() && !requests_.empty();
    dut->wr_done_i = done_;
    dut->give_ready_i = ready();
  }

  void drive_head(unsigned pair) {
    unsigned valid = 0;
    for (unsigned q = 0; q < kPairs; ++q) valid |= (ready_[q].empty() ? 0u : 1u) << q;
    dut->head_valid_i = static_cast<std::uint8_t>(valid);
    for (unsigned k = 0; k < 70; k += 10) set_bits(dut->head_i, k, 10, 0x2aa);
    if (pair >= kPairs || ready_[pair].empty()) return;
    unsigned all = 0;
    for (const Chain& c : ready_[pair]) all += bytes_of(c.pair, c.id);
    const Chain& head = ready_[pair].front();
    set_bits(dut->head_i, 0, 21, std::min(all, (1u << 21) - 1));
    set_bits(dut->head_i, 21, 17, bytes_of(pair, head.id));
    set_bits(dut->head_i, 38, 16, head.lens.size());
    set_bits(dut->head_i, 54, 16, head.id);
  }

  void drive_beat() {
    const Bytes& frame = taken_.front();
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
    no_buffer += dut->drop_no_buffer_o;
    not_ready += dut->drop_not_ready_o;
    reset += dut->drop_reset_o;
    delivered += dut->delivered_o;
    written += dut->written_o;
    asked_ = dut->head_pair_o;
    if (len_held_ && dut->len_ready_o) {
      len_held_ = false;
      if (!dut->len_drop_o) taken_.push_back(frames.front().second);
      frames.pop_front();
    }
    if (beat_held_ && dut->frame_ready_o) {
      beat_held_ = false;
      at_ += 8;
      if (at_ >= taken_.front().size()) {
        taken_.pop_front();
        at_ = 0;
      }
    }
    if (piece_held_ && dut->piece_ready_o) {
      piece_held_ = false;
      pieces_.pop_front();
    }
    if (dut->take_valid_o && dut->take_ready_i) {
      REQUIRE((dut->stop_i >> dut->take_pair_o & 1) == 0);  // a queue told to stop takes no more
      take(dut->take_pair_o);
    }
    if (dut->wr_data_valid_o && dut->wr_data_ready_i) take_data();
    if (dut->wr_req_valid_o && dut->wr_req_ready_i) {
      requests_.emplace_back(bits(dut->wr_req_o, 16, 64), static_cast<unsigned>(bits(dut->wr_req_o, 0, 16)));
      REQUIRE((forbidden < 0 || requests_.back().first / 0x100000000ull != static_cast<unsigned>(forbidden)));
    }
    if (dut->give_valid_o && dut->give_ready_i) {
      given.push_back({static_cast<unsigned>(bits(dut->give_o, 66, 6)),
                       static_cast<unsigned>(bits(dut->give_o, 48, 16)),
                       static_cast<unsigned>(bits(dut->give_o, 0, 32)), bits(dut->give_o, 64, 1) != 0,
                       bits(dut->give_o, 65, 1) != 0});
      REQUIRE(static_cast<int>(given.back().pair) != forbidden);
    }
  }

  void take(unsigned pair) {
    REQUIRE_FALSE(ready_[pair].empty());
    const Chain chain = ready_[pair].front();
    ready_[pair].pop_front();
    const std::vector<At> all = pieces_of(chain.pair, chain.id);
    for (std::size_t k = 0; k < all.size(); ++k)
      pieces_.push_back({chain.pair, chain.id, static_cast<unsigned>(all.size()), k == 0, k + 1 == all.size(), all[k]});
  }

  void take_data() {
    auto& [addr, left] = requests_.front();
    const unsigned n = 8 - static_cast<unsigned>(bits(dut->wr_data_o, 64, 3));
    const std::uint64_t data = bits(dut->wr_data_o, 0, 64);
    for (unsigned k = 0; k < n; ++k) memory[addr++] = static_cast<std::uint8_t>(data >> (8 * k));
    ++memory_writes;
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
  std::map<std::pair<unsigned, unsigned>, Chain> chains_;
  std::array<std::deque<Chain>, kPairs> ready_;
  std::deque<OpenPiece> pieces_;
  std::deque<std::pair<std::uint64_t, unsigned>> requests_;
  bool len_held_ = false, beat_held_ = false, piece_held_ = false;
  std::deque<Bytes> taken_;
  bool done_ = false;
  unsigned asked_ = 0;
  std::size_t at_ = 0;
};

}  // namespace tests::virtio
