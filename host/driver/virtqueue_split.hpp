// SPDX-License-Identifier: Apache-2.0
// The split ring (virtio 1.2 section 2.7; Linux: virtio_ring.c, *_split).
#pragma once

#include "host/driver/virtqueue.hpp"

namespace host::driver {

[[nodiscard]] RingAreas split_areas(unsigned size);

/// A buffer's id is the index of its first descriptor.
class SplitVirtqueue final : public Virtqueue {
 public:
  SplitVirtqueue(platform::DmaMemory& dma, const RingOptions& options, const RingAreas& areas,
                 std::span<std::byte> memory);

  [[nodiscard]] std::uint16_t notification_data() const override { return avail_index_; }
  void disable_interrupts() override;

 private:
  [[nodiscard]] std::uint16_t reserve(unsigned descriptors) override;
  void publish(std::uint16_t id, std::span<const BufferPiece> pieces, std::span<std::byte> table) override;
  [[nodiscard]] bool kick_wanted() override;
  [[nodiscard]] bool used_ready() const override { return used_index() != last_used_; }
  [[nodiscard]] UsedEntry used_entry() const override;
  [[nodiscard]] bool used_count_plausible() const override;
  void release(std::uint16_t id, unsigned descriptors) override;
  void write_interrupt_event(unsigned later) override;
  [[nodiscard]] unsigned distance_out() const override { return outstanding_count(); }

  [[nodiscard]] std::uint16_t used_index() const;
  [[nodiscard]] std::span<std::byte> descriptor(unsigned index) const;
  void store_used_event(std::uint16_t index);

  std::uint16_t avail_index_ = 0;  // free-running, as in the ring
  std::uint16_t kicked_index_ = 0;
  std::uint16_t last_used_ = 0;
  std::vector<std::uint16_t> next_;  // our own links: the device's memory is not believed
  std::uint16_t free_head_ = 0;
};

}  // namespace host::driver
