// SPDX-License-Identifier: Apache-2.0
// dma_write between C++ clients and a C++ link: every TLP byte is matched with the accepted requests, in order.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <random>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/dma/memory_request_rules.hpp"
#include "Vdma_write_test_rtl.h"

namespace tests {

struct WriteRequest {
  std::uint64_t address = 0;
  std::vector<std::uint8_t> data;
};

class DmaWriteBench {
 public:
  static constexpr unsigned kClients = 6;

  explicit DmaWriteBench(unsigned seed) : random(seed) {
    dut->bus_master_en_i = 1;
    dut->mps_i = 0;
    dut->requester_id_i = kRequester;
    dut->gate_i = 0;
    clear_words(dut->req_i);
    clear_words(dut->data_i);
  }

  void ask(unsigned client, std::uint64_t address, unsigned bytes) {
    WriteRequest r{address, std::vector<std::uint8_t>(bytes)};
    for (auto& b : r.data) b = static_cast<std::uint8_t>(random());
    clients_[client].waiting.push_back(std::move(r));
  }

  /// 0 .. n - 1
  unsigned draw(unsigned n) { return static_cast<unsigned>(random() % n); }

  /// One clock; clients and link stall with the given chances in percent.
  void cycle() {
    drive_clients();
    dut->out_ready_i = chance(link_stall) ? 0 : 1;
    dut->out_dropped_i = link_drops ? 1 : 0;
    dut.settle();
    take_acceptances();
    take_link();
    for (unsigned c = 0; c < kClients; ++c) {
      if (((dut->done_o >> c) & 1) != 0) ++done[c];
    }
    written_tlps += dut->stat_tlp_o;
    discarded_tlps += dut->stat_discarded_o;
    dut.tick();
  }

  /// Until every request of every client is done (or fails after `limit` cycles).
  void run(long limit = 200000) {
    while (pending() && limit-- > 0) cycle();
    REQUIRE_FALSE(pending());
    REQUIRE_FALSE(collector_.broken);
    dut.settle();
    REQUIRE(dut->busy_o == 0);
    if (dut->bus_master_en_i != 0 && !link_drops) REQUIRE(expected.empty());
  }

  [[nodiscard]] bool pending() const {
    unsigned accepted = 0;
    unsigned finished = 0;
    for (unsigned c = 0; c < kClients; ++c) {
      if (!clients_[c].waiting.empty() || !clients_[c].beats.empty()) return true;
      accepted += accepted_[c];
      finished += done[c];
    }
    return accepted != finished;
  }

  static constexpr unsigned kRequester = 0x0308;
  Clocked<Vdma_write_test_rtl> dut;
  std::mt19937 random;
  unsigned data_stall = 0;
  unsigned link_stall = 0;
  bool link_drops = false;  // what it takes
  std::array<unsigned, kClients> done{};
  unsigned written_tlps = 0;
  unsigned discarded_tlps = 0;
  unsigned tlps = 0;
  long first_beat_cycle = -1;
  long last_beat_cycle = -1;
  unsigned beats = 0;
  std::deque<WriteRequest> expected;  // accepted, not yet seen whole on the link

 private:
  struct Client {
    std::deque<WriteRequest> waiting;
    std::deque<std::pair<std::uint64_t, unsigned>> beats;  // data, empty | last << 3
    bool offering = false;
  };

  bool chance(unsigned percent) { return draw(100) < percent; }

  void drive_clients() {
    unsigned req_valid = 0;
    unsigned data_valid = 0;
    for (unsigned c = 0; c < kClients; ++c) {
      Client& client = clients_[c];
      if (!client.waiting.empty()) {
        req_valid |= 1u << c;
        set_bits(dut->req_i, 80 * c, 16, client.waiting.front().data.size());
        set_bits(dut->req_i, 80 * c + 16, 64, client.waiting.front().address);
      }
      if (client.beats.empty()) continue;
      client.offering = client.offering || !chance(data_stall);
      if (client.offering) {
        data_valid |= 1u << c;
        const auto [data, flags] = client.beats.front();
        set_bits(dut->data_i, 72 * c, 64, data);
        set_bits(dut->data_i, 72 * c + 64, 8, flags);
      }
    }
    dut->req_valid_i = static_cast<CData>(req_valid);
    dut->data_valid_i = static_cast<CData>(data_valid);
  }

  void take_acceptances() {
    for (unsigned c = 0; c < kClients; ++c) {
      Client& client = clients_[c];
      if (((dut->data_valid_i & dut->data_ready_o) >> c & 1) != 0) {
        client.beats.pop_front();
        client.offering = false;
      }
      if (((dut->req_valid_i & dut->req_ready_o) >> c & 1) == 0) continue;
      REQUIRE(((dut->gate_i >> c) & 1) == 0);
      const WriteRequest& r = client.waiting.front();
      for (std::size_t at = 0; at < r.data.size(); at += kBeatBytes) {
        std::uint64_t data = random();  // bytes behind the end are anything
        data |= data << 32;
        const std::size_t n = std::min<std::size_t>(kBeatBytes, r.data.size() - at);
        for (std::size_t i = 0; i < n; ++i) {
          data &= ~(0xffull << (8 * i));
          data |= static_cast<std::uint64_t>(r.data[at + i]) << (8 * i);
        }
        const bool last = at + n == r.data.size();
        client.beats.emplace_back(data, last ? 8u | static_cast<unsigned>(kBeatBytes - n) : 0u);
      }
      expected.push_back(r);
      client.waiting.pop_front();
      ++accepted_[c];
    }
  }

  void take_link() {
    if (dut->out_valid_o == 0 || dut->out_ready_i == 0 || dut->out_dropped_i != 0) return;
    if (first_beat_cycle < 0) first_beat_cycle = dut.cycles();
    last_beat_cycle = dut.cycles();
    ++beats;
    if (const auto tlp = collector_.add(read_beat(dut->out_o))) match(*tlp);
  }

  /// The TLP continues exactly where the oldest unfinished request stands.
  void match(const Tlp& t) {
    ++tlps;
    REQUIRE(broken_rule(t, 128u << dut->mps_i) == "");
    REQUIRE(requester_of(t) == kRequester);
    REQUIRE(has_data(t));
    const RequestSpan span = span_of(t);
    REQUIRE_FALSE(expected.empty());
    WriteRequest& r = expected.front();
    REQUIRE(span.address == r.address);
    REQUIRE(span.bytes <= r.data.size());
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(t.payload.data()) + (span.address & 3);
    REQUIRE(std::equal(bytes, bytes + span.bytes, r.data.begin()));
    if (span.bytes == r.data.size()) {
      expected.pop_front();
    } else {
      REQUIRE((span.address + span.bytes) % 128 == 0);  // splits realign
      r.address += span.bytes;
      r.data.erase(r.data.begin(), r.data.begin() + span.bytes);
    }
  }

  std::array<Client, kClients> clients_{};
  std::array<unsigned, kClients> accepted_{};
  TlpCollector collector_;
};

}  // namespace tests
