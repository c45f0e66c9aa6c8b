// SPDX-License-Identifier: Apache-2.0
// How the raw driver finds the function, brings it up and resets it (PCI 3.0, virtio 1.2 section 3.1).
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "sim/fuzz/raw_driver.hpp"

namespace sim::fuzz {

using namespace contract;

namespace {

constexpr Picoseconds kPowerUp = 1'000'000;
constexpr Picoseconds kResetAtMost = 100'000'000;
constexpr Picoseconds kCycle = 4000;
constexpr Picoseconds kTimeOuts = 20;
constexpr std::uint32_t kMessageAddress = 0xFEE0'0000;

}  // namespace

void RawDriver::common_write(std::uint32_t offset, unsigned width, std::uint32_t value) {
  bus_.mmio_write(kBar + BAR_COMMON + offset, width, value);
}
std::uint32_t RawDriver::common_read(std::uint32_t offset, unsigned width) {
  return bus_.mmio_read(kBar + BAR_COMMON + offset, width);
}

void RawDriver::power_on() {
  bus_.run_until(kPowerUp);
  set_up_function();
  set_up_messages();
  start();
}

void RawDriver::set_up_function() {
  if (bus_.config_read(CFG_VENDOR_ID) != (PCI_VENDOR | PCI_DEVICE << 16)) bus_.violation("no NIC on the bus");
  bus_.config_write(CFG_BAR0, static_cast<std::uint32_t>(kBar));
  bus_.config_write(CFG_BAR1, static_cast<std::uint32_t>(kBar >> 32));
  const auto code = [](unsigned bytes) { return static_cast<std::uint32_t>(std::countr_zero(bytes / 128)); };
  bus_.config_write(CAP_EXP + EXP_DEVICE_CTRL,
                    code(machine_.max_payload) << 5 | code(machine_.max_read) << 12 |
                        (machine_.extended_tags ? EXP_DEVCTRL_EXT_TAG : 0U),
                    3);
  bus_.config_write(CFG_COMMAND, COMMAND_MEMORY | COMMAND_MASTER | COMMAND_INTX_DISABLE, 3);
  vectors_ = (bus_.config_read(CAP_MSIX) >> 16 & 0x7FF) + 1;
  for (unsigned i = 0; i < 6; ++i) {
    mac_address_ |= std::uint64_t{bus_.mmio_read(kBar + BAR_DEVICE + NETCFG_MAC + i, 1)} << (8 * i);
  }
}

void RawDriver::set_up_messages() {
  for (unsigned vector = 0; vector < std::min<std::size_t>(vectors_, queues_.size() + 1); ++vector) {
    const std::uint64_t entry = kBar + BAR_MSIX_TABLE + std::uint64_t{MSIX_ENTRY_BYTES} * vector;
    bus_.mmio_write(entry + MSIX_ENTRY_ADDR_LO, 4, kMessageAddress);
    bus_.mmio_write(entry + MSIX_ENTRY_ADDR_HI, 4, 0);
    bus_.mmio_write(entry + MSIX_ENTRY_DATA, 4, vector);
    bus_.mmio_write(entry + MSIX_ENTRY_CONTROL, 4, 0);
  }
  bus_.config_write(CAP_MSIX, MSIX_CTRL_ENABLE << 16, 0xC);
}

void RawDriver::ask(std::uint64_t features) {
  common_write(COMMON_DEVICE_STATUS, 1, STATUS_ACKNOWLEDGE);
  common_write(COMMON_DEVICE_STATUS, 1, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
  for (std::uint32_t half = 0; half < 2; ++half) {
    common_write(COMMON_DRIVER_FEATURE_SELECT, 4, half);
    common_write(COMMON_DRIVER_FEATURE, 4, static_cast<std::uint32_t>(features >> (32 * half)));
  }
  common_write(COMMON_DEVICE_STATUS, 1, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
}

void RawDriver::negotiate() {
  ask(machine_.features);
  if ((common_read(COMMON_DEVICE_STATUS, 1) & STATUS_FEATURES_OK) == 0) {
    bus_.violation(fmt::format("the device refuses features {:#x}", machine_.features));
  }
}

void RawDriver::start() {
  negotiate();
  for (unsigned queue = 0; queue < queues_.size(); ++queue) start_queue(queue);
  common_write(COMMON_CONFIG_MSIX_VECTOR, 2, 0);
  common_write(COMMON_DEVICE_STATUS, 1, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
  static_cast<void>(common_read(COMMON_DEVICE_STATUS, 1));
  running_ = true;
}

void RawDriver::start_queue(unsigned index) {
  Queue& queue = queues_[index];
  const unsigned size = index % 2 == QUEUE_RX0 ? machine_.rx_size : machine_.tx_size;
  queue.ring = make_ring(memory_, machine_.ring, size, machine_.features);
  queue.ring->wish(queue.wish);
  common_write(COMMON_QUEUE_SELECT, 2, index);
  common_write(COMMON_QUEUE_SIZE, 2, size);
  common_write(COMMON_QUEUE_MSIX_VECTOR, 2, vector_of(index) != 0 ? vector_of(index) : MSI_NO_VECTOR);
  const auto address = [&](std::uint32_t offset, std::uint64_t value) {
    common_write(offset, 4, static_cast<std::uint32_t>(value));
    common_write(offset + 4, 4, static_cast<std::uint32_t>(value >> 32));
  };
  address(COMMON_QUEUE_DESC_LO, queue.ring->descriptors());
  address(COMMON_QUEUE_DRIVER_LO, queue.ring->driver());
  address(COMMON_QUEUE_DEVICE_LO, queue.ring->device());
  common_write(COMMON_QUEUE_ENABLE, 2, 1);
}

void RawDriver::wait_for_zero(std::uint32_t offset, unsigned width, const char* what) {
  // every tag may have to time out, and stays in quarantine as long as a completion could still come
  // nor does it end in a famine of credits
  const Picoseconds deadline =
      bus_.now() + kResetAtMost + kTimeOuts * kCycle * machine_.completion_timeout + machine_.adversary.starve_for;
  while (common_read(offset, width) != 0 && bus_.violations().empty()) {
    if (bus_.now() > deadline) return bus_.violation(fmt::format("{} does not end", what));
  }
}

void RawDriver::restart(unsigned doorbells) {
  common_write(COMMON_DEVICE_STATUS, 1, 0);
  for (; doorbells > 0; --doorbells) {
    for (unsigned queue = 0; queue < queues_.size(); ++queue) kick(queue);
  }
  wait_for_zero(COMMON_DEVICE_STATUS, 1, "the device reset");
  silence();
  start();
}

/// After the device said that it was reset, nothing of it may reach memory.
void RawDriver::silence() {
  running_ = false;
  bus_.expect_silence(true);
  for (Queue& queue : queues_) give_up(queue);
  bus_.run_until(bus_.now() + 5'000'000);
  bus_.expect_silence(false);
}

void RawDriver::queue_reset(const Operation& operation) {
  if (!takes(F_RING_RESET)) return;
  const unsigned index = 2 * operation.pair + (operation.count == 0 ? 0U : 1U);
  common_write(COMMON_QUEUE_SELECT, 2, index);
  common_write(COMMON_QUEUE_RESET, 2, 1);
  wait_for_zero(COMMON_QUEUE_RESET, 2, "the queue's reset");
  give_up(queues_[index]);
  start_queue(index);
}

}  // namespace sim::fuzz
