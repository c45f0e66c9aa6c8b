// SPDX-License-Identifier: Apache-2.0
// The driver's side of a packed virtqueue, step by step as virtio 1.2 section 2.8 writes it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "tests/rtl/virtio/dma_model.hpp"

namespace tests::virtio {

struct Piece {
  std::uint64_t addr = 0;
  std::uint32_t len = 0;
};

struct Used {
  unsigned id = 0;
  std::uint32_t len = 0;
  bool written = false;
};

struct RingPlace {
  std::uint64_t desc = 0;
  std::uint64_t driver = 0;
  std::uint64_t device = 0;
};

class PackedRing {
 public:
  PackedRing(HostMemory& memory, RingPlace place, unsigned size, bool event_idx);

  [[nodiscard]] unsigned room() const { return free_; }
  [[nodiscard]] unsigned size() const { return size_; }
  [[nodiscard]] bool all_back() const { return open_.empty(); }
  /// Makes a buffer available under `id`; needs room() >= pieces.size() and an id that is not in use.
  void add(unsigned id, const std::vector<Piece>& pieces, bool device_writes, unsigned extra_flags = 0);
  /// Whether the device wants a kick for what was added since the last call.
  [[nodiscard]] bool kick_wanted();
  [[nodiscard]] bool used_waits();
  [[nodiscard]] std::optional<Used> take_used();
  void disable_interrupts();
  /// Asks for an interrupt once `after` further entries are used (event index), or for every one.
  void enable_interrupts(unsigned after);
  /// A rule of the ring that the device broke, or nothing.
  [[nodiscard]] const std::string& violation() const { return violation_; }
  [[nodiscard]] const RingPlace& place() const { return place_; }

 private:
  HostMemory& memory_;
  RingPlace place_;
  unsigned size_;
  bool event_idx_;
  unsigned next_ = 0;  // where the next buffer goes
  bool wrap_ = true;
  unsigned added_ = 0;  // descriptors since the last kick decision
  unsigned used_ = 0;   // where the next used entry is expected
  bool used_wrap_ = true;
  unsigned free_;
  std::map<unsigned, unsigned> open_;  // id -> descriptors
  std::string violation_;
};

}  // namespace tests::virtio
