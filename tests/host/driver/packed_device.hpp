// SPDX-License-Identifier: Apache-2.0
// The device's side of a packed ring, written from the specification and independent of host/driver.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "tests/host/fake_machine.hpp"

namespace host_test {

/// virtio 1.2 section 2.8; little-endian throughout.
class PackedDevice {
 public:
  struct Piece {
    std::uint64_t address;
    std::uint32_t length;
    bool write;
  };
  struct Chain {
    std::uint16_t id = 0;
    std::vector<Piece> pieces;
  };

  PackedDevice(FakeDma& dma, std::uint64_t ring, std::uint64_t driver_event, std::uint64_t device_event, unsigned size,
               bool event_index)
      : dma_(dma),
        ring_(ring),
        driver_event_(driver_event),
        device_event_(device_event),
        size_(size),
        event_index_(event_index) {}

  [[nodiscard]] bool available() { return is_available(flags(avail_), avail_wrap_); }

  /// The next chain that the driver made available, consumed.
  std::optional<Chain> take() {
    if (!available()) return std::nullopt;
    Chain chain;
    for (;;) {
      const auto entry = descriptor(avail_);
      const auto bits = number<std::uint16_t>(entry, 14);
      if (!is_available(bits, avail_wrap_)) {
        ++torn_chains;
        break;
      }
      chain.pieces.push_back({number<std::uint64_t>(entry, 0), number<std::uint32_t>(entry, 8), (bits & 2) != 0});
      chain.id = number<std::uint16_t>(entry, 12);
      step(avail_, avail_wrap_, 1);
      if ((bits & 1) == 0) break;
    }
    return chain;
  }

  /// Writes one used entry for the chain.
  void give_back(const Chain& chain, std::uint32_t length) {
    write_used(chain.id, length, static_cast<unsigned>(chain.pieces.size()));
  }
  /// The same with any numbers, for devices that misbehave.
  void write_used(std::uint16_t id, std::uint32_t length, unsigned descriptors) {
    std::array<std::byte, 16> entry = descriptor(used_);
    put(entry, 8, length, 4);
    put(entry, 12, id, 2);
    std::uint16_t bits = used_wrap_ ? 0x8080 : 0;
    if (length != 0) bits |= 2;
    put(entry, 14, bits, 2);
    dma_.write(ring_ + 16ull * used_, entry);
    moved_ += descriptors;
    step(used_, used_wrap_, descriptors);
  }

  /// After giving buffers back: does the driver want an interrupt for them?
  bool interrupt_wanted() {
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

  /// Asks for a doorbell at the next available descriptor. False when one is there already: look again.
  bool arm_kicks() {
    std::array<std::byte, 4> event{};
    if (event_index_) {
      put(event, 0, avail_ | (avail_wrap_ ? 0x8000u : 0u), 2);
      put(event, 2, 2, 2);
    }
    dma_.write(device_event_, event);
    return !available();
  }
  void disable_kicks() {
    std::array<std::byte, 4> event{};
    put(event, 2, 1, 2);
    dma_.write(device_event_, event);
  }

  unsigned torn_chains = 0;

 private:
  template <std::size_t N>
  std::array<std::byte, N> read(std::uint64_t address) {
    std::array<std::byte, N> out{};
    dma_.read(address, out);
    return out;
  }
  std::array<std::byte, 16> descriptor(unsigned index) { return read<16>(ring_ + 16ull * index); }
  std::uint16_t flags(unsigned index) { return number<std::uint16_t>(descriptor(index), 14); }
  static bool is_available(std::uint16_t bits, bool wrap) {
    return ((bits & 0x80) != 0) == wrap && ((bits & 0x8000) != 0) != wrap;
  }
  template <typename T, std::size_t N>
  static T number(const std::array<std::byte, N>& bytes, std::size_t at) {
    T value = 0;
    for (std::size_t i = sizeof(T); i > 0; --i) {
      value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) | static_cast<std::uint64_t>(bytes[at + i - 1]));
    }
    return value;
  }
  template <std::size_t N>
  static void put(std::array<std::byte, N>& bytes, std::size_t at, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) bytes[at + i] = static_cast<std::byte>(value >> (8 * i));
  }
  void step(unsigned& index, bool& wrap, unsigned count) const {
    for (; count > 0; --count) {
      if (++index == size_) {
        index = 0;
        wrap = !wrap;
      }
    }
  }

  FakeDma& dma_;
  std::uint64_t ring_;
  std::uint64_t driver_event_;
  std::uint64_t device_event_;
  unsigned size_;
  bool event_index_;
  unsigned avail_ = 0;
  bool avail_wrap_ = true;
  unsigned used_ = 0;
  bool used_wrap_ = true;
  unsigned moved_ = 0;
};

}  // namespace host_test
