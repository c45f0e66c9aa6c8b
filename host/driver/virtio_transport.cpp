// SPDX-License-Identifier: Apache-2.0
// Finding the structures, the status handshake, and the device's configuration.
#include "host/driver/virtio_transport.hpp"

#include <utility>

#include "host/base/invariant.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using base::Errno;
using namespace contract;

// virtio_pci_cap, 4.1.4
constexpr unsigned kCapType = 3;
constexpr unsigned kCapBar = 4;
constexpr unsigned kCapOffset = 8;
constexpr unsigned kCapLength = 12;
constexpr unsigned kCapNotifyMultiplier = 16;
constexpr unsigned kBars = 6;

constexpr unsigned kResetPolls = 10'000;  // each is a PCIe round trip
constexpr unsigned kGenerationTries = 64;
constexpr std::uint32_t kAllOnes8 = 0xff;

}  // namespace

base::Result<VirtioTransport> VirtioTransport::create(platform::PciDevice& device) {
  auto function = PciFunction::probe(device);
  if (!function) return function.error();
  if (function->vendor() != PCI_VENDOR || function->device_id() != PCI_DEVICE) return Errno::no_device;
  if (const auto msix = function->msix(); msix && msix->table_bar >= kBars) return Errno::io;
  VirtioTransport transport(std::move(*function));
  if (const auto found = transport.find_windows(); !found) return found.error();
  transport.function_.enable();
  return transport;
}

base::Result<void> VirtioTransport::find_windows() {
  auto& pci = function_.device();
  bool have_notify = false;
  for (const auto& capability : function_.capabilities()) {
    if (capability.id != CAP_ID_VENDOR) continue;
    const unsigned at = capability.offset;
    const unsigned type = pci.config_read(at + kCapType, 1);
    const Window window{pci.config_read(at + kCapBar, 1), pci.config_read(at + kCapOffset, 4),
                        pci.config_read(at + kCapLength, 4)};
    if (window.bar >= kBars) continue;  // 4.1.4.1: reserved values are ignored
    Window* slot = nullptr;
    if (type == VIRTIO_CFG_COMMON) slot = &common_;
    if (type == VIRTIO_CFG_NOTIFY) slot = &notify_;
    if (type == VIRTIO_CFG_ISR) slot = &isr_;
    if (type == VIRTIO_CFG_DEVICE) slot = &device_;
    if (slot == nullptr || slot->length != 0) continue;  // the first of a type is the preferred one
    *slot = window;
    if (type == VIRTIO_CFG_NOTIFY) {
      notify_multiplier_ = pci.config_read(at + kCapNotifyMultiplier, 4);
      have_notify = true;
    }
  }
  const bool whole = have_notify && common_.length >= COMMON_QUEUE_NOTIF_DATA && notify_.length >= 2 &&
                     isr_.length >= 1 && device_.length >= NETCFG_BYTES;
  if (!whole) return Errno::io;
  return {};
}

std::uint32_t VirtioTransport::read(const Window& window, unsigned offset, unsigned width) const {
  INVARIANT(offset + width <= window.length, "a register outside its structure");
  return function_.device().mmio_read(window.bar, std::uint64_t{window.offset} + offset, width);
}

void VirtioTransport::write(const Window& window, unsigned offset, unsigned width, std::uint32_t value) {
  INVARIANT(offset + width <= window.length, "a register outside its structure");
  function_.device().mmio_write(window.bar, std::uint64_t{window.offset} + offset, width, value);
}

std::uint32_t VirtioTransport::common(unsigned offset, unsigned width) const {
  return read(common_, offset, width);
}

void VirtioTransport::set_common(unsigned offset, unsigned width, std::uint32_t value) {
  write(common_, offset, width, value);
}

void VirtioTransport::set_common64(unsigned offset_low, std::uint64_t value) {
  set_common(offset_low, 4, static_cast<std::uint32_t>(value));
  set_common(offset_low + 4, 4, static_cast<std::uint32_t>(value >> 32));
}

// --- status ---------------------------------------------------------------------------------------

std::uint8_t VirtioTransport::status() const {
  return static_cast<std::uint8_t>(common(COMMON_DEVICE_STATUS, 1));
}

bool VirtioTransport::needs_reset() const {
  const auto now = status();
  return now == kAllOnes8 || (now & STATUS_NEEDS_RESET) != 0;
}

std::uint8_t VirtioTransport::driver_ok_bit() {
  return static_cast<std::uint8_t>(STATUS_DRIVER_OK);
}

void VirtioTransport::add_status(std::uint8_t bits) {
  set_common(COMMON_DEVICE_STATUS, 1, static_cast<std::uint32_t>(status() | bits));
}

void VirtioTransport::fail() {
  add_status(static_cast<std::uint8_t>(STATUS_FAILED));
}

base::Result<void> VirtioTransport::reset() {
  set_common(COMMON_DEVICE_STATUS, 1, 0);
  for (unsigned poll = 0; poll < kResetPolls; ++poll) {
    if (status() == 0) return {};
  }
  return Errno::timed_out;
}

base::Result<Features> VirtioTransport::negotiate(Features required, Features wanted) {
  if (const auto done = reset(); !done) return done.error();
  add_status(static_cast<std::uint8_t>(STATUS_ACKNOWLEDGE));
  add_status(static_cast<std::uint8_t>(STATUS_DRIVER));
  Features offered = 0;
  for (unsigned half = 0; half < 2; ++half) {
    set_common(COMMON_DEVICE_FEATURE_SELECT, 4, half);
    offered |= Features{common(COMMON_DEVICE_FEATURE, 4)} << (32 * half);
  }
  // A device without the register for it cannot mean it.
  if (common_.length < COMMON_CFG_BYTES) offered &= ~feature(F_RING_RESET);
  if (notify_.length < 4 || notify_multiplier_ % 4 != 0) offered &= ~feature(F_NOTIFICATION_DATA);
  const Features accepted = with_prerequisites(offered & (required | wanted));
  if ((accepted & required) != required) {
    fail();
    return Errno::not_supported;
  }
  for (unsigned half = 0; half < 2; ++half) {
    set_common(COMMON_DRIVER_FEATURE_SELECT, 4, half);
    set_common(COMMON_DRIVER_FEATURE, 4, static_cast<std::uint32_t>(accepted >> (32 * half)));
  }
  add_status(static_cast<std::uint8_t>(STATUS_FEATURES_OK));
  if ((status() & STATUS_FEATURES_OK) == 0) {  // 3.1.1: the device has the last word
    fail();
    return Errno::not_supported;
  }
  notification_data_ = (accepted & feature(F_NOTIFICATION_DATA)) != 0;
  return accepted;
}

// --- device configuration ----------------------------------------------------------------------

std::uint64_t VirtioTransport::config(unsigned offset, unsigned bytes) const {
  INVARIANT(bytes <= 8, "a configuration field wider than a number");
  std::uint64_t value = 0;
  for (unsigned tries = 0; tries < kGenerationTries; ++tries) {
    const std::uint32_t before = common(COMMON_CONFIG_GENERATION, 1);
    value = 0;
    for (unsigned i = 0; i < bytes; ++i) {
      value |= std::uint64_t{read(device_, offset + i, 1)} << (8 * i);
    }
    if (common(COMMON_CONFIG_GENERATION, 1) == before) break;
  }
  return value;
}

base::Result<void> VirtioTransport::set_config_vector(unsigned msix_entry) {
  set_common(COMMON_CONFIG_MSIX_VECTOR, 2, msix_entry);
  if (common(COMMON_CONFIG_MSIX_VECTOR, 2) != msix_entry) return Errno::io;
  return {};
}

bool VirtioTransport::is_cosnic() const {
  return function_.subvendor() == PCI_SUBVENDOR && function_.subdevice() == PCI_SUBDEVICE;
}

std::uint64_t VirtioTransport::device_counter(unsigned index) const {
  if (!is_cosnic()) return 0;
  INVARIANT(index < STAT_COUNT, "a counter that the device does not have");
  auto& pci = function_.device();
  const std::uint64_t at = BAR_STATS + 8 * std::uint64_t{index};
  const std::uint64_t low = pci.mmio_read(common_.bar, at, 4);  // the low half latches the high one
  return low | std::uint64_t{pci.mmio_read(common_.bar, at + 4, 4)} << 32;
}

}  // namespace host::driver
