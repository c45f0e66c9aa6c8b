// SPDX-License-Identifier: Apache-2.0
// The packed ring (virtio 1.2 section 2.8; Linux: virtio_ring.c, *_packed).
#pragma once

#include "host/base/byte_order.hpp"
#include "host/base/invariant.hpp"
#include "host/driver/virtqueue.hpp"
#include "rtl/contract/virtio_contract.hpp"

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
  friend class Virtqueue;  // which calls it without a detour

  // descriptor, 2.8.13: address, length, id, flags
  static constexpr std::size_t kDescAddress = 0;
  static constexpr std::size_t kDescLength = 8;
  static constexpr std::size_t kDescId = 12;
  static constexpr std::size_t kDescFlags = 14;

  /// A place in the ring and the wrap counter that goes with it.
  struct Position {
    unsigned index = 0;
    bool wrap = true;
    void advance(unsigned count, unsigned size) {
      index += count;
      if (index >= size) {
        index -= size;
        wrap = !wrap;
      }
    }
    [[nodiscard]] std::uint16_t off_wrap() const;
  };

  [[nodiscard]] std::uint16_t reserve(unsigned) override {
    INVARIANT(!free_ids_.empty(), "descriptors without an id");
    const std::uint16_t id = free_ids_.back();
    free_ids_.pop_back();
    return id;
  }
  void publish(std::uint16_t id, std::span<const BufferPiece> pieces, std::span<std::byte> table) override;
  /// The flags are written last: with them the device sees the descriptor.
  void publish_one(std::uint16_t id, const BufferPiece& piece) override {
    const auto entry = descriptor(avail_.index);
    store_descriptor(entry, piece.address, piece.length, id);
    dma_wmb();
    base::store_le16(entry, kDescFlags, static_cast<std::uint16_t>(available_flags(avail_.wrap) | access_flags(piece)));
    avail_.advance(1, size());
    ++added_since_kick_;
  }
  [[nodiscard]] bool kick_wanted() override;
  [[nodiscard]] bool used_ready() const override {
    const std::uint16_t flags = base::load_le16(descriptor(used_.index), kDescFlags);
    const bool available = (flags & contract::DESC_F_AVAIL) != 0;
    const bool used = (flags & contract::DESC_F_USED) != 0;
    return available == used && used == used_.wrap;
  }
  [[nodiscard]] UsedEntry used_entry() const override {
    const auto entry = descriptor(used_.index);
    const bool written = (base::load_le16(entry, kDescFlags) & contract::DESC_F_WRITE) != 0;
    return {base::load_le16(entry, kDescId), written ? base::load_le32(entry, kDescLength) : 0};
  }
  void release(std::uint16_t id, unsigned descriptors) override {
    used_.advance(descriptors, size());
    free_ids_.push_back(id);
  }
  void write_interrupt_event(unsigned later) override;
  [[nodiscard]] unsigned distance_out() const override { return size() - free_descriptors(); }

  /// AVAIL = wrap, USED = !wrap: what the driver writes (2.8.1).
  [[nodiscard]] static std::uint16_t available_flags(bool wrap) {
    return static_cast<std::uint16_t>(wrap ? contract::DESC_F_AVAIL : contract::DESC_F_USED);
  }
  [[nodiscard]] static std::uint16_t access_flags(const BufferPiece& piece) {
    return static_cast<std::uint16_t>(piece.access == Access::device_writes ? contract::DESC_F_WRITE : 0);
  }
  static void store_descriptor(std::span<std::byte> entry, platform::DmaAddress address, std::uint32_t length,
                               std::uint16_t id) {
    base::store_le64(entry, kDescAddress, address);
    base::store_le32(entry, kDescLength, length);
    base::store_le16(entry, kDescId, id);
  }
  [[nodiscard]] std::span<std::byte, contract::DESC_BYTES> descriptor(unsigned index) const {
    const auto ring = memory_.area(RingArea::ring);
    return ring.subspan(std::size_t{index} * contract::DESC_BYTES).first<contract::DESC_BYTES>();
  }

  Position avail_;
  Position used_;
  unsigned added_since_kick_ = 0;
  std::vector<std::uint16_t> free_ids_;
};

}  // namespace host::driver
