// SPDX-License-Identifier: Apache-2.0
// A virtio-net function at register level, with a switch for each kind of misbehaviour.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "host/platform/pci_device.hpp"
#include "tests/host/driver/packed_device.hpp"
#include "tests/host/fake_machine.hpp"

namespace host_test {

using Frame = std::vector<std::byte>;

class FakeVirtioNic final : public host::platform::PciDevice {
 public:
  explicit FakeVirtioNic(FakeMachine& machine);

  std::uint32_t config_read(unsigned offset, unsigned width) override;
  void config_write(unsigned offset, unsigned width, std::uint32_t value) override;
  std::uint32_t mmio_read(unsigned bar, std::uint64_t offset, unsigned width) override;
  void mmio_write(unsigned bar, std::uint64_t offset, unsigned width, std::uint32_t value) override;

  /// A frame arrives from the wire. False (and counted) when there is no buffer for it.
  bool deliver(const Frame& frame);
  /// Gives back the transmit buffers that hold_tx kept.
  void complete_tx();
  /// The configuration changes: generation, then the config interrupt.
  void set_link(bool up);
  void ask_for_reset();
  [[nodiscard]] PackedDevice* queue(unsigned index) { return queues_[index].ring.get(); }
  /// Raises the interrupt of a queue whatever the driver wished.
  void interrupt_queue(unsigned index) { raise(queues_[index].vector); }
  [[nodiscard]] std::uint8_t status() const { return status_; }

  // what it does wrong
  std::uint64_t offered;
  bool refuse_features = false;
  bool reset_hangs = false;
  bool refuse_vectors = false;
  bool hold_tx = false;
  std::uint32_t queue_max = 256;
  std::uint16_t mtu = 1500;
  Nanoseconds latency = 500;  // from a doorbell to its effect

  // what it saw
  std::vector<Frame> sent;
  std::vector<std::size_t> tx_chain_lengths;
  unsigned doorbells = 0;
  unsigned mmio_reads = 0;
  unsigned other_writes = 0;
  unsigned missed = 0;
  unsigned bad_headers = 0;
  std::array<std::uint8_t, 256> space{};

 private:
  struct Queue {
    std::uint32_t size = 0;
    std::uint16_t vector = 0xffff;
    bool enabled = false;
    std::array<std::uint32_t, 6> addresses{};
    std::unique_ptr<PackedDevice> ring;
  };
  void build_space();
  void add_capability(unsigned at, unsigned next, unsigned length, unsigned type, unsigned window);
  void reset();
  std::uint32_t common_read(unsigned offset);
  void common_write(unsigned offset, std::uint32_t value);
  void enable_queue();
  void doorbell(unsigned queue);
  void process_tx();
  void raise(std::uint16_t entry);

  FakeMachine& machine_;
  std::uint8_t status_ = 0;
  std::uint32_t device_select_ = 0;
  std::uint32_t driver_select_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint16_t config_vector_ = 0xffff;
  std::uint16_t queue_select_ = 0;
  std::uint8_t generation_ = 0;
  bool link_ = true;
  std::array<Queue, 2> queues_;
  std::vector<std::array<std::uint32_t, 4>> msix_;
  std::deque<PackedDevice::Chain> held_;
};

}  // namespace host_test
