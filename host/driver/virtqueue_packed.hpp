// SPDX-License-Identifier: Apache-2.0
// The packed ring (virtio 1.2 section 2.8; Linux: virtio_ring.c, *_packed).
#pragma once

#include "host/driver/virtqueue.hpp"

namespace host::driver {

[[nodiscard]] RingAreas packed_areas(unsigned size);

class PackedVirtqueue final : public Virtqueue {
 public:
  /// `memory` is packed_areas(options.size).total() bytes, with the tables that the options want.
  PackedVirtqueue(platform::DmaMemory& dma, const RingOptions& options, const RingAreas& areas,
                  std::span<std::byte> memory);

  [[nodiscard]] std::uint16_t notification_data() const override { return avail_.off_wrap(); }
  void disable_interrupts() override;

 private:
  /// A place in the ring and the wrap counter that goes with it.
  struct Position {
    unsigned index = 0;
    bool wrap = true;
    void advance(unsigned count, unsigned size);
    [[nodiscard]] std::uint16_t off_wrap() const;
  };

  [[nodiscard]] std::uint16_t reserve(unsigned descriptors) override;
  void publish(std::uint16_t id, std::span<const BufferPiece> pieces, std::span<std::byte> table) override;
  [[nodiscard]] bool kick_wanted() override;
  [[nodiscard]] bool used_ready() const override;
  [[nodiscard]] UsedEntry used_entry() const override;
  void release(std::uint16_t id, unsigned descriptors) override;
  void write_interrupt_event(unsigned later) override;
  [[nodiscard]] unsigned distance_out() const override { return size() - free_descriptors(); }

  [[nodiscard]] std::span<std::byte> descriptor(unsigned index) const;

  Position avail_;
  Position used_;
  unsigned added_since_kick_ = 0;
  std::vector<std::uint16_t> free_ids_;
};

}  // namespace host::driver
