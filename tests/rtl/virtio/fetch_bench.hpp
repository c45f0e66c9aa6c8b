// SPDX-License-Identifier: Apache-2.0
// virtq_fetch between drivers, host memory behind a link, and an engine that takes what it is offered.
//
// Reads and writes take effect in the order of the link; a read's data is sampled in pieces of 64 bytes, each at
// a time of its own, and comes back in any order. The engine checks every head and piece against its driver.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/virtio/fetch_driver.hpp"
#include "Vvirtq_fetch_test_rtl.h"

namespace tests::virtio {

struct FetchTiming {
  unsigned latency = 20;  // cycles from request to data, at least
  unsigned jitter = 200;  // and at most this much more
  unsigned stall = 20;    // per cent of cycles in which a ready is withheld
  bool in_order = false;
};

class FetchBench {
 public:
  static constexpr unsigned kPairs = 8;
  static constexpr bool kDeviceWrites = true;  // a receive queue's

  FetchBench(FetchMode mode, FetchTiming timing, unsigned seed);

  /// A queue of this size at its own place in memory, configured and enabled.
  void open(unsigned pair, unsigned size);
  void step();
  void run(int cycles) {
    for (int k = 0; k < cycles; ++k) step();
  }
  /// Rings at once, whatever the ring says.
  void ring(unsigned pair) { doorbells_.emplace_back(pair, 0u); }
  /// Stops the queue, waits until it is quiet, checks that it stays so, clears it; the driver is gone then.
  void close(unsigned pair);
  [[nodiscard]] bool quiet(unsigned pair);

  FetchDriver& driver(unsigned pair) { return *drivers_.at(pair); }
  [[nodiscard]] bool is_open(unsigned pair) const { return drivers_.at(pair) != nullptr; }

  // what the drivers and the engine do in each cycle
  bool auto_publish = true;
  unsigned engine_rate = 60;               // per cent of cycles in which the engine looks at a queue
  unsigned kick_delay = 40;                // cycles at most, at either step
  bool lie = false;                        // doorbells say nonsense
  std::set<unsigned> ignored;              // queues the engine does not take from
  std::uint64_t bad_from = 0, bad_to = 0;  // reads of these addresses fail

  // what came of it
  std::map<unsigned, unsigned> failed;  // pair -> code
  std::string violation;                // the first broken promise
  long taken = 0;
  long kicks = 0;
  long writes = 0;
  long read_requests = 0;
  long read_bytes = 0;
  long cycle = 0;
  FetchMemory memory;
  tests::Clocked<Vvirtq_fetch_test_rtl> dut;

 private:
  struct Chunk {
    std::size_t read;
    std::uint64_t addr;
    std::uint32_t len;
    std::uint32_t local;
    long sample_at;
    long due;
    bool sampled = false;
    std::vector<std::uint8_t> bytes;
    std::uint32_t next = 0;
  };
  struct Read {
    unsigned op;
    unsigned pair;
    unsigned chunks;
    bool bad;
  };
  struct Write {
    std::uint64_t addr;
    std::uint32_t len;
    std::uint64_t data;
    long done_at;
    long due;
  };
  struct Actor {
    long wait_until = 0;
    int phase = 0;
  };
  struct Taken {
    unsigned pair;
    FetchBuffer buffer;
  };

  void drive_drivers();
  void drive_dma();
  void take_requests();
  void drive_engine();
  void check_head(unsigned pair);
  void check_piece();
  void configure(unsigned pair, unsigned field, std::uint64_t data);
  [[nodiscard]] int pair_of(std::uint64_t addr) const;
  unsigned below(unsigned limit) { return limit == 0 ? 0 : static_cast<unsigned>(random_() % limit); }
  void violate(const std::string& what) {
    if (violation.empty()) violation = what;
  }

  FetchMode mode_;
  FetchTiming timing_;
  std::mt19937 random_;
  std::vector<std::unique_ptr<FetchDriver>> drivers_{kPairs};
  std::vector<Actor> actors_{kPairs};
  std::deque<std::pair<unsigned, unsigned>> doorbells_;
  std::map<std::size_t, Read> reads_;
  std::size_t next_read_ = 0;
  std::deque<Chunk> chunks_;
  std::deque<std::pair<long, std::size_t>> dones_;
  std::deque<Write> wires_;       // in order; first done, then effect
  std::optional<Write> writing_;  // request taken, data not
  long link_free_ = 0;
  std::deque<Taken> takes_;  // pieces still to come
  std::size_t piece_ = 0;
  int looked_ = -1;
  bool was_taken_ = false;
  std::vector<long> not_before_ = std::vector<long>(kPairs);
  unsigned last_pair_ = 0;
};

}  // namespace tests::virtio
