// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/virtio/fetch_bench.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/dma_layout.hpp"
#include "tests/rtl/virtio/bits.hpp"

namespace tests::virtio {

namespace {
constexpr std::uint64_t kSpan = FetchMemory::kBytes / FetchBench::kPairs;
}  // namespace

FetchBench::FetchBench(FetchMode mode, FetchTiming timing, unsigned seed)
    : mode_(mode), timing_(timing), random_(seed) {
  dut->mode_i = static_cast<unsigned char>(mode.bits());
  dut->enabled_i = 0;
  dut->stop_i = 0;
  dut.reset();
  for (int k = 0; k < 64 * static_cast<int>(kPairs) + 10; ++k) dut.tick();  // the sweep after reset
}

void FetchBench::configure(unsigned pair, unsigned field, std::uint64_t data) {
  set_bits(dut->config_i, 0, 64, data);
  set_bits(dut->config_i, 64, 2, field);
  set_bits(dut->config_i, 66, 6, pair);
  set_bits(dut->config_i, 72, 1, 1);
  step();
  set_bits(dut->config_i, 72, 1, 0);
}

void FetchBench::open(unsigned pair, unsigned size) {
  const std::uint64_t base = FetchMemory::kBase + pair * kSpan + 4096 * below(3) + 16 * below(200);
  auto fresh = std::make_unique<FetchDriver>(memory, base, size, mode_, kDeviceWrites, random_());
  configure(pair, 0, fresh->desc());
  configure(pair, 1, fresh->driver_area());
  configure(pair, 2, fresh->device_area());
  configure(pair, 3, size);
  drivers_[pair] = std::move(fresh);
  actors_[pair] = {};
  dut->stop_i = static_cast<unsigned char>(dut->stop_i & ~(1u << pair));
  dut->enabled_i = static_cast<unsigned char>(dut->enabled_i | 1u << pair);
}

int FetchBench::pair_of(std::uint64_t addr) const {
  if (!memory.holds(addr, 1)) return -1;
  return static_cast<int>((addr - FetchMemory::kBase) / kSpan);
}

bool FetchBench::quiet(unsigned pair) {
  dut->query_pair_i = static_cast<unsigned char>(pair);
  run(3);
  return dut->query_quiet_o;
}

void FetchBench::close(unsigned pair) {
  dut->stop_i = static_cast<unsigned char>(dut->stop_i | 1u << pair);
  bool is_quiet = false;
  for (int k = 0; k < 3000 && !is_quiet; ++k) is_quiet = quiet(pair);
  if (!is_quiet) violate(fmt::format("queue {} does not come to rest", pair));
  for (int k = 0; k < 16; ++k) {
    step();
    if (!dut->query_quiet_o) violate(fmt::format("queue {} was quiet and moves again", pair));
    for (const auto& [at, read] : reads_)
      if (read.pair == pair) violate(fmt::format("queue {} says quiet with a read under way", pair));
    for (const Taken& one : takes_)
      if (one.pair == pair) violate(fmt::format("queue {} says quiet with pieces under way", pair));
  }
  std::erase_if(doorbells_, [pair](const auto& one) { return one.first == pair; });
  dut->enabled_i = static_cast<unsigned char>(dut->enabled_i & ~(1u << pair));
  dut->clear_pair_i = static_cast<unsigned char>(pair);
  dut->clear_valid_i = 1;
  step();
  dut->clear_valid_i = 0;
  drivers_[pair].reset();
  failed.erase(pair);
  is_quiet = false;
  for (int k = 0; k < 100 && !is_quiet; ++k) is_quiet = quiet(pair);
  if (!is_quiet) violate(fmt::format("queue {} does not come to rest after the clear", pair));
}

void FetchBench::step() {
  drive_drivers();
  drive_dma();
  drive_engine();
  dut.settle();
  take_requests();
  check_piece();
  if (dut->fail_valid_o) {
    if (failed.contains(dut->fail_pair_o)) violate("a queue failed twice");
    failed[dut->fail_pair_o] = dut->fail_code_o;
  }
  dut.tick();
  if (was_taken_) dut->take_valid_i = 0;
  was_taken_ = false;
  ++cycle;
}

void FetchBench::drive_drivers() {
  for (unsigned pair = 0; pair < kPairs; ++pair) {
    if (!drivers_[pair]) continue;
    Actor& actor = actors_[pair];
    if (!auto_publish || cycle < actor.wait_until) continue;
    FetchDriver& one = *drivers_[pair];
    if (actor.phase == 0) {
      if (!one.publish()) continue;
      actor.phase = 1;
      actor.wait_until = cycle + below(kick_delay);
    } else if (actor.phase == 1) {
      const bool wanted = one.kick_wanted();
      actor.phase = wanted ? 2 : 0;
      actor.wait_until = cycle + below(kick_delay);
    } else {
      ++kicks;
      doorbells_.emplace_back(pair, lie ? static_cast<unsigned>(random_() & 0xffff) : one.next());
      actor.phase = 0;
    }
  }
  dut->doorbell_i = 0;
  if (!doorbells_.empty()) {
    const auto [pair, next] = doorbells_.front();
    doorbells_.pop_front();
    dut->doorbell_i = 1u << 22 | pair << 16 | next;
  }
}

void FetchBench::drive_dma() {
  dut->wr_done_i = 0;
  for (Write& one : wires_) {
    if (one.done_at != cycle) continue;
    dut->wr_done_i = 1;
    one.due = link_free_ = std::max(link_free_, cycle + 1 + below(timing_.latency));
  }
  while (!wires_.empty() && wires_.front().due != 0 && wires_.front().due <= cycle) {
    const Write& one = wires_.front();
    if (memory.holds(one.addr, one.len)) {
      memory.write(one.addr, one.data, one.len);
    } else {
      violate(fmt::format("write outside memory at {:#x}", one.addr));
    }
    wires_.pop_front();
  }
  dut->rd_place_valid_i = 0;
  dut->rd_done_valid_i = 0;
  if (!dones_.empty() && dones_.front().first <= cycle) {
    const std::size_t at = dones_.front().second;
    dones_.pop_front();
    dut->rd_done_valid_i = 1;
    dut->rd_done_i = static_cast<std::uint16_t>(contract::RD_RX_DESC << 8 | reads_.at(at).op << 3 |
                                                (reads_.at(at).bad ? contract::RD_CPL_STATUS : contract::RD_OK));
    reads_.erase(at);
  }
  for (Chunk& one : chunks_) {
    if (one.sampled || one.sample_at > cycle) continue;
    one.sampled = true;
    const bool bad = !memory.holds(one.addr, one.len) || (one.addr < bad_to && one.addr + one.len > bad_from);
    if (bad) {
      reads_.at(one.read).bad = true;
      one.next = one.len;
    }
    for (std::uint32_t i = 0; i < one.len && !bad; ++i) one.bytes.push_back(memory.at(one.addr + i));
  }
  std::vector<std::size_t> ready;
  for (std::size_t k = 0; k < chunks_.size(); ++k)
    if (chunks_[k].sampled && chunks_[k].due <= cycle) ready.push_back(k);
  if (ready.empty() || below(100) < timing_.stall) return;
  const std::size_t pick = timing_.in_order ? ready.front() : ready[below(static_cast<unsigned>(ready.size()))];
  Chunk& one = chunks_[pick];
  if (one.next < one.len) {
    std::uint64_t data = 0;
    unsigned be = 0;
    const unsigned word = (one.local + one.next) / 8;
    do {
      const unsigned lane = (one.local + one.next) % 8;
      be |= 1u << lane;
      data |= std::uint64_t{one.bytes[one.next]} << (8 * lane);
      ++one.next;
    } while (one.next < one.len && (one.local + one.next) % 8 != 0);
    dut->rd_place_valid_i = 1;
    set_bits(dut->rd_place_i, dma_layout::kPlaceBe, 8, be);
    set_bits(dut->rd_place_i, dma_layout::kPlaceData, 64, data);
    set_bits(dut->rd_place_i, dma_layout::kPlaceWord, dma_layout::kWordW, word);
    set_bits(dut->rd_place_i, dma_layout::kPlaceClient, 3, contract::RD_RX_DESC);
    if (one.next < one.len) return;
  }
  const std::size_t read = one.read;
  chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(pick));
  if (--reads_.at(read).chunks == 0) dones_.emplace_back(cycle + 1, read);
}

void FetchBench::take_requests() {
  dut->rd_req_ready_i = below(100) >= timing_.stall;
  dut->wr_req_ready_i = !writing_ && below(100) >= timing_.stall;
  dut->wr_data_ready_i = writing_.has_value() && below(100) >= timing_.stall;
  dut.settle();
  if (dut->rd_req_valid_o && dut->rd_req_ready_i) {
    std::uint64_t addr = bits(dut->rd_req_o, dma_layout::kReqAddr, 64);
    auto len = static_cast<std::uint32_t>(bits(dut->rd_req_o, dma_layout::kReqLen, 16));
    auto local = static_cast<std::uint32_t>(bits(dut->rd_req_o, dma_layout::kReqLocal, dma_layout::kLocalW));
    const auto op = static_cast<unsigned>(bits(dut->rd_req_o, dma_layout::kReqOp, 5));
    if (len == 0) violate("a read of no bytes");
    for (const auto& [at, read] : reads_)
      if (read.op == op) violate("an operation is used twice");
    ++read_requests;
    read_bytes += len;
    const int pair = pair_of(addr);
    if (pair >= 0 && !(dut->enabled_i >> pair & 1)) violate("a read for a queue that is not enabled");
    Read read{.op = op, .pair = static_cast<unsigned>(pair), .chunks = 0, .bad = false};
    const long from = link_free_ = std::max(link_free_, cycle + 1);
    while (len != 0) {
      const auto part = std::min<std::uint32_t>(len, static_cast<std::uint32_t>(64 - addr % 64));
      const long sample = from + below(timing_.jitter) / 2;
      chunks_.push_back({.read = next_read_,
                         .addr = addr,
                         .len = part,
                         .local = local,
                         .sample_at = sample,
                         .due = std::max(sample + 1, cycle + timing_.latency + below(timing_.jitter)),
                         .bytes = {}});
      addr += part;
      local += part;
      len -= part;
      ++read.chunks;
    }
    reads_[next_read_++] = read;
  }
  if (dut->wr_data_valid_o && dut->wr_data_ready_i) {
    writing_->data = bits(dut->wr_data_o, 0, 64);
    const auto empty = static_cast<unsigned>(bits(dut->wr_data_o, 64, 3));
    if (8 - empty != writing_->len || bits(dut->wr_data_o, 67, 1) == 0) violate("a write is not as long as announced");
    writing_->done_at = cycle + 2 + below(6);
    wires_.push_back(*writing_);
    writing_.reset();
    ++writes;
  }
  if (dut->wr_req_valid_o && dut->wr_req_ready_i) {
    writing_ = Write{.addr = bits(dut->wr_req_o, 16, 64),
                     .len = static_cast<std::uint32_t>(bits(dut->wr_req_o, 0, 16)),
                     .data = 0,
                     .done_at = 0,
                     .due = 0};
  }
}

void FetchBench::drive_engine() {
  dut->piece_ready_i = below(100) >= timing_.stall;
  if (dut->take_valid_i) return;  // held until taken
  if (looked_ >= 0) {
    const auto pair = static_cast<unsigned>(looked_);
    looked_ = -1;
    if (!(dut->stop_i >> pair & 1)) {
      check_head(pair);
      dut->take_valid_i = 1;
      dut->take_pair_i = static_cast<unsigned char>(pair);
    }
    return;
  }
  if (below(100) >= engine_rate) return;
  for (unsigned k = 1; k <= kPairs; ++k) {
    const unsigned pair = (last_pair_ + k) % kPairs;
    if (!(dut->head_valid_o >> pair & 1) || not_before_[pair] > cycle || ignored.contains(pair)) continue;
    looked_ = static_cast<int>(pair);
    last_pair_ = pair;
    dut->head_pair_i = static_cast<unsigned char>(pair);
    break;
  }
}

void FetchBench::check_head(unsigned pair) {
  if (!drivers_[pair] || drivers_[pair]->open.empty()) {
    violate(fmt::format("queue {} offers a buffer that nobody made available", pair));
    return;
  }
  const std::deque<FetchBuffer>& open = drivers_[pair]->open;
  const FetchBuffer& buffer = open.front();
  const std::uint64_t ready = bits(dut->head_o, 0, 21);
  if (bits(dut->head_o, 54, 16) != buffer.id || bits(dut->head_o, 38, 16) != buffer.descs ||
      bits(dut->head_o, 21, 17) != buffer.total()) {
    violate(fmt::format("queue {}: head {} of {} entries, {} bytes, expected {} of {}, {}", pair,
                        bits(dut->head_o, 54, 16), bits(dut->head_o, 38, 16), bits(dut->head_o, 21, 17), buffer.id,
                        buffer.descs, buffer.total()));
  }
  std::uint64_t sum = 0;
  bool fits = false;
  for (const FetchBuffer& one : open) {
    sum += one.total();
    fits = fits || std::min<std::uint64_t>(sum, 0x1f'ffff) == ready;
  }
  if (!fits) violate(fmt::format("queue {}: {} bytes ready fit no number of buffers", pair, ready));
}

void FetchBench::check_piece() {
  if (dut->take_valid_i && dut->take_ready_o) {
    const unsigned pair = dut->take_pair_i;
    if (drivers_[pair] && !drivers_[pair]->open.empty()) {
      takes_.push_back({pair, drivers_[pair]->open.front()});
      drivers_[pair]->open.pop_front();
      ++drivers_[pair]->taken;
      drivers_[pair]->use(takes_.back().buffer);
    }
    ++taken;
    not_before_[pair] = cycle + 4;
    was_taken_ = true;
  }
  if (dut->piece_valid_o && dut->piece_ready_i) {
    if (takes_.empty()) {
      violate("a piece of nothing");
    } else {
      const Taken& one = takes_.front();
      const FetchPiece& piece = one.buffer.pieces.at(piece_);
      const bool last = piece_ + 1 == one.buffer.pieces.size();
      if (bits(dut->piece_o, 0, 64) != piece.addr || bits(dut->piece_o, 64, 16) != piece.len ||
          bits(dut->piece_o, 80, 16) != one.buffer.descs || bits(dut->piece_o, 96, 16) != one.buffer.id ||
          bits(dut->piece_o, 112, 1) != last || bits(dut->piece_o, 113, 1) != (piece_ == 0) ||
          bits(dut->piece_o, 114, 6) != one.pair) {
        violate(fmt::format("queue {}: piece {} of buffer {} is wrong", one.pair, piece_, one.buffer.id));
      }
      ++piece_;
      if (last) {
        takes_.pop_front();
        piece_ = 0;
      }
    }
  }
}

}  // namespace tests::virtio
