// SPDX-License-Identifier: Apache-2.0
// A virtio-net function at register level, with a switch for each kind of misbehaviour.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "host/platform/pci_device.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/host/driver/ring_device.hpp"
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

  /// What the device says of a frame in its virtio_net_hdr, num_buffers apart.
  struct Meta {
    std::uint8_t flags = 0;
    std::uint8_t gso_type = 0;
    std::uint16_t gso_size = 0;
    std::uint16_t csum_start = 0;
    std::uint16_t csum_offset = 0;
    std::uint32_t hash = 0;
    std::uint16_t hash_report = 0;
    int buffers_off = 0;  // num_buffers is wrong by so many
  };
  /// A frame that left, with its header.
  struct Sent {
    unsigned queue;
    std::size_t chain_length;
    bool indirect;
    Frame header;
    Frame frame;
  };
  /// A frame arrives from the wire. False (and counted) when there are no buffers for it.
  bool deliver(const Frame& frame) { return deliver(frame, Meta{}); }
  bool deliver(const Frame& frame, const Meta& meta, unsigned pair = 0);
  /// Gives back the transmit buffers that hold_tx kept.
  void complete_tx();
  /// The configuration changes: generation, then the config interrupt.
  void set_link(bool up);
  void ask_for_reset();
  [[nodiscard]] RingDevice* queue(unsigned index) { return queues_.at(index).ring.get(); }
  /// Raises the interrupt of a queue whatever the driver wished.
  void interrupt_queue(unsigned index) { raise(queues_.at(index).vector, contract::ISR_QUEUE); }
  [[nodiscard]] std::uint64_t accepted() const { return accepted_; }
  /// Becomes a cosnic of so many pairs, with a control window.
  void set_pairs(unsigned pairs);
  void set_msix_vectors(unsigned vectors);
  /// No MSI-X, but an interrupt pin.
  void use_intx();
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

  bool in_order_batches = true;  // with IN_ORDER: completions of transmit are one entry

  // what it saw
  std::vector<Frame> sent;
  std::vector<Sent> sent_with_header;
  std::vector<std::size_t> tx_chain_lengths;
  unsigned bad_doorbells = 0;
  unsigned isr_reads = 0;
  std::map<unsigned, std::uint32_t> control;     // registers of the control window
  std::map<unsigned, std::uint32_t> statistics;  // by their index
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
    std::unique_ptr<RingDevice> ring;
    std::deque<RingDevice::Chain> held;
  };
  void build_space();
  void add_capability(unsigned at, unsigned next, unsigned length, unsigned type, unsigned window);
  void reset();
  std::uint32_t common_read(unsigned offset);
  void common_write(unsigned offset, std::uint32_t value);
  void enable_queue();
  void doorbell(std::uint32_t value);
  void process_tx(unsigned number);
  void complete_tx(Queue& queue);
  void raise(std::uint16_t entry, unsigned isr_bit);
  [[nodiscard]] bool negotiated(unsigned bit) const { return (accepted_ >> bit & 1) != 0; }
  [[nodiscard]] std::size_t header_bytes() const;
  [[nodiscard]] std::uint32_t device_config(unsigned offset, unsigned width) const;
  [[nodiscard]] bool msix_enabled() const;

  FakeMachine& machine_;
  std::uint8_t status_ = 0;
  std::uint32_t device_select_ = 0;
  std::uint32_t driver_select_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint16_t config_vector_ = 0xffff;
  std::uint16_t queue_select_ = 0;
  std::uint8_t generation_ = 0;
  bool link_ = true;
  unsigned pairs_ = 1;
  std::uint8_t isr_ = 0;
  std::vector<Queue> queues_;
  std::vector<std::array<std::uint32_t, 4>> msix_;
};

}  // namespace host_test
