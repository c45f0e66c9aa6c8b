// SPDX-License-Identifier: Apache-2.0
// virtio_core between models of everything around it: DMA and host memory, both packet buffers, register bus.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <vector>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/virtio/dma_model.hpp"
#include "Vvirtio_core_test_rtl.h"

namespace tests::virtio {

using Frame = std::vector<std::uint8_t>;

/// A frame in the receive packet buffer: which pair it is steered to, and the test's own name for it.
struct Arrival {
  unsigned pair = 0;
  unsigned seq = 0;
  Frame frame;
};

struct Counts {
  long suppressed = 0, desc_errors = 0, tx_used = 0, rx_used = 0;
  long tx_drop_reset = 0, tx_drop_dma = 0, tx_drop_length = 0, tx_commit = 0, tx_taken = 0;
  long rx_written = 0, rx_drop_reset = 0, rx_drop_not_ready = 0, rx_drop_no_buffer = 0, rx_drop_too_small = 0;
  long rx_delivered = 0, rx_taken = 0;
  long doorbells = 0, doorbells_bad = 0;
  [[nodiscard]] long tx_drops() const { return tx_drop_reset + tx_drop_dma + tx_drop_length; }
  [[nodiscard]] long rx_drops() const {
    return rx_drop_reset + rx_drop_not_ready + rx_drop_no_buffer + rx_drop_too_small;
  }
};

class DeviceBench {
 public:
  DeviceBench(DmaTiming timing, unsigned seed);

  /// One clock cycle.
  void step();
  void run(int cycles) {
    for (int k = 0; k < cycles; ++k) step();
  }

  // Register bus; takes as many cycles as it takes.
  std::uint32_t read(std::uint32_t addr, unsigned bytes);
  void write(std::uint32_t addr, std::uint32_t value, unsigned bytes);
  /// A doorbell that arrives later, without waiting for it.
  void post_doorbell(unsigned queue, unsigned next = 0);

  // Driver's way from status 0 to FEATURES_OK, the queues, DRIVER_OK.
  void negotiate(std::uint64_t features);
  void set_queue(unsigned queue, unsigned size, std::uint64_t desc, std::uint64_t driver, std::uint64_t device,
                 unsigned vector);
  void driver_ok();
  /// Writes status 0 and waits until it reads 0; false if it never does.
  bool reset_device();

  Clocked<Vvirtio_core_test_rtl> dut;
  HostMemory memory;
  DmaModel dma;
  std::deque<Arrival> rx_frames;  // waiting in the receive packet buffer
  // A source (header and frame) left the transmit packet buffer; a received frame was thrown away whole.
  std::function<void(unsigned pair, const Frame&)> on_sent = [](unsigned, const Frame&) {};
  std::function<void(const Arrival&)> on_dropped = [](const Arrival&) {};
  bool notification_data = false;
  Counts counts;
  bool hold_transmit = false;  // the MAC takes nothing
  unsigned seed;

 private:
  void drive_rx();
  void observe_rx();
  void observe_tx();
  void observe_dma();
  void count();
  std::uint32_t access(bool write, std::uint32_t addr, unsigned be, std::uint32_t data);
  unsigned below(unsigned limit) { return limit == 0 ? 0 : static_cast<unsigned>(random_() % limit); }

  struct Commit {
    unsigned base;
    unsigned len;
    unsigned release;
    unsigned pair;
    long due;
  };

  std::mt19937 random_;
  // receive packet buffer
  std::deque<Frame> rx_taken_;  // their beats are still to come
  std::size_t rx_at_ = 0;
  bool rx_beat_held_ = false;
  bool rx_offer_ = false;
  // transmit packet buffer
  std::vector<std::uint8_t> tx_ram_ = std::vector<std::uint8_t>(1u << 17);
  std::deque<Commit> commits_;
  // register bus
  struct Doorbell {
    long due;
    unsigned queue;
    unsigned next;
  };
  std::deque<Doorbell> doorbells_;
  bool bus_busy_ = false;
};

}  // namespace tests::virtio
