// SPDX-License-Identifier: Apache-2.0
// The driver's side of a packed virtqueue (virtio 1.2, 2.8).
#pragma once

#include "tests/rtl/virtio/driver_ring.hpp"

namespace tests::virtio {

class PackedRing : public DriverRing {
 public:
  PackedRing(HostMemory& memory, RingPlace place, unsigned size, RingMode mode);
  void add(unsigned id, const std::vector<Piece>& pieces, bool indirect = false) override;
  [[nodiscard]] bool kick_wanted() override;
  [[nodiscard]] unsigned notification() const override { return next_ | (wrap_ ? 1u << 15 : 0u); }
  [[nodiscard]] bool used_waits() override;
  void disable_interrupts() override;
  void enable_interrupts(unsigned after) override;

 private:
  Used read_used() override;
  void step_used(const std::vector<unsigned>& ids, unsigned entries) override;

  unsigned next_ = 0;  // where the next buffer goes
  bool wrap_ = true;
  unsigned added_ = 0;  // descriptors since the last kick decision
  unsigned used_ = 0;   // where the next used entry is expected
  bool used_wrap_ = true;
};

}  // namespace tests::virtio
