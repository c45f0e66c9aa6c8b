// SPDX-License-Identifier: Apache-2.0
// The driver's side of a split ring (virtio 1.2, 2.7).
#pragma once

#include <deque>
#include <vector>

#include "sim/fuzz/driver_ring.hpp"

namespace sim::fuzz {

class DriverSplit final : public DriverRing {
 public:
  DriverSplit(HostMemory& memory, unsigned size, std::uint64_t features);

  std::optional<std::uint16_t> add(const std::vector<Descriptor>& chain) override;
  std::optional<std::uint16_t> add_indirect(std::uint64_t table, unsigned entries) override;
  bool wants_kick() override;
  [[nodiscard]] std::uint16_t kick_data() const override { return next_; }
  void wish(Wish wish) override;
  void rubbish(pcie::SeededRandom& random, const Zones& zones) override;
  [[nodiscard]] unsigned room() const override { return static_cast<unsigned>(free_.size()); }

 protected:
  std::optional<UsedBuffer> look() override;
  bool retire(std::uint16_t id) override;

 private:
  std::uint16_t next_ = 0;
  std::uint16_t used_ = 0;
  std::uint16_t told_ = 0;
  [[nodiscard]] std::uint16_t take_place();

  std::deque<std::uint16_t> free_;                  // descriptors
  std::vector<std::vector<std::uint16_t>> chains_;  // by head
};

}  // namespace sim::fuzz
