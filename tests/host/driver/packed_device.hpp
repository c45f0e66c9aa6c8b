// SPDX-License-Identifier: Apache-2.0
// The device's side of a packed ring, virtio 1.2 section 2.8.
#pragma once

#include "tests/host/driver/ring_device.hpp"

namespace host_test {

class PackedDevice final : public RingDevice {
 public:
  PackedDevice(FakeDma& dma, std::uint64_t ring, std::uint64_t driver_event, std::uint64_t device_event, unsigned size,
               bool event_index)
      : RingDevice(dma, size, event_index), ring_(ring), driver_event_(driver_event), device_event_(device_event) {}

  [[nodiscard]] bool available() override { return is_available(flags(avail_), avail_wrap_); }

  std::optional<Chain> take() override {
    if (!available()) return std::nullopt;
    Chain chain;
    for (;;) {
      const auto entry = descriptor(avail_);
      const auto bits = number<std::uint16_t>(entry, 14);
      if (!is_available(bits, avail_wrap_)) {
        ++torn_chains;
        break;
      }
      const auto address = number<std::uint64_t>(entry, 0);
      const auto length = number<std::uint32_t>(entry, 8);
      if ((bits & 4) != 0) {
        chain.indirect = true;
        read_table(chain, address, length);
        if ((bits & 1) != 0) ++bad_tables;
      } else {
        chain.pieces.push_back({address, length, (bits & 2) != 0});
      }
      chain.id = number<std::uint16_t>(entry, 12);
      ++chain.descriptors;
      step(avail_, avail_wrap_, 1);
      if ((bits & 1) == 0) break;
    }
    return chain;
  }

  void write_used(std::uint32_t id, std::uint32_t length, unsigned descriptors) override {
    store_used(used_, used_wrap_, id, length);
    moved_ += descriptors;
    step(used_, used_wrap_, descriptors);
  }

  /// 2.8.21 with 5.1.6.4: from the last to the first.
  void give_back_together(std::span<const Used> group) override {
    std::vector<std::pair<unsigned, bool>> places;
    for (const auto& used : group) {
      places.emplace_back(used_, used_wrap_);
      moved_ += used.chain.descriptors;
      step(used_, used_wrap_, used.chain.descriptors);
    }
    for (std::size_t i = group.size(); i > 0; --i) {
      store_used(places[i - 1].first, places[i - 1].second, group[i - 1].chain.id, group[i - 1].length);
    }
  }

  void give_back_batch(std::span<const Chain> batch, std::uint32_t length) override {
    unsigned descriptors = 0;
    for (const auto& chain : batch) descriptors += chain.descriptors;
    write_used(batch.back().id, length, descriptors);
  }

  bool interrupt_wanted() override {
    const auto event = read<4>(driver_event_);
    const unsigned off_wrap = number<std::uint16_t>(event, 0);
    const unsigned mode = number<std::uint16_t>(event, 2) & 3;
    const unsigned moved = std::exchange(moved_, 0u);
    if (moved == 0 || mode == 1) return false;
    if (mode == 0) return true;
    // Count back from where we are to the place it asked for: inside what we just passed?
    const bool event_wrap = (off_wrap >> 15) != 0;
    const int offset = static_cast<int>(off_wrap & 0x7fff);
    const int event_at = event_wrap == used_wrap_ ? offset : offset - static_cast<int>(size_);
    const int now = static_cast<int>(used_);
    return event_at < now && event_at >= now - static_cast<int>(moved);
  }

  bool arm_kicks() override {
    std::array<std::byte, 4> event{};
    if (event_index_) {
      put(event, 0, avail_ | (avail_wrap_ ? 0x8000u : 0u), 2);
      put(event, 2, 2, 2);
    }
    dma_.write(device_event_, event);
    return !available();
  }
  void disable_kicks() override {
    std::array<std::byte, 4> event{};
    put(event, 2, 1, 2);
    dma_.write(device_event_, event);
  }

  [[nodiscard]] std::uint16_t expected_notification() override {
    unsigned at = avail_;
    bool wrap = avail_wrap_;
    for (unsigned i = 0; i < size_ && is_available(flags(at), wrap); ++i) step(at, wrap, 1);
    return static_cast<std::uint16_t>(at | (wrap ? 0x8000u : 0u));
  }

 private:
  /// 2.8.8: in array order; only WRITE means something.
  void read_table(Chain& chain, std::uint64_t address, std::uint32_t length) {
    if (length == 0 || length % 16 != 0 || length / 16 > size_) ++bad_tables;
    for (std::uint32_t at = 0; at + 16 <= length; at += 16) {
      const auto entry = read<16>(address + at);
      const auto bits = number<std::uint16_t>(entry, 14);
      if ((bits & 4) != 0) ++bad_tables;
      chain.pieces.push_back({number<std::uint64_t>(entry, 0), number<std::uint32_t>(entry, 8), (bits & 2) != 0});
    }
  }
  void store_used(unsigned at, bool wrap, std::uint32_t id, std::uint32_t length) {
    std::array<std::byte, 16> entry = descriptor(at);
    put(entry, 8, length, 4);
    put(entry, 12, id, 2);
    std::uint16_t bits = wrap ? 0x8080 : 0;
    if (length != 0) bits |= 2;
    put(entry, 14, bits, 2);
    dma_.write(ring_ + 16ull * at, entry);
  }
  std::array<std::byte, 16> descriptor(unsigned index) { return read<16>(ring_ + 16ull * index); }
  std::uint16_t flags(unsigned index) { return number<std::uint16_t>(descriptor(index), 14); }
  static bool is_available(std::uint16_t bits, bool wrap) {
    return ((bits & 0x80) != 0) == wrap && ((bits & 0x8000) != 0) != wrap;
  }
  void step(unsigned& index, bool& wrap, unsigned count) const {
    for (; count > 0; --count) {
      if (++index == size_) {
        index = 0;
        wrap = !wrap;
      }
    }
  }

  std::uint64_t ring_;
  std::uint64_t driver_event_;
  std::uint64_t device_event_;
  unsigned avail_ = 0;
  bool avail_wrap_ = true;
  unsigned used_ = 0;
  bool used_wrap_ = true;
  unsigned moved_ = 0;
};

}  // namespace host_test
