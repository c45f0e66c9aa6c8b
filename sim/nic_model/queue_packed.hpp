// SPDX-License-Identifier: Apache-2.0
// A packed virtqueue (virtio 1.2, 2.8).
#pragma once

#include "sim/nic_model/virtqueue.hpp"

namespace sim::nic_model {

class QueuePacked final : public Virtqueue {
 public:
  using Virtqueue::Virtqueue;

 protected:
  Task<bool> fetch_batch() override;
  bool arm() override;
  unsigned publish(std::span<const Used> group) override;
  Task<bool> driver_wants(std::uint64_t from, std::uint64_t to) override;

 private:
  [[nodiscard]] Task<bool> take_descriptor(std::uint64_t address, std::uint32_t length, std::uint16_t id,
                                           std::uint32_t flags);
  [[nodiscard]] Task<bool> indirect_table(std::uint64_t address, std::uint32_t length);
  /// Positions count entries from the beginning; the wrap counter starts at 1 and toggles each lap.
  [[nodiscard]] bool wrap(std::uint64_t position) const { return position / settings_.size % 2 == 0; }

  std::uint64_t next_ = 0;    // position of the next available entry
  std::uint64_t used_ = 0;    // position of the next used entry
  unsigned descriptors_ = 0;  // of the buffer that is being gathered
  unsigned batch_ = 4;
  std::uint64_t armed_ = UINT64_MAX;
};

}  // namespace sim::nic_model
