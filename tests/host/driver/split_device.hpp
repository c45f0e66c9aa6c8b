// SPDX-License-Identifier: Apache-2.0
// The device's side of a split ring, virtio 1.2 section 2.7.
#pragma once

#include "tests/host/driver/ring_device.hpp"

namespace host_test {

class SplitDevice final : public RingDevice {
 public:
  SplitDevice(FakeDma& dma, std::uint64_t table, std::uint64_t avail, std::uint64_t used, unsigned size,
              bool event_index)
      : RingDevice(dma, size, event_index), table_(table), avail_(avail), used_(used) {}

  [[nodiscard]] bool available() override { return avail_index() != last_avail_; }

  std::optional<Chain> take() override {
    if (!available()) return std::nullopt;
    Chain chain;
    const auto head = read16(avail_ + 4 + 2ull * (last_avail_ % size_));
    ++last_avail_;
    chain.id = head;
    if (head >= size_) {
      ++torn_chains;
      return chain;
    }
    std::uint16_t at = head;
    for (unsigned guard = 0; guard < size_; ++guard) {
      const auto entry = read<16>(table_ + 16ull * at);
      const auto bits = number<std::uint16_t>(entry, 12);
      ++chain.descriptors;
      if ((bits & 4) != 0) {
        chain.indirect = true;
        if ((bits & 1) != 0) ++bad_tables;
        read_table(chain, number<std::uint64_t>(entry, 0), number<std::uint32_t>(entry, 8));
      } else {
        chain.pieces.push_back({number<std::uint64_t>(entry, 0), number<std::uint32_t>(entry, 8), (bits & 2) != 0});
      }
      if ((bits & 1) == 0) return chain;
      at = number<std::uint16_t>(entry, 14);
      if (at >= size_) break;
    }
    ++torn_chains;
    return chain;
  }

  void write_used(std::uint32_t id, std::uint32_t length, unsigned) override {
    store_used(used_index_, id, length);
    publish(1);
  }
  void give_back_together(std::span<const Used> group) override {
    for (std::size_t i = 0; i < group.size(); ++i) {
      store_used(static_cast<std::uint16_t>(used_index_ + i), group[i].chain.id, group[i].length);
    }
    publish(static_cast<unsigned>(group.size()));
  }
  /// 2.7.9: one entry, at the first place of the batch, with the last one's id.
  void give_back_batch(std::span<const Chain> batch, std::uint32_t length) override {
    store_used(used_index_, batch.back().id, length);
    publish(static_cast<unsigned>(batch.size()));
  }
  /// The used index says anything.
  void jump(std::uint16_t distance) { publish(distance); }

  bool interrupt_wanted() override {
    const auto before = std::exchange(signalled_, used_index_);
    if (before == used_index_) return false;
    if (!event_index_) return (read16(avail_) & 1) == 0;
    const auto event = read16(avail_ + 4 + 2ull * size_);
    // Somewhere among the entries from `before` on that were just written?
    return static_cast<std::uint16_t>(event - before) < static_cast<std::uint16_t>(used_index_ - before);
  }

  bool arm_kicks() override {
    if (event_index_) {
      write16(used_ + 4 + 8ull * size_, last_avail_);
    } else {
      write16(used_, 0);
    }
    return !available();
  }
  void disable_kicks() override {
    if (event_index_) {
      write16(used_ + 4 + 8ull * size_, static_cast<std::uint16_t>(last_avail_ - 1));
    } else {
      write16(used_, 1);
    }
  }

  [[nodiscard]] std::uint16_t expected_notification() override { return avail_index(); }

 private:
  /// 2.7.5.3: from entry 0 along next.
  void read_table(Chain& chain, std::uint64_t address, std::uint32_t length) {
    const std::uint32_t entries = length / 16;
    if (entries == 0 || length % 16 != 0 || entries > size_) ++bad_tables;
    std::uint32_t at = 0;
    for (std::uint32_t i = 0; i < entries; ++i) {
      const auto entry = read<16>(address + 16ull * at);
      const auto bits = number<std::uint16_t>(entry, 12);
      if ((bits & 4) != 0) ++bad_tables;
      chain.pieces.push_back({number<std::uint64_t>(entry, 0), number<std::uint32_t>(entry, 8), (bits & 2) != 0});
      if ((bits & 1) == 0) return;
      at = number<std::uint16_t>(entry, 14);
      if (at >= entries) break;
    }
    ++bad_tables;
  }
  std::uint16_t read16(std::uint64_t address) { return number<std::uint16_t>(read<2>(address), 0); }
  void write16(std::uint64_t address, std::uint16_t value) {
    std::array<std::byte, 2> bytes{};
    put(bytes, 0, value, 2);
    dma_.write(address, bytes);
  }
  std::uint16_t avail_index() { return read16(avail_ + 2); }
  void store_used(std::uint16_t index, std::uint32_t id, std::uint32_t length) {
    std::array<std::byte, 8> entry{};
    put(entry, 0, id, 4);
    put(entry, 4, length, 4);
    dma_.write(used_ + 4 + 8ull * (index % size_), entry);
  }
  void publish(unsigned entries) {
    used_index_ = static_cast<std::uint16_t>(used_index_ + entries);
    write16(used_ + 2, used_index_);
  }

  std::uint64_t table_;
  std::uint64_t avail_;
  std::uint64_t used_;
  std::uint16_t last_avail_ = 0;
  std::uint16_t used_index_ = 0;
  std::uint16_t signalled_ = 0;
};

}  // namespace host_test
