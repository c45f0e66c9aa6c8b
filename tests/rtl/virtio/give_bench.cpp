// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/virtio/give_bench.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/dma_layout.hpp"
#include "tests/rtl/virtio/bits.hpp"

namespace tests::virtio {

namespace {

constexpr unsigned kWr = contract::WR_RX_USED;
constexpr unsigned kRd = contract::RD_RX_EVENT;
#ifdef WIDE
constexpr bool kWide = true;
constexpr unsigned kData = 128, kEmpty = 4, kBe = 16;
#else
constexpr bool kWide = false;
constexpr unsigned kData = 64, kEmpty = 3, kBe = 8;
#endif
constexpr unsigned kPlaceWord = kBe + kData;
constexpr unsigned kPlaceClient = kPlaceWord + (kWide ? 14 : 15);

constexpr std::uint64_t spread(std::size_t queues) {
  return queues == 1 ? 0x8'0000 : 0x8000;
}

std::uint8_t with_bit(std::uint8_t bits, unsigned pair, bool set) {
  return static_cast<std::uint8_t>(set ? bits | 1u << pair : bits & ~(1u << pair));
}

}  // namespace

GiveBench::GiveBench(const GiveOptions& options)
    : dma(memory, options.timing, options.seed),
      options_(options),
      random_(options.seed),
      waiting_(options.sizes.size()),
      driver_(options.sizes.size()),
      silent_(options.sizes.size()) {
  const std::size_t queues = options.sizes.size();
  counts.frames.resize(queues);
  counts.irqs_of.resize(queues);
  dma.on_interrupt = [this](unsigned pair) { driver_[pair].interrupted = true; };
  const GiveMode& m = options.mode;
  dut->mode_i = static_cast<std::uint8_t>((m.packed ? 32 : 0) | (m.event_idx ? 16 : 0) | (m.in_order ? 8 : 0));
  dut->idle_i = 1;
  for (unsigned q = 0; q < queues; ++q) {
    rings.push_back(
        std::make_unique<GiveRing>(memory, HostMemory::kBase + 0x1'0000 * q, spread(queues), q, options.sizes[q], m));
    coalesce(q, false, 0);
    coalesce(q, true, 0);
    configure(q);
    ++counts.enables;
  }
}

void GiveBench::write_config(unsigned pair, unsigned field, std::uint64_t data) {
  set_bits(dut->config_i, 0, 64, data);
  set_bits(dut->config_i, 64, 2, field);
  set_bits(dut->config_i, 66, 6, pair);
  set_bits(dut->config_i, 72, 1, 1);
  step();
  set_bits(dut->config_i, 72, 1, 0);
}

void GiveBench::configure(unsigned pair) {
  write_config(pair, 0, rings[pair]->desc());
  write_config(pair, 1, rings[pair]->driver());
  write_config(pair, 2, rings[pair]->device());
  write_config(pair, 3, rings[pair]->size());
  dut->enabled_i = with_bit(dut->enabled_i, pair, true);
}

void GiveBench::coalesce(unsigned pair, bool usecs, std::uint32_t value) {
  dut->coalesce_i = 1ull << 39 | std::uint64_t{pair} << 33 | std::uint64_t{usecs} << 32 | value;
  step();
  dut->coalesce_i = 0;
}

void GiveBench::give(unsigned pair, const std::vector<unsigned>& descs) {
  for (const Give& g : rings[pair]->offer(descs, random_)) {
    waiting_[pair].push_back(g);
    order_.push_back(pair);
  }
}

void GiveBench::drive_engine() {
  dut->idle_i = engine_idle && order_.empty();
  if (!offering_ && !order_.empty() && below(100) >= options_.gap) {
    const std::size_t at = interleave ? below(static_cast<unsigned>(order_.size())) : 0;
    const unsigned pair = order_[at];
    order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(at));
    offered_ = waiting_[pair].front();
    waiting_[pair].pop_front();
    offering_ = true;
  }
  dut->give_valid_i = offering_;
  if (!offering_) return;
  set_bits(dut->give_i, 0, 32, offered_.len);
  set_bits(dut->give_i, 32, 16, offered_.descs);
  set_bits(dut->give_i, 48, 16, offered_.id);
  set_bits(dut->give_i, 64, 1, offered_.written);
  set_bits(dut->give_i, 65, 1, offered_.more);
  set_bits(dut->give_i, 66, 6, offered_.pair);
}

void GiveBench::drive_dma() {
  dma.begin();
  dut->wr_done_i = dma.write_done() != 0;
  if (dut->wr_done_i) dones.push_back(dut.cycles());
  dut->wr_data_ready_i = dut.cycles() >= beats_from_ && dma.data_ready() != 0;
  dut->rd_place_valid_i = dma.place().has_value();
  if (dma.place()) {
    const Place& p = *dma.place();
    const unsigned lane = kWide ? p.word % 2 : 0;
    set_bits(dut->rd_place_i, 0, kBe, std::uint64_t{p.be} << (8 * lane));
    for (unsigned k = 0; k < kData / 64; ++k) set_bits(dut->rd_place_i, kBe + 64 * k, 64, k == lane ? p.data : 0);
    set_bits(dut->rd_place_i, kPlaceWord, kWide ? 14 : 15, kWide ? p.word / 2 : p.word);
    set_bits(dut->rd_place_i, kPlaceClient, 3, p.client);
  }
  dut->rd_done_valid_i = dma.read_done().has_value();
  if (dma.read_done()) {
    const Done& d = *dma.read_done();
    reading_.erase(read_pair_.at(d.op));
    dut->rd_done_i = static_cast<std::uint16_t>(d.client << 8 | d.op << 3 | d.status);
  }
}

unsigned GiveBench::owner(std::uint64_t addr) const {
  return rings.size() == 1 ? 0 : static_cast<unsigned>((addr - HostMemory::kBase) / 0x1'0000);
}

void GiveBench::take_dma() {
  if (dut->wr_data_valid_o && dut->wr_data_ready_i) {
    const bool last = bits(dut->wr_data_o, kData + kEmpty, 1) != 0;
    const auto empty = static_cast<unsigned>(bits(dut->wr_data_o, kData, kEmpty));
    const bool upper = kWide && empty < 8;
    dma.take_data({.data = bits(dut->wr_data_o, 0, 64), .empty = upper ? 0 : empty % 8, .last = last && !upper});
    if (upper) dma.take_data({.data = bits(dut->wr_data_o, kData - 64, 64), .empty = empty, .last = last});
  }
  if (dut->wr_req_valid_o && dut->wr_req_ready_i) {
    const Request r{dut.cycles(), owner(bits(dut->wr_req_o, 16, 64)), bits(dut->wr_req_o, 16, 64),
                    static_cast<unsigned>(bits(dut->wr_req_o, 0, 16))};
    REQUIRE(r.pair < rings.size());
    REQUIRE(!silent_[r.pair]);
    writes.push_back(r);
    beats_from_ = dut.cycles() + others;
    dma.take_write(kWr, {.addr = r.addr, .len = r.len});
  }
  if (dut->rd_req_valid_o && dut->rd_req_ready_i) {
    const Request r{dut.cycles(), owner(bits(dut->rd_req_o, dma_layout::kReqAddr, 64)),
                    bits(dut->rd_req_o, dma_layout::kReqAddr, 64),
                    static_cast<unsigned>(bits(dut->rd_req_o, dma_layout::kReqLen, 16))};
    reads.push_back(r);
    REQUIRE(reading_.insert(r.pair).second);  // one a queue
    read_pair_[bits(dut->rd_req_o, dma_layout::kReqOp, 5)] = r.pair;
    REQUIRE((r.pair >= rings.size() || !silent_[r.pair]));
    dma.take_read(kRd,
                  {.addr = r.addr,
                   .len = r.len,
                   .local = static_cast<std::uint32_t>(bits(dut->rd_req_o, dma_layout::kReqLocal, dma_layout::kLocalW)),
                   .op = static_cast<std::uint32_t>(bits(dut->rd_req_o, dma_layout::kReqOp, 5))});
  }
  if (dut->irq_valid_o) {
    REQUIRE(dut->irq_pair_o < rings.size());
    REQUIRE(!silent_[dut->irq_pair_o]);
    ++counts.irqs;
    ++counts.irqs_of[dut->irq_pair_o];
    dma.take_interrupt(dut->irq_pair_o);
  }
  counts.suppressed += dut->suppressed_o;
  counts.entries += dut->published_entries_o;
}

void GiveBench::step() {
  drive_engine();
  drive_dma();
  dut->wr_req_ready_i = 0;
  dut->rd_req_ready_i = 0;
  dut.settle();
  waited_ = dut->wr_req_valid_o ? waited_ + 1 : 0;
  if (waited_ > others) dut->wr_req_ready_i = dma.choose_write(1u << kWr, 0) != 0;
  if (dut->rd_req_valid_o) dut->rd_req_ready_i = dma.choose_read(1u << kRd, 0) != 0;
  dut.settle();
  if (offering_ && dut->give_ready_o) {
    offering_ = false;
    last_take = dut.cycles();
    ++gives_taken;
  }
  take_dma();
  drivers();
  dut.tick();
}

void GiveBench::drivers() {
  for (unsigned q = 0; q < rings.size(); ++q) {
    Driver& d = driver_[q];
    if (options_.quick_driver) {
      counts.frames[q] += rings[q]->reap();
    } else if (d.awake ? d.due <= dut.cycles() : d.interrupted) {
      act(q);
    }
    REQUIRE(rings[q]->violation().empty());
  }
  REQUIRE(dma.violation().empty());
}

/// Interrupt -> disable -> reap until nothing shows -> enable -> look once more -> sleep; any time between steps.
void GiveBench::act(unsigned q) {
  Driver& d = driver_[q];
  if (!d.awake) {
    d = {.awake = true, .rearmed = false, .due = dut.cycles() + below(60), .interrupted = false};
    if (below(2) == 0) rings[q]->disable();
    return;
  }
  d.due = dut.cycles() + (below(3) == 0 ? 0 : below(80));
  const unsigned got = rings[q]->reap();
  counts.frames[q] += got;
  if (got != 0) {
    d.rearmed = false;
  } else if (!d.rearmed) {
    rings[q]->enable();
    ++counts.enables;
    d.rearmed = true;
  } else {
    d.awake = false;
    d.interrupted = false;  // what came until now was about entries that the last look would have shown
  }
}

bool GiveBench::all_back() const {
  bool back = order_.empty() && !offering_;
  for (const auto& ring : rings) back = back && ring->open() == 0;
  return back;
}

void GiveBench::settle(long at_most) {
  while (at_most-- > 0 && !(all_back() && dma.idle())) step();
  REQUIRE(all_back());
}

void GiveBench::reset_queue(unsigned pair, unsigned size) {
  dut->stop_i = with_bit(dut->stop_i, pair, true);
  // A frame whose last buffer the engine will not bring does not come back; all others do.
  const auto unfinished =
      std::count_if(waiting_[pair].begin(), waiting_[pair].end(), [](const Give& g) { return !g.more; });
  std::erase(order_, pair);
  waiting_[pair].clear();
  dut->query_pair_i = static_cast<std::uint8_t>(pair);
  run(2);
  for (int quiet = 0, patience = 5000; quiet < 16; --patience) {
    REQUIRE(patience > 0);
    const bool engine_quiet = (!offering_ || offered_.pair != pair) && last_take + 2 < dut.cycles();
    REQUIRE((dut->query_quiet_o || quiet == 0));  // nothing starts again
    quiet = dut->query_quiet_o && engine_quiet ? quiet + 1 : 0;
    step();
  }
  silent_[pair] = true;
  dut->clear_valid_i = 1;
  dut->clear_pair_i = static_cast<std::uint8_t>(pair);
  step();
  dut->clear_valid_i = 0;
  run(2 * options_.timing.link_max + 40);  // what is on the link arrives
  while (rings[pair]->used_waits()) counts.frames[pair] += rings[pair]->reap();
  REQUIRE(rings[pair]->open() == static_cast<std::size_t>(unfinished));
  dut->enabled_i = with_bit(dut->enabled_i, pair, false);
  rings[pair]->restart(size);
  ++counts.enables;
  driver_[pair] = {};
  silent_[pair] = false;
  dut->stop_i = with_bit(dut->stop_i, pair, false);
  configure(pair);
}

}  // namespace tests::virtio
