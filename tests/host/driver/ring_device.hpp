// SPDX-License-Identifier: Apache-2.0
// The device's side of a ring, of either kind, written from the specification and independent of host/driver.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "tests/host/fake_machine.hpp"

namespace host_test {

/// Little-endian throughout.
class RingDevice {
 public:
  struct Piece {
    std::uint64_t address;
    std::uint32_t length;
    bool write;
  };
  struct Chain {
    std::uint16_t id = 0;
    std::vector<Piece> pieces;
    unsigned descriptors = 0;  // of the ring
    bool indirect = false;
  };
  struct Used {
    Chain chain;
    std::uint32_t length;
  };

  RingDevice(FakeDma& dma, unsigned size, bool event_index) : dma_(dma), size_(size), event_index_(event_index) {}
  virtual ~RingDevice() = default;

  [[nodiscard]] virtual bool available() = 0;
  /// The next chain that the driver made available, consumed.
  virtual std::optional<Chain> take() = 0;
  /// One used entry with any numbers, for devices that misbehave too; seen at once.
  virtual void write_used(std::uint32_t id, std::uint32_t length, unsigned descriptors) = 0;
  /// Used entries that become visible together, the first one last.
  virtual void give_back_together(std::span<const Used> group) = 0;
  /// IN_ORDER: one used entry for all of them.
  virtual void give_back_batch(std::span<const Chain> batch, std::uint32_t length) = 0;
  /// After giving buffers back: does the driver want an interrupt for them?
  virtual bool interrupt_wanted() = 0;
  /// Asks for a doorbell at the next available descriptor. False when one is there already: look again.
  virtual bool arm_kicks() = 0;
  virtual void disable_kicks() = 0;
  /// What a doorbell with data says when the driver tells of everything that is available so far.
  [[nodiscard]] virtual std::uint16_t expected_notification() = 0;

  void give_back(const Chain& chain, std::uint32_t length) { write_used(chain.id, length, chain.descriptors); }

  unsigned torn_chains = 0;
  unsigned bad_tables = 0;

 protected:
  template <std::size_t N>
  std::array<std::byte, N> read(std::uint64_t address) {
    std::array<std::byte, N> out{};
    dma_.read(address, out);
    return out;
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

  FakeDma& dma_;
  unsigned size_;
  bool event_index_;
};

}  // namespace host_test
