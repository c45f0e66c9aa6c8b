// SPDX-License-Identifier: Apache-2.0
// The transport's queues and MSI-X entries (virtio 1.2 sections 4.1.4.3, 4.1.5).
#include "host/base/invariant.hpp"
#include "host/driver/virtio_transport.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using base::Errno;
using namespace contract;

constexpr unsigned kMsixControl = 2;
constexpr unsigned kResetPolls = 10'000;

}  // namespace

unsigned VirtioTransport::queue_count() const {
  return common(COMMON_NUM_QUEUES, 2);
}

unsigned VirtioTransport::queue_size_max(unsigned queue) {
  set_common(COMMON_QUEUE_SELECT, 2, queue);
  return common(COMMON_QUEUE_SIZE, 2);
}

base::Result<void> VirtioTransport::enable_queue(unsigned queue, const Virtqueue& ring,
                                                 std::optional<unsigned> msix_entry) {
  set_common(COMMON_QUEUE_SELECT, 2, queue);
  set_common(COMMON_QUEUE_SIZE, 2, ring.size());
  set_common64(COMMON_QUEUE_DESC_LO, ring.ring_address());
  set_common64(COMMON_QUEUE_DRIVER_LO, ring.driver_area_address());
  set_common64(COMMON_QUEUE_DEVICE_LO, ring.device_area_address());
  if (msix_entry) {
    set_common(COMMON_QUEUE_MSIX_VECTOR, 2, *msix_entry);
    if (common(COMMON_QUEUE_MSIX_VECTOR, 2) != *msix_entry) return Errno::io;
  }
  const std::uint64_t at = std::uint64_t{common(COMMON_QUEUE_NOTIFY_OFF, 2)} * notify_multiplier_;
  if (at + (notification_data_ ? 4 : 2) > notify_.length) return Errno::io;
  if (doorbells_.size() <= queue) doorbells_.resize(queue + 1);
  doorbells_[queue] = std::uint64_t{notify_.offset} + at;
  set_common(COMMON_QUEUE_ENABLE, 2, 1);
  if (common(COMMON_QUEUE_ENABLE, 2) != 1) return Errno::io;
  return {};
}

base::Result<void> VirtioTransport::reset_queue(unsigned queue) {
  set_common(COMMON_QUEUE_SELECT, 2, queue);
  set_common(COMMON_QUEUE_RESET, 2, 1);
  for (unsigned poll = 0; poll < kResetPolls; ++poll) {
    if (common(COMMON_QUEUE_RESET, 2) == 0 && common(COMMON_QUEUE_ENABLE, 2) == 0) return {};
  }
  return Errno::timed_out;
}

void VirtioTransport::notify(unsigned queue, const Virtqueue& ring) {
  const std::uint32_t position = notification_data_ ? ring.notification_data() : 0;
  function_.device().mmio_write(notify_.bar, doorbells_[queue], notification_data_ ? 4 : 2, queue | position << 16);
}

// --- INTx ------------------------------------------------------------------------------------------

void VirtioTransport::enable_intx() {
  auto& pci = function_.device();
  if (msix_) {
    const unsigned control = msix_->offset + kMsixControl;
    pci.config_write(control, 2, pci.config_read(control, 2) & ~MSIX_CTRL_ENABLE);
  }
  function_.enable_intx();
}

std::uint8_t VirtioTransport::read_isr() {
  return static_cast<std::uint8_t>(read(isr_, 0, 1));
}

// --- MSI-X, PCI 3.0 section 6.8.2 -----------------------------------------------------------------

void VirtioTransport::write_entry(unsigned entry, unsigned offset, std::uint32_t value) {
  INVARIANT(entry < msix_entries(), "an MSI-X entry beyond the table");
  function_.device().mmio_write(msix_->table_bar,
                                msix_->table_offset + std::uint64_t{entry} * MSIX_ENTRY_BYTES + offset, 4, value);
}

void VirtioTransport::enable_msix() {
  auto& pci = function_.device();
  const unsigned control = msix_->offset + kMsixControl;
  const std::uint32_t before = pci.config_read(control, 2);
  pci.config_write(control, 2, before | MSIX_CTRL_ENABLE | MSIX_CTRL_FUNCTION_MASK);
  for (unsigned entry = 0; entry < msix_->vectors; ++entry) mask_entry(entry);
  pci.config_write(control, 2, (before | MSIX_CTRL_ENABLE) & ~MSIX_CTRL_FUNCTION_MASK);
}

void VirtioTransport::program_entry(unsigned entry, platform::MsiMessage message) {
  mask_entry(entry);  // 6.8.2.9: address and data change only while masked
  write_entry(entry, MSIX_ENTRY_ADDR_LO, static_cast<std::uint32_t>(message.address));
  write_entry(entry, MSIX_ENTRY_ADDR_HI, static_cast<std::uint32_t>(message.address >> 32));
  write_entry(entry, MSIX_ENTRY_DATA, message.data);
  write_entry(entry, MSIX_ENTRY_CONTROL, 0);
}

void VirtioTransport::mask_entry(unsigned entry) {
  write_entry(entry, MSIX_ENTRY_CONTROL, MSIX_ENTRY_MASKED);
}

}  // namespace host::driver
