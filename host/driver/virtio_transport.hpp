// SPDX-License-Identifier: Apache-2.0
// virtio over PCI, modern interface (virtio 1.2 section 4.1; Linux: virtio_pci_modern.c).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "host/base/result.hpp"
#include "host/driver/pci_function.hpp"
#include "host/driver/virtqueue.hpp"
#include "host/platform/irq_controller.hpp"

namespace host::driver {

/// A set of feature bits.
using Features = std::uint64_t;
[[nodiscard]] constexpr Features feature(unsigned bit) {
  return Features{1} << bit;
}

/// The registers of one device. All calls but notify() may block for PCIe round trips.
class VirtioTransport {
 public:
  /// Enables the function and finds its structures. no_device: not a modern virtio function; io: a
  /// capability is missing or points outside what the device said.
  [[nodiscard]] static base::Result<VirtioTransport> create(platform::PciDevice& device);

  [[nodiscard]] const PciFunction& function() const { return function_; }

  // --- device status, 3.1 ------------------------------------------------------------------------
  /// Back to the beginning; timed_out when the device does not finish.
  [[nodiscard]] base::Result<void> reset();
  /// reset, ACKNOWLEDGE, DRIVER, features, FEATURES_OK. Returns what is in force: `required` and what of
  /// `wanted` the device offers. not_supported (with FAILED set) when it lacks or refuses something.
  [[nodiscard]] base::Result<Features> negotiate(Features required, Features wanted);
  void driver_ok() { add_status(driver_ok_bit()); }
  /// Tells the device that its driver gave up.
  void fail();
  [[nodiscard]] std::uint8_t status() const;
  /// DEVICE_NEEDS_RESET, or nobody answers.
  [[nodiscard]] bool needs_reset() const;

  // --- queues, 4.1.4.3 ---------------------------------------------------------------------------
  /// Largest size of a queue; 0 when it does not exist.
  [[nodiscard]] unsigned queue_size_max(unsigned queue);
  /// Hands the queue to the device with its MSI-X table entry. io when the device does not accept.
  [[nodiscard]] base::Result<void> enable_queue(unsigned queue, const Virtqueue& ring, unsigned msix_entry);
  /// RING_RESET: the device forgets one queue. timed_out when it does not finish.
  [[nodiscard]] base::Result<void> reset_queue(unsigned queue);
  /// The doorbell: one posted write, the only MMIO of the data path.
  void notify(unsigned queue);

  // --- device configuration, 4.1.4.6 --------------------------------------------------------------
  /// `bytes` bytes (at most 8) from `offset` as a little-endian number, read until the generation is stable.
  [[nodiscard]] std::uint64_t config(unsigned offset, unsigned bytes) const;
  [[nodiscard]] base::Result<void> set_config_vector(unsigned msix_entry);

  // --- MSI-X -----------------------------------------------------------------------------------------
  [[nodiscard]] unsigned msix_entries() const { return msix_.vectors; }
  /// Entries become what program_entry() writes from here on; all start masked.
  void enable_msix();
  void program_entry(unsigned entry, platform::MsiMessage message);
  void mask_entry(unsigned entry);

  /// cosnic's own statistics block (rtl/contract: STAT_*): one counter. 0 for another vendor's device.
  [[nodiscard]] std::uint64_t device_counter(unsigned index) const;
  [[nodiscard]] bool has_device_counters() const;

 private:
  /// Where one structure is: a BAR and a window in it.
  struct Window {
    unsigned bar = 0;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
  };

  VirtioTransport(PciFunction function, MsixCapability msix) : function_(std::move(function)), msix_(msix) {}
  [[nodiscard]] base::Result<void> find_windows();
  [[nodiscard]] std::uint32_t read(const Window& window, unsigned offset, unsigned width) const;
  void write(const Window& window, unsigned offset, unsigned width, std::uint32_t value);
  [[nodiscard]] std::uint32_t common(unsigned offset, unsigned width) const;
  void set_common(unsigned offset, unsigned width, std::uint32_t value);
  void set_common64(unsigned offset_low, std::uint64_t value);
  void add_status(std::uint8_t bits);
  [[nodiscard]] static std::uint8_t driver_ok_bit();
  void write_entry(unsigned entry, unsigned offset, std::uint32_t value);

  static constexpr unsigned kQueues = 2;

  PciFunction function_;
  MsixCapability msix_;
  Window common_;
  Window notify_;
  Window isr_;
  Window device_;
  std::uint32_t notify_multiplier_ = 0;
  std::array<std::uint64_t, kQueues> doorbells_{};  // offset in the notify BAR
};

}  // namespace host::driver
