// SPDX-License-Identifier: Apache-2.0
// tx_path between a DMA engine that places bytes anyhow and a MAC that takes beats at will.
#pragma once

#include <deque>
#include <vector>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "Vtx_path_test_rtl.h"

namespace tests::tx {

class TxPathBench {
 public:
  explicit TxPathBench(unsigned seed, unsigned max_frame = 1518);

  /// Queues a buffer (virtio_net_hdr of 12 bytes, made one of 20 when `features` have HASH_REPORT, and frame); it is
  /// placed and committed when the ring has room for it.
  void submit(const Bytes& buffer, unsigned features, unsigned pair = 0);
  /// Steps until nothing is left inside; false when that does not end.
  bool finish();
  void step();

  Clocked<Vtx_path_test_rtl> dut;
  Collector collector;        // frames that left
  unsigned willing = 100;     // out of 100 cycles, in how many the MAC takes a beat
  bool shuffle = true;        // placements out of order
  bool hold_commits = false;  // place, but commit nothing
  long drops = 0, made = 0, extra = 0, bytes = 0;
  long drops_of_pair[64] = {}, made_of_pair[64] = {};
  long first_beat = 0, last_beat = 0;  // cycles
  [[nodiscard]] bool placed() const { return waiting_.empty() && placements_.empty(); }

 private:
  struct Placement {
    unsigned word;
    std::uint64_t data;
    std::uint8_t be;
  };
  struct Source {
    Bytes buffer;
    unsigned features, pair, base, words;
  };
  void place(const Source& source);
  void drive();
  void observe();

  Random random_;
  std::deque<Source> waiting_, ready_;
  std::deque<Placement> placements_;
  std::deque<unsigned> lent_;  // words of the committed sources
  unsigned next_word_ = 0, used_ = 0;
};

}  // namespace tests::tx
