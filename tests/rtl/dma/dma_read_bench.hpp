// SPDX-License-Identifier: Apache-2.0
// dma_read between C++ clients and a C++ completer. Every placement must lie inside a request in flight, carry the
// host's byte, and come once; every done must come after its last byte.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/dma/completer.hpp"
#include "tests/rtl/dma_layout.hpp"
#include "Vdma_read_test_rtl.h"

namespace tests {

struct ReadRequest {
  unsigned client = 0;
  unsigned op = 0;
  std::uint64_t address = 0;
  unsigned bytes = 0;
  unsigned local = 0;
};

class DmaReadBench {
 public:
  static constexpr unsigned kClients = 5;
  static constexpr unsigned kRequester = 0x0308;
  static constexpr unsigned kLocalBytes = 1u << dma_layout::kLocalW;

  explicit DmaReadBench(unsigned seed) : random(seed), completer(seed) {
    dut->bus_master_en_i = 1;
    dut->mrrs_i = 2;
    dut->ext_tag_en_i = 1;
    dut->requester_id_i = kRequester;
    dut->timeout_i = 1u << 20;
    dut->gate_i = 0;
    clear_words(dut->req_i);
    clear_words(dut->cpl_i);
  }

  unsigned draw(unsigned n) { return static_cast<unsigned>(random() % n); }

  void ask(const ReadRequest& r) { waiting_[r.client].push_back(r); }

  /// A completion of the test's own making, before those of the completer.
  void inject(const Tlp& t) {
    for (const TlpBeat& b : beats_of(t)) beats_.push_back(b);
  }
  void inject_beats(const std::deque<TlpBeat>& beats) { beats_.insert(beats_.end(), beats.begin(), beats.end()); }

  void cycle() {
    drive();
    dut->out_dropped_i = 0;
    dut.settle();
    if (drop_reads != 0 && dut->out_valid_o != 0 && dut->out_ready_i != 0) {
      --drop_reads;
      dut->out_dropped_i = 1;
      dut.settle();
    }
    check_placement();
    check_done();
    for (unsigned c = 0; c < kClients; ++c) {
      if (((dut->req_valid_i & dut->req_ready_o) >> c & 1) == 0) continue;
      const ReadRequest& r = waiting_[c].front();
      in_flight[{c, r.op}] = {r, std::vector<bool>(r.bytes)};
      waiting_[c].pop_front();
    }
    if (dut->out_valid_o != 0 && dut->out_ready_i != 0 && dut->out_dropped_i == 0) take_tlp();
    if (dut->cpl_valid_i != 0 && dut->cpl_ready_o != 0) beats_.pop_front();
    count_stats();
    dut.tick();
  }

  void run(long limit = 400000) {
    while (busy() && limit-- > 0) cycle();
    REQUIRE_FALSE(busy());
    for (int i = 0; i < 8; ++i) cycle();
    REQUIRE(dut->busy_o == 0);
  }

  void cycles(int n) {
    while (n-- > 0) cycle();
  }

  [[nodiscard]] bool busy() const {
    for (const auto& w : waiting_) {
      if (!w.empty()) return true;
    }
    return !in_flight.empty() || !beats_.empty() || (answer && !completer.idle());
  }

  struct InFlight {
    ReadRequest request;
    std::vector<bool> placed;
  };

  Clocked<Vdma_read_test_rtl> dut;
  std::mt19937 random;
  Completer completer;
  bool answer = true;       // the completer's TLPs are delivered
  unsigned link_stall = 0;  // percent
  unsigned drop_reads = 0;  // so many of the next ones go nowhere
  std::deque<Tlp> reads;    // seen on the link
  std::map<std::pair<unsigned, unsigned>, InFlight> in_flight;
  std::map<std::pair<unsigned, unsigned>, unsigned> status;  // of finished requests
  std::map<std::string, unsigned> stats;
  unsigned max_tag = 0;
  unsigned placements = 0;

 private:
  void drive() {
    unsigned valid = 0;
    for (unsigned c = 0; c < kClients; ++c) {
      if (waiting_[c].empty()) continue;
      const ReadRequest& r = waiting_[c].front();
      if (in_flight.count({c, r.op}) != 0) continue;
      valid |= 1u << c;
      set_bits(dut->req_i, dma_layout::kReqW * c, 5, r.op);
      set_bits(dut->req_i, dma_layout::kReqW * c + dma_layout::kReqLocal, dma_layout::kLocalW, r.local);
      set_bits(dut->req_i, dma_layout::kReqW * c + dma_layout::kReqLen, 16, r.bytes);
      set_bits(dut->req_i, dma_layout::kReqW * c + dma_layout::kReqAddr, 64, r.address);
    }
    dut->req_valid_i = static_cast<CData>(valid);
    dut->out_ready_i = draw(100) >= link_stall ? 1 : 0;
    if (beats_.empty() && answer) {
      if (const auto t = completer.next(dut.cycles())) inject(*t);
    }
    dut->cpl_valid_i = beats_.empty() ? 0 : 1;
    if (!beats_.empty()) write_beat(dut->cpl_i, beats_.front());
  }

  void take_tlp() {
    const TlpBeat beat = read_beat(dut->out_o);
    REQUIRE((beat.first && beat.last));
    Tlp t{beat.header, {}};
    REQUIRE(broken_rule(t, std::min(512u, 128u << dut->mrrs_i)) == "");
    REQUIRE_FALSE(has_data(t));
    REQUIRE(requester_of(t) == kRequester);
    max_tag = std::max(max_tag, tag_of(t));
    reads.push_back(t);
    completer.request(t, dut.cycles());
  }

  void check_placement() {
    if (dut->place_valid_o == 0) return;
    ++placements;
    const auto be = static_cast<unsigned>(get_bits(dut->place_o, 0, 8));
    const std::uint64_t data = get_bits(dut->place_o, 8, 64);
    const auto word = static_cast<unsigned>(get_bits(dut->place_o, dma_layout::kPlaceWord, dma_layout::kWordW));
    const auto client = static_cast<unsigned>(get_bits(dut->place_o, dma_layout::kPlaceClient, 3));
    REQUIRE(be != 0);
    for (unsigned lane = 0; lane < 8; ++lane) {
      if (((be >> lane) & 1) != 0) place_byte(client, word * 8 + lane, static_cast<std::uint8_t>(data >> (8 * lane)));
    }
  }

  void place_byte(unsigned client, unsigned local, std::uint8_t value) {
    bool inside = false;
    for (auto& [key, flight] : in_flight) {
      const ReadRequest& r = flight.request;
      const unsigned at = (local - r.local) % kLocalBytes;
      if (key.first != client || at >= r.bytes) continue;
      inside = true;
      if (flight.placed[at] || value != host_byte(r.address + at)) {
        CAPTURE(r.client, r.op, r.address, r.bytes, r.local, at);
        REQUIRE_FALSE(flight.placed[at]);
        REQUIRE(value == host_byte(r.address + at));
      }
      flight.placed[at] = true;
    }
    if (!inside) FAIL("placed outside every request: client " << client << " byte " << local);
  }

  void check_done() {
    if (dut->done_valid_o == 0) return;
    const unsigned d = dut->done_o;
    const std::pair<unsigned, unsigned> key{d >> 8, (d >> 3) & 31};
    const auto found = in_flight.find(key);
    REQUIRE(found != in_flight.end());
    if ((d & 7) == contract::RD_OK) {
      const auto& placed = found->second.placed;
      REQUIRE(std::find(placed.begin(), placed.end(), false) == placed.end());
    }
    status[key] = d & 7;
    in_flight.erase(found);
  }

  void count_stats() {
    static constexpr const char* kNames[] = {"timeout", "late",   "poisoned",  "status",
                                             "address", "length", "requester", "unexpected"};
    const unsigned word = dut->stat_cpl_o | dut->stat_timeout_o;
    for (unsigned i = 0; i < 8; ++i) {
      if (((word >> i) & 1) != 0) ++stats[kNames[i]];
    }
    if (dut->stat_tlp_o != 0) ++stats["tlps"];
  }

  std::array<std::deque<ReadRequest>, kClients> waiting_;
  std::deque<TlpBeat> beats_;
};

}  // namespace tests
