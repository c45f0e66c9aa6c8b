// SPDX-License-Identifier: Apache-2.0
// A split virtqueue (virtio 1.2, 2.7).
#pragma once

#include <vector>

#include "sim/nic_model/virtqueue.hpp"

namespace sim::nic_model {

class QueueSplit final : public Virtqueue {
 public:
  using Virtqueue::Virtqueue;

 protected:
  Task<bool> fetch_batch() override;
  bool arm() override;
  unsigned publish(std::span<const Used> group) override;
  Task<bool> driver_wants(std::uint64_t from, std::uint64_t to) override;

 private:
  struct Descriptor {
    std::uint64_t address = 0;
    std::uint32_t length = 0;
    std::uint32_t flags = 0;
    unsigned next = 0;
  };
  [[nodiscard]] static Descriptor descriptor_at(const std::vector<std::byte>& bytes, std::size_t index);
  [[nodiscard]] Task<bool> walk(unsigned head, Descriptor first);
  [[nodiscard]] Task<bool> indirect_table(std::uint64_t address, std::uint32_t length);

  std::uint16_t next_ = 0;  // available index up to which buffers were taken
  std::uint16_t used_ = 0;
  bool armed_ = false;
  std::uint16_t armed_at_ = 0;
};

}  // namespace sim::nic_model
