// SPDX-License-Identifier: Apache-2.0
// The driver's side of a split virtqueue (virtio 1.2, 2.7).
#pragma once

#include "tests/rtl/virtio/driver_ring.hpp"

namespace tests::virtio {

class SplitRing : public DriverRing {
 public:
  SplitRing(HostMemory& memory, RingPlace place, unsigned size, RingMode mode);
  void add(unsigned id, const std::vector<Piece>& pieces, bool indirect = false) override;
  [[nodiscard]] bool kick_wanted() override;
  [[nodiscard]] unsigned notification() const override { return avail_; }
  [[nodiscard]] bool used_waits() override;
  void disable_interrupts() override;
  void enable_interrupts(unsigned after) override;

 private:
  Used read_used() override;
  void step_used(const std::vector<unsigned>& ids, unsigned entries) override;

  std::vector<unsigned> free_slots_;                 // of the table
  std::map<unsigned, std::vector<unsigned>> slots_;  // id -> table slots of the buffer, head first
  std::map<unsigned, unsigned> id_of_head_;
  std::uint16_t avail_ = 0;
  std::uint16_t kicked_ = 0;  // avail_ at the last kick decision
  std::uint16_t used_ = 0;
};

}  // namespace tests::virtio
