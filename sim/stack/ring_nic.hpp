// SPDX-License-Identifier: Apache-2.0
// A cosnic without its insides: the registers that the driver asks for, and packed rings that somebody fills by hand.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "host/platform/pci_device.hpp"
#include "sim/stack/native_machine.hpp"

namespace sim::stack {

/// The device's side of one packed ring (virtio 1.2 section 2.8); completes in order.
class DeviceRing {
 public:
  struct Chain {
    std::uint16_t id = 0;
    unsigned descriptors = 0;
    std::array<std::span<std::byte>, 20> pieces{};
    unsigned count = 0;
  };

  DeviceRing(DmaAddress ring, DmaAddress driver_event, unsigned size);
  /// The next chain that the driver made available, consumed.
  [[nodiscard]] std::optional<Chain> take();
  void give_back(const Chain& chain, std::uint32_t written);
  /// The driver wants an interrupt for what came back.
  [[nodiscard]] bool interrupt_wanted() const;

 private:
  struct Position {
    unsigned index = 0;
    bool wrap = true;
  };
  [[nodiscard]] std::span<std::byte> descriptor(unsigned index) const;
  void advance(Position& position, unsigned count) const;

  std::span<std::byte> ring_;
  std::span<std::byte> event_;
  unsigned size_;
  Position available_;
  Position used_;
};

struct RingNicOptions {
  unsigned pairs = 1;
  std::uint64_t mac = 0x02'00'00'00'00'01;
  /// Received checksums are said to be right, sent ones are asked of the device (which does not compute them).
  bool checksum_offload = false;
};

/// One PCI function of contract registers. Nothing happens by itself: deliver() and transmit() are the wire.
class RingNic final : public host::platform::PciDevice {
 public:
  RingNic(NativeMachine& machine, RingNicOptions options);

  std::uint32_t config_read(unsigned offset, unsigned width) override;
  void config_write(unsigned offset, unsigned width, std::uint32_t value) override;
  std::uint32_t mmio_read(unsigned bar, std::uint64_t offset, unsigned width) override;
  void mmio_write(unsigned bar, std::uint64_t offset, unsigned width, std::uint32_t value) override;

  /// A frame into a receive ring. False: no buffer.
  bool deliver(std::span<const std::byte> frame, unsigned pair = 0);
  /// The interrupt for what deliver() put there.
  void signal(unsigned pair = 0);
  /// Takes what was sent, completes it, raises the interrupts that are wished. Returns how many frames.
  unsigned transmit();
  /// Sees each frame that transmit() takes.
  std::function<void(std::span<const std::byte> frame)> on_sent;

 private:
  struct Queue {
    std::uint32_t size = 0;
    std::uint16_t vector = 0xffff;
    bool enabled = false;
    std::array<std::uint32_t, 6> addresses{};
    std::optional<DeviceRing> ring;
  };
  void capability(unsigned at, unsigned next, unsigned length, unsigned type, unsigned window);
  [[nodiscard]] std::uint32_t common_read(unsigned offset);
  void common_write(unsigned offset, std::uint32_t value);
  void enable(Queue& queue);
  void raise(const Queue& queue);
  unsigned transmit(Queue& queue);

  NativeMachine& machine_;
  RingNicOptions options_;
  std::uint64_t features_;
  std::array<std::uint8_t, 256> space_{};
  std::vector<Queue> queues_;
  std::vector<std::array<std::uint32_t, 4>> msix_;
  std::uint8_t status_ = 0;
  std::uint32_t feature_half_ = 0;
  std::uint16_t config_vector_ = 0xffff;
  std::uint16_t selected_ = 0;
  std::vector<std::byte> frame_;
};

}  // namespace sim::stack
