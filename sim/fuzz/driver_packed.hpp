// SPDX-License-Identifier: Apache-2.0
// The driver's side of a packed ring (virtio 1.2, 2.8).
#pragma once

#include <vector>

#include "sim/fuzz/driver_ring.hpp"

namespace sim::fuzz {

class DriverPacked final : public DriverRing {
 public:
  DriverPacked(HostMemory& memory, unsigned size, std::uint64_t features);

  std::optional<std::uint16_t> add(const std::vector<Descriptor>& chain) override;
  std::optional<std::uint16_t> add_indirect(std::uint64_t table, unsigned entries) override;
  bool wants_kick() override;
  [[nodiscard]] std::uint16_t kick_data() const override;
  void wish(Wish wish) override;
  void rubbish(pcie::SeededRandom& random, const Zones& zones) override;
  [[nodiscard]] unsigned room() const override { return room_; }

 protected:
  std::optional<UsedBuffer> look() override;
  bool retire(std::uint16_t id) override;

 private:
  void put(std::uint64_t position, std::uint64_t address, std::uint32_t length, std::uint16_t id, unsigned flags);
  [[nodiscard]] bool wrap(std::uint64_t position) const { return position / size_ % 2 == 0; }
  [[nodiscard]] std::uint16_t take_id();

  std::uint64_t next_ = 0;
  std::uint64_t used_ = 0;
  std::uint64_t told_ = 0;  // position up to which the device was told, or did not want to be
  unsigned room_;
  std::vector<std::uint16_t> free_ids_;
  std::vector<unsigned> lengths_;  // entries of each buffer, by id
};

}  // namespace sim::fuzz
