// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/virtio_registers.hpp"

#include <array>
#include <bit>

namespace sim::nic_model {
namespace {

using namespace contract;

constexpr std::uint32_t kDriversBits =
    STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_DRIVER_OK | STATUS_FEATURES_OK | STATUS_FAILED;

std::uint32_t merge(std::uint32_t old, unsigned byte_enables, std::uint32_t data) {
  for (unsigned i = 0; i < 4; ++i) {
    const std::uint32_t mask = 0xFFU << (8 * i);
    if (((byte_enables >> i) & 1) != 0) old = (old & ~mask) | (data & mask);
  }
  return old;
}

std::uint32_t half(std::uint64_t value, std::uint32_t which) {
  return which > 1 ? 0 : static_cast<std::uint32_t>(value >> (32 * which));
}

std::uint64_t with_half(std::uint64_t value, std::uint32_t which, std::uint32_t data) {
  const std::uint64_t mask = std::uint64_t{0xFFFF'FFFF} << (32 * which);
  return (value & ~mask) | (std::uint64_t{data} << (32 * which));
}

}  // namespace

VirtioRegisters::VirtioRegisters(const ModelConfig& config, DriverRequests& requests)
    : config_(config), requests_(requests), queues_(2 * std::size_t{config.pairs}, fresh()) {}

QueueRegisters VirtioRegisters::fresh() const {
  QueueRegisters queue;
  queue.size = static_cast<std::uint16_t>(config_.queue_size);
  return queue;
}

void VirtioRegisters::clear() {
  device_select_ = driver_select_ = 0;
  driver_features_ = 0;
  config_vector_ = MSI_NO_VECTOR;
  status_ = 0;
  queue_select_ = 0;
  locked_ = false;
  for (QueueRegisters& queue : queues_) queue = fresh();
}

void VirtioRegisters::clear_queue(unsigned queue) {
  queues_[queue] = fresh();
}

void VirtioRegisters::link(bool up) {
  if (up != link_up_) ++generation_;
  link_up_ = up;
}

// --------------------------------------------------------------------------- common configuration

std::uint32_t VirtioRegisters::common_read(std::uint32_t offset) const {
  switch (offset) {
    case COMMON_DEVICE_FEATURE_SELECT:
      return device_select_;
    case COMMON_DEVICE_FEATURE:
      return half(config_.features, device_select_);
    case COMMON_DRIVER_FEATURE_SELECT:
      return driver_select_;
    case COMMON_DRIVER_FEATURE:
      return half(driver_features_, driver_select_);
    case COMMON_CONFIG_MSIX_VECTOR:
      return config_vector_ | static_cast<std::uint32_t>(queues_.size()) << 16;
    case COMMON_DEVICE_STATUS:
      return status_ | std::uint32_t{generation_} << 8 | std::uint32_t{queue_select_} << 16;
    default:
      return queue_read(offset);
  }
}

void VirtioRegisters::common_write(std::uint32_t offset, unsigned byte_enables, std::uint32_t data) {
  if (locked_) return;
  switch (offset) {
    case COMMON_DEVICE_FEATURE_SELECT:
      device_select_ = merge(device_select_, byte_enables, data);
      break;
    case COMMON_DRIVER_FEATURE_SELECT:
      driver_select_ = merge(driver_select_, byte_enables, data);
      break;
    case COMMON_DRIVER_FEATURE:
      if ((status_ & STATUS_FEATURES_OK) != 0 || driver_select_ > 1) return;
      driver_features_ = with_half(driver_features_, driver_select_,
                                   merge(half(driver_features_, driver_select_), byte_enables, data));
      break;
    case COMMON_CONFIG_MSIX_VECTOR:
      if ((byte_enables & 3) != 0) config_vector_ = checked_vector(merge(config_vector_, byte_enables, data) & 0xFFFF);
      break;
    case COMMON_DEVICE_STATUS:
      queue_select_ =
          static_cast<std::uint16_t>(merge(std::uint32_t{queue_select_} << 16, byte_enables & 0xC, data) >> 16);
      if ((byte_enables & 1) != 0) write_status(static_cast<std::uint8_t>(data));
      break;
    default:
      queue_write(offset, byte_enables, data);
  }
}

/// 5.1.3.1: what needs what; several are alternatives.
constexpr struct {
  unsigned bit;
  std::uint64_t needs_one_of;
} kPrerequisites[] = {
    {NET_F_GUEST_TSO4, feature(NET_F_GUEST_CSUM)},
    {NET_F_GUEST_TSO6, feature(NET_F_GUEST_CSUM)},
    {NET_F_GUEST_ECN, feature(NET_F_GUEST_TSO4) | feature(NET_F_GUEST_TSO6)},
    {NET_F_HOST_TSO4, feature(NET_F_CSUM)},
    {NET_F_HOST_TSO6, feature(NET_F_CSUM)},
    {NET_F_HOST_ECN, feature(NET_F_HOST_TSO4) | feature(NET_F_HOST_TSO6)},
    {NET_F_HOST_USO, feature(NET_F_CSUM)},
};

/// 2.2 and 3.1.1.
bool VirtioRegisters::acceptable() const {
  for (const auto& rule : kPrerequisites) {
    if (has(driver_features_, rule.bit) && (driver_features_ & rule.needs_one_of) == 0) return false;
  }
  return (driver_features_ & ~config_.features) == 0 && has(driver_features_, F_VERSION_1);
}

/// 2.1: bits can be added; 0 asks for a reset and reads back only when that is complete.
void VirtioRegisters::write_status(std::uint8_t value) {
  if (value == 0) return requests_.device_reset();
  const std::uint32_t before = status_;
  std::uint32_t added = value & kDriversBits & ~status_;
  if ((added & STATUS_FEATURES_OK) != 0 && !acceptable()) added &= ~STATUS_FEATURES_OK;
  if (((status_ | added) & STATUS_FEATURES_OK) == 0) added &= ~STATUS_DRIVER_OK;
  status_ |= added;
  if (status_ != before) requests_.queues_changed();
}

std::uint16_t VirtioRegisters::checked_vector(std::uint32_t vector) const {
  return static_cast<std::uint16_t>(vector < config_.vectors() ? vector : MSI_NO_VECTOR);
}

// ------------------------------------------------------------------------------------- its queues

std::uint32_t VirtioRegisters::queue_read(std::uint32_t offset) const {
  if (queue_select_ >= queues_.size()) return 0;
  const QueueRegisters& queue = queues_[queue_select_];
  switch (offset) {
    case COMMON_QUEUE_SIZE:
      return queue.size | std::uint32_t{queue.vector} << 16;
    case COMMON_QUEUE_ENABLE:
      return (queue.enabled ? 1U : 0U) | std::uint32_t{queue_select_} << 16;
    case COMMON_QUEUE_DESC_LO:
    case COMMON_QUEUE_DESC_HI:
      return half(queue.descriptors, (offset - COMMON_QUEUE_DESC_LO) / 4);
    case COMMON_QUEUE_DRIVER_LO:
    case COMMON_QUEUE_DRIVER_HI:
      return half(queue.driver, (offset - COMMON_QUEUE_DRIVER_LO) / 4);
    case COMMON_QUEUE_DEVICE_LO:
    case COMMON_QUEUE_DEVICE_HI:
      return half(queue.device, (offset - COMMON_QUEUE_DEVICE_LO) / 4);
    case COMMON_QUEUE_NOTIF_DATA:
      return queue.resetting ? 1U << 16 : 0U;
    default:
      return 0;
  }
}

void VirtioRegisters::queue_write(std::uint32_t offset, unsigned byte_enables, std::uint32_t data) {
  if (queue_select_ >= queues_.size()) return;
  QueueRegisters& queue = queues_[queue_select_];
  const auto address = [&](std::uint64_t& field, std::uint32_t low) {
    const std::uint32_t which = (offset - low) / 4;
    if (!queue.enabled) field = with_half(field, which, merge(half(field, which), byte_enables, data));
  };
  switch (offset) {
    case COMMON_QUEUE_SIZE:
      if ((byte_enables & 3) != 0) write_size(queue, merge(queue.size, byte_enables & 3, data));
      if ((byte_enables & 0xC) != 0)
        queue.vector = checked_vector(merge(std::uint32_t{queue.vector} << 16, byte_enables & 0xC, data) >> 16);
      break;
    case COMMON_QUEUE_ENABLE:
      if ((byte_enables & 3) != 0 && (merge(0, byte_enables, data) & 0xFFFF) == 1) write_enable(queue);
      break;
    case COMMON_QUEUE_DESC_LO:
    case COMMON_QUEUE_DESC_HI:
      return address(queue.descriptors, COMMON_QUEUE_DESC_LO);
    case COMMON_QUEUE_DRIVER_LO:
    case COMMON_QUEUE_DRIVER_HI:
      return address(queue.driver, COMMON_QUEUE_DRIVER_LO);
    case COMMON_QUEUE_DEVICE_LO:
    case COMMON_QUEUE_DEVICE_HI:
      return address(queue.device, COMMON_QUEUE_DEVICE_LO);
    case COMMON_QUEUE_NOTIF_DATA:
      if ((byte_enables & 0xC) == 0 || merge(0, byte_enables & 0xC, data) >> 16 != 1) return;
      if (!has(driver_features_, F_RING_RESET) || !queue.enabled || queue.resetting) return;
      queue.resetting = true;
      requests_.queue_reset(queue_select_);
      break;
    default:
      break;
  }
}

/// 2.7: a split ring's size is a power of 2; 0 and what is too large have no effect.
void VirtioRegisters::write_size(QueueRegisters& queue, std::uint32_t size) const {
  const bool fits = size != 0 && size <= config_.queue_size_max;
  const bool shape = has(driver_features_, F_RING_PACKED) || std::has_single_bit(size);
  if (!queue.enabled && fits && shape) queue.size = static_cast<std::uint16_t>(size);
}

void VirtioRegisters::write_enable(QueueRegisters& queue) {
  if ((status_ & STATUS_FEATURES_OK) == 0 || queue.enabled) return;
  queue.enabled = true;
  requests_.queues_changed();
}

// ------------------------------------------------------------- device configuration, notifications

std::uint32_t VirtioRegisters::device_read(std::uint32_t offset) const {
  std::array<std::uint8_t, NETCFG_BYTES> bytes{};
  for (unsigned i = 0; i < 6; ++i) bytes[NETCFG_MAC + i] = static_cast<std::uint8_t>(config_.mac_address >> (8 * i));
  bytes[NETCFG_STATUS] = link_up_ ? NET_S_LINK_UP : 0;
  bytes[NETCFG_MAX_PAIRS] = static_cast<std::uint8_t>(config_.pairs);
  const unsigned mtu = config_.max_frame - 18;  // Ethernet header, VLAN tag
  bytes[NETCFG_MTU] = static_cast<std::uint8_t>(mtu & 0xFF);
  bytes[NETCFG_MTU + 1] = static_cast<std::uint8_t>(mtu >> 8);
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4 && offset + i < bytes.size(); ++i) value |= std::uint32_t{bytes[offset + i]} << (8 * i);
  return value;
}

/// 4.1.5.2: the queue's own number at the queue's own address; 16 bits, or 32 with NOTIFICATION_DATA.
void VirtioRegisters::notify_write(std::uint32_t offset, unsigned byte_enables, std::uint32_t data) {
  const std::uint32_t queue = offset / NOTIFY_OFF_MULTIPLIER;
  const unsigned lanes = has(driver_features_, F_NOTIFICATION_DATA) ? 0xF : 3;
  if ((byte_enables & lanes) != lanes || queue >= queues_.size() || (data & 0xFFFF) != queue)
    return requests_.bad_doorbell();
  requests_.kick(queue);
}

}  // namespace sim::nic_model
