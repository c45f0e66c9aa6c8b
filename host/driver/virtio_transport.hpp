// SPDX-License-Identifier: Apache-2.0
// virtio over PCI, modern interface (virtio 1.2 section 4.1; Linux: virtio_pci_modern.c).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/base/result.hpp"
#include "host/driver/pci_function.hpp"
#include "host/driver/virtio_features.hpp"
#include "host/driver/virtqueue.hpp"
#include "host/platform/irq_controller.hpp"

namespace host::driver {

/// The registers of one device. All calls but notify() may block for PCIe round trips.
class VirtioTransport {
 public:
  /// Enables the function and finds its structures. no_device: not a modern virtio function; io: a
  /// capability is missing or points outside what the device said. MSI-X may be missing.
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
  [[nodiscard]] unsigned queue_count() const;
  /// Largest size of a queue; 0 when it does not exist.
  [[nodiscard]] unsigned queue_size_max(unsigned queue);
  /// Hands the queue to the device with its MSI-X table entry, if any. io when the device does not accept.
  [[nodiscard]] base::Result<void> enable_queue(unsigned queue, const Virtqueue& ring,
                                                std::optional<unsigned> msix_entry);
  /// RING_RESET: the device forgets one queue. timed_out when it does not finish.
  [[nodiscard]] base::Result<void> reset_queue(unsigned queue);
  /// The doorbell: one posted write, the only MMIO of the data path. With NOTIFICATION_DATA in force it says how far
  /// the ring goes.
  void notify(unsigned queue, const Virtqueue& ring);

  // --- device configuration, 4.1.4.6 --------------------------------------------------------------
  /// `bytes` bytes (at most 8) from `offset` as a little-endian number, read until the generation is stable.
  [[nodiscard]] std::uint64_t config(unsigned offset, unsigned bytes) const;
  [[nodiscard]] base::Result<void> set_config_vector(unsigned msix_entry);

  // --- INTx, 4.1.5.4 -----------------------------------------------------------------------------
  [[nodiscard]] bool has_intx() const { return function_.interrupt_pin() != 0; }
  /// Messages off, the pin on.
  void enable_intx();
  /// Reads and clears the ISR: the device takes its pin down.
  [[nodiscard]] std::uint8_t read_isr();

  // --- MSI-X -----------------------------------------------------------------------------------------
  [[nodiscard]] unsigned msix_entries() const { return msix_ ? msix_->vectors : 0; }
  /// Entries become what program_entry() writes from here on; all start masked.
  void enable_msix();
  void program_entry(unsigned entry, platform::MsiMessage message);
  void mask_entry(unsigned entry);

  /// The BAR of the virtio structures.
  [[nodiscard]] unsigned register_bar() const { return common_.bar; }
  /// The function is a cosnic: it has what rtl/contract adds to virtio.
  [[nodiscard]] bool is_cosnic() const;
  /// cosnic's own statistics block (rtl/contract: STAT_*): one counter. 0 for another vendor's device.
  [[nodiscard]] std::uint64_t device_counter(unsigned index) const;

 private:
  /// Where one structure is: a BAR and a window in it.
  struct Window {
    unsigned bar = 0;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
  };

  explicit VirtioTransport(PciFunction function) : function_(std::move(function)), msix_(function_.msix()) {}
  [[nodiscard]] base::Result<void> find_windows();
  [[nodiscard]] std::uint32_t read(const Window& window, unsigned offset, unsigned width) const;
  void write(const Window& window, unsigned offset, unsigned width, std::uint32_t value);
  [[nodiscard]] std::uint32_t common(unsigned offset, unsigned width) const;
  void set_common(unsigned offset, unsigned width, std::uint32_t value);
  void set_common64(unsigned offset_low, std::uint64_t value);
  void add_status(std::uint8_t bits);
  [[nodiscard]] static std::uint8_t driver_ok_bit();
  void write_entry(unsigned entry, unsigned offset, std::uint32_t value);

  PciFunction function_;
  std::optional<MsixCapability> msix_;
  Window common_;
  Window notify_;
  Window isr_;
  Window device_;
  std::uint32_t notify_multiplier_ = 0;
  bool notification_data_ = false;
  std::vector<std::uint64_t> doorbells_;  // by queue: offset in the notify BAR
};

}  // namespace host::driver
