// SPDX-License-Identifier: Apache-2.0
// virtq_give with host memory behind it, an engine in front of it and one driver a queue.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/virtio/dma_model.hpp"
#include "tests/rtl/virtio/give_ring.hpp"
#include MODEL_HEADER

namespace tests::virtio {

struct GiveOptions {
  GiveMode mode;
  std::vector<unsigned> sizes;  // of the queues, from pair 0 on
  DmaTiming timing{.link_max = 20, .memory_max = 100, .stall = 0, .done_min = 8};
  unsigned seed = 1;
  unsigned gap = 0;          // per cent of cycles in which the engine pauses
  bool quick_driver = true;  // polls all the time and is never asleep
};

class GiveBench {
 public:
  explicit GiveBench(const GiveOptions& options);

  void coalesce(unsigned pair, bool usecs, std::uint32_t value);
  /// A frame of these buffers comes back on this queue as soon as the engine gets to it.
  void give(unsigned pair, const std::vector<unsigned>& descs = {1});
  void step();
  void run(long cycles) {
    while (cycles-- > 0) step();
  }
  /// Until everything was given, written and seen.
  void settle(long at_most);
  [[nodiscard]] bool all_back() const;
  /// stop, quiet for 16 cycles, clear, and the driver starts again with a ring of this size.
  void reset_queue(unsigned pair, unsigned size);
  void configure(unsigned pair);
  /// Where the driver area is read from now on (a test's own doing: drivers cannot).
  void point_driver(unsigned pair, std::uint64_t addr) { write_config(pair, 1, addr); }

  struct Request {
    long cycle;
    unsigned pair;
    std::uint64_t addr;
    unsigned len;
  };
  struct Counts {
    long irqs = 0, suppressed = 0, entries = 0, enables = 0;
    std::vector<long> frames, irqs_of;
  };

  Clocked<MODEL> dut;
  HostMemory memory;
  DmaModel dma;
  std::vector<std::unique_ptr<GiveRing>> rings;
  std::vector<Request> writes, reads;
  std::deque<long> dones;  // cycles of write dones
  Counts counts;
  bool interleave = false;  // the engine mixes the queues' buffers as it likes
  bool engine_idle = true;  // idle_i
  unsigned others = 0;      // cycles in which others write, before each of our requests and before its first beat
  long last_take = 0;       // cycle in which the last give was taken
  long gives_taken = 0;

 private:
  struct Driver {
    bool awake = false;
    bool rearmed = false;  // interrupts are on again, the ring is to be looked at once more
    long due = 0;
    bool interrupted = false;
  };

  void drive_engine();
  void drive_dma();
  void take_dma();
  void drivers();
  void act(unsigned pair);
  void write_config(unsigned pair, unsigned field, std::uint64_t data);
  unsigned owner(std::uint64_t addr) const;
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

  GiveOptions options_;
  std::mt19937 random_;
  std::vector<std::deque<Give>> waiting_;
  std::deque<unsigned> order_;  // of the frames' pairs
  std::vector<Driver> driver_;
  std::vector<bool> silent_;                     // stopped and quiet: nothing of it may leave
  std::set<unsigned> reading_;                   // pairs with a read in flight
  std::map<std::uint64_t, unsigned> read_pair_;  // op -> pair
  bool offering_ = false;
  unsigned waited_ = 0;  // cycles, of the request on offer
  long beats_from_ = 0;  // cycle
  Give offered_;
};

}  // namespace tests::virtio
