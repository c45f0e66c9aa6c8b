// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/tx/tx_path_bench.hpp"

#include <algorithm>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace tests::tx {

namespace {

constexpr unsigned kWords = 131072 / 8;
constexpr unsigned kHashReport = 1U << 5;  // of tx_pkg::features_t
constexpr unsigned kAddresses = 1U << 15;  // placement words; the ring repeats in them

}  // namespace

TxPathBench::TxPathBench(unsigned seed, unsigned max_frame) : random_(seed) {
  dut->max_frame_i = static_cast<std::uint16_t>(max_frame);
}

void TxPathBench::submit(const Bytes& buffer, unsigned features, unsigned pair) {
  Bytes whole = buffer;
  if ((features & kHashReport) != 0) {
    for (unsigned i = 0; i < contract::NET_HDR_HASH_BYTES - contract::NET_HDR_BYTES; ++i) {
      whole.insert(whole.begin() + contract::NET_HDR_BYTES, static_cast<std::uint8_t>(random_()));
    }
  }
  const auto words = (static_cast<unsigned>(whole.size()) + 4 + 7) / 8;
  waiting_.push_back({std::move(whole), features, pair, 0, words});
}

// Behind four bytes of padding, in pieces that begin and end anywhere; bytes outside are rubbish.
void TxPathBench::place(const Source& source) {
  const unsigned start = 8 * source.base + 4;
  for (std::size_t at = 0; at < source.buffer.size();) {
    const std::size_t piece = std::min<std::size_t>(source.buffer.size() - at, shuffle ? 1 + random_() % 512 : 65536);
    for (std::size_t done = 0; done < piece;) {
      const auto address = start + static_cast<unsigned>(at + done);
      const std::size_t lane = address % 8, n = std::min(piece - done, 8 - lane);
      Placement p{address / 8 % kAddresses, std::uint64_t{random_()} << 32 | random_(), 0};
      for (std::size_t i = 0; i < n; ++i) {
        const std::size_t shift = 8 * (lane + i);
        p.data = (p.data & ~(std::uint64_t{0xFF} << shift)) | std::uint64_t{source.buffer[at + done + i]} << shift;
        p.be = static_cast<std::uint8_t>(p.be | 1U << (lane + i));
      }
      placements_.push_back(p);
      done += n;
    }
    at += piece;
  }
  for (std::size_t i = placements_.size(); shuffle && i > 1; --i) {
    std::swap(placements_[i - 1], placements_[random_() % i]);
  }
}

void TxPathBench::drive() {
  if (placements_.empty() && !waiting_.empty() && used_ + waiting_.front().words <= kWords) {
    Source source = waiting_.front();
    waiting_.pop_front();
    source.base = next_word_;
    place(source);
    next_word_ = (next_word_ + source.words) % kAddresses;
    used_ += source.words;
    ready_.push_back(source);
  }
  dut->place_valid_i = !placements_.empty();
  if (!placements_.empty()) {
    const Placement p = placements_.front();
    const std::uint64_t high = std::uint64_t{contract::RD_TX_DATA} << 23 | std::uint64_t{p.word} << 8 | p.data >> 56;
    put_wide(dut->place_i, p.data << 8 | p.be, static_cast<unsigned>(high));
    placements_.pop_front();
  }
  // Placed in this cycle is too early for a commit of its source.
  const bool whole = !ready_.empty() && (ready_.size() > 1 || !dut->place_valid_i) && !hold_commits;
  dut->commit_valid_i = whole;
  if (whole) {
    dut->features_i = static_cast<std::uint8_t>(ready_.front().features);
    dut->commit_base_i = static_cast<std::uint16_t>(ready_.front().base);
    dut->commit_len_i = static_cast<unsigned>(ready_.front().buffer.size());
    dut->commit_release_i = static_cast<std::uint16_t>(ready_.front().words);
    dut->commit_pair_i = static_cast<std::uint8_t>(ready_.front().pair);
  }
  dut->out_ready_i = random_() % 100 < willing;
}

void TxPathBench::observe() {
  if (dut->commit_valid_i && dut->commit_ready_o) {
    lent_.push_back(ready_.front().words);
    ready_.pop_front();
  }
  if (dut->out_valid_o && dut->out_ready_i) {
    if (first_beat == 0) first_beat = dut.cycles();
    last_beat = dut.cycles();
    collector.add(take_beat(dut->out_o));
  }
}

void TxPathBench::step() {
  drive();
  dut.settle();
  observe();
  dut.tick();
  if (dut->free_valid_o) {
    if (lent_.empty() || lent_.front() != dut->free_words_o) throw std::runtime_error("words given back wrongly");
    used_ -= lent_.front();
    lent_.pop_front();
  }
  drops += dut->drop_offload_o;
  made += dut->frame_made_o;
  extra += dut->extra_o;
  if (dut->drop_offload_o) ++drops_of_pair[dut->pair_o];
  if (dut->frame_made_o) {
    ++made_of_pair[dut->pair_o];
    bytes += dut->frame_len_o;
  }
}

bool TxPathBench::finish() {
  long quiet = 0;
  for (long left = 40'000'000; left > 0 && quiet < 3000; --left) {
    step();
    const bool busy = !waiting_.empty() || !ready_.empty() || !placements_.empty() || !lent_.empty() ||
                      dut->out_valid_o || collector.inside();
    quiet = busy ? 0 : quiet + 1;
  }
  return quiet != 0;
}

}  // namespace tests::tx
