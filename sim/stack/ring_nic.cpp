// SPDX-License-Identifier: Apache-2.0
#include "sim/stack/ring_nic.hpp"

#include <algorithm>

#include "host/base/byte_order.hpp"
#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace sim::stack {
namespace {

using namespace contract;
using host::base::load_le16;
using host::base::load_le32;
using host::base::load_le64;
using host::base::store_le16;
using host::base::store_le32;

// of a descriptor, 2.8.13
constexpr std::size_t kLengthAt = 8;
constexpr std::size_t kIdAt = 12;
constexpr std::size_t kFlagsAt = 14;
constexpr std::size_t kEventFlagsAt = 2;
constexpr std::uint32_t kLargestRing = 1024;
constexpr std::uint16_t kMtu = 1500;

constexpr std::uint64_t bit(unsigned number) {
  return 1ull << number;
}

}  // namespace

DeviceRing::DeviceRing(DmaAddress ring, DmaAddress driver_event, unsigned size)
    : ring_(NativeDma::at(ring, std::size_t{size} * DESC_BYTES)),
      event_(NativeDma::at(driver_event, EVENT_BYTES)),
      size_(size) {}

std::span<std::byte> DeviceRing::descriptor(unsigned index) const {
  return ring_.subspan(std::size_t{index} * DESC_BYTES, DESC_BYTES);
}

void DeviceRing::advance(Position& position, unsigned count) const {
  position.index += count;
  if (position.index < size_) return;
  position.index -= size_;
  position.wrap = !position.wrap;
}

std::optional<DeviceRing::Chain> DeviceRing::take() {
  Chain chain;
  for (bool more = true; more && chain.count < chain.pieces.size();) {
    const auto entry = descriptor(available_.index);
    const std::uint16_t flags = load_le16(entry, kFlagsAt);
    const bool available = ((flags & DESC_F_AVAIL) != 0) == available_.wrap;
    const bool used = ((flags & DESC_F_USED) != 0) == available_.wrap;
    if (!available || used) return std::nullopt;
    chain.id = load_le16(entry, kIdAt);
    chain.pieces[chain.count++] = NativeDma::at(load_le64(entry, 0), load_le32(entry, kLengthAt));
    ++chain.descriptors;
    advance(available_, 1);
    more = (flags & DESC_F_NEXT) != 0;
  }
  return chain;
}

void DeviceRing::give_back(const Chain& chain, std::uint32_t written) {
  const auto entry = descriptor(used_.index);
  store_le32(entry, kLengthAt, written);
  store_le16(entry, kIdAt, chain.id);
  const unsigned lap = used_.wrap ? DESC_F_AVAIL | DESC_F_USED : 0U;
  store_le16(entry, kFlagsAt, static_cast<std::uint16_t>(lap | (written != 0 ? DESC_F_WRITE : 0U)));
  advance(used_, chain.descriptors);
}

bool DeviceRing::interrupt_wanted() const {
  return load_le16(event_, kEventFlagsAt) != EVENT_DISABLE;
}

RingNic::RingNic(NativeMachine& machine, RingNicOptions options)
    : machine_(machine),
      options_(options),
      features_(bit(F_VERSION_1) | bit(F_RING_PACKED) | bit(NET_F_MAC) | bit(NET_F_STATUS) | bit(NET_F_MTU) |
                (options.checksum_offload ? bit(NET_F_CSUM) | bit(NET_F_GUEST_CSUM) : 0)),
      queues_(2 * options.pairs),
      msix_(2 * options.pairs + 1, {0, 0, 0, MSIX_ENTRY_MASKED}) {
  config_write(CFG_VENDOR_ID, 4, PCI_VENDOR | PCI_DEVICE << 16);
  config_write(CFG_COMMAND, 4, STATUS_CAP_LIST << 16);
  config_write(CFG_CLASS, 4, PCI_REVISION | PCI_CLASS << 8);
  config_write(CFG_SUBSYSTEM, 4, PCI_SUBVENDOR | PCI_SUBDEVICE << 16);
  config_write(CFG_CAP_PTR, 1, CAP_MSIX);
  config_write(CAP_MSIX, 4, CAP_ID_MSIX | CAP_VIRTIO_COMMON << 8 | static_cast<std::uint32_t>(msix_.size() - 1) << 16);
  config_write(CAP_MSIX + 4, 4, BAR_MSIX_TABLE);
  capability(CAP_VIRTIO_COMMON, CAP_VIRTIO_NOTIFY, 16, VIRTIO_CFG_COMMON, BAR_COMMON);
  capability(CAP_VIRTIO_NOTIFY, CAP_VIRTIO_ISR, 20, VIRTIO_CFG_NOTIFY, BAR_NOTIFY);
  config_write(CAP_VIRTIO_NOTIFY + 16, 4, NOTIFY_OFF_MULTIPLIER);
  capability(CAP_VIRTIO_ISR, CAP_VIRTIO_DEVICE, 16, VIRTIO_CFG_ISR, BAR_ISR);
  capability(CAP_VIRTIO_DEVICE, 0, 16, VIRTIO_CFG_DEVICE, BAR_DEVICE);
}

// --- registers ---------------------------------------------------------------------------------------

void RingNic::capability(unsigned at, unsigned next, unsigned length, unsigned type, unsigned window) {
  config_write(at, 4, CAP_ID_VENDOR | next << 8 | length << 16 | type << 24);
  config_write(at + 4, 4, 0);
  config_write(at + 8, 4, window);
  config_write(at + 12, 4, BAR_WINDOW_BYTES);
}

std::uint32_t RingNic::config_read(unsigned offset, unsigned width) {
  std::uint32_t value = 0;
  for (unsigned i = width; i > 0; --i) value = value << 8 | space_[offset + i - 1];
  return value;
}

void RingNic::config_write(unsigned offset, unsigned width, std::uint32_t value) {
  for (unsigned i = 0; i < width; ++i) space_[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint32_t RingNic::mmio_read(unsigned, std::uint64_t offset, unsigned width) {
  const auto at = static_cast<unsigned>(offset);
  if (at < BAR_COMMON + BAR_WINDOW_BYTES) return common_read(at - BAR_COMMON);
  if (at == BAR_CONTROL + GENERAL_ID) return GENERAL_ID_VALUE;
  if (at < BAR_DEVICE || at >= BAR_DEVICE + BAR_WINDOW_BYTES) return 0;
  std::array<std::byte, NETCFG_BYTES + 4> config{};
  for (unsigned i = 0; i < 6; ++i) config[NETCFG_MAC + i] = static_cast<std::byte>(options_.mac >> (8 * (5 - i)));
  store_le16(config, NETCFG_STATUS, NET_S_LINK_UP);
  store_le16(config, NETCFG_MAX_PAIRS, static_cast<std::uint16_t>(options_.pairs));
  store_le16(config, NETCFG_MTU, kMtu);
  const std::uint32_t word = load_le32(config, at - BAR_DEVICE);
  return width == 4 ? word : word & ((1U << 8 * width) - 1);
}

void RingNic::mmio_write(unsigned, std::uint64_t offset, unsigned, std::uint32_t value) {
  const auto at = static_cast<unsigned>(offset);
  if (at >= BAR_MSIX_TABLE && at < BAR_MSIX_TABLE + msix_.size() * MSIX_ENTRY_BYTES) {
    msix_[(at - BAR_MSIX_TABLE) / MSIX_ENTRY_BYTES][at % MSIX_ENTRY_BYTES / 4] = value;
  } else if (at < BAR_COMMON + BAR_WINDOW_BYTES) {
    common_write(at - BAR_COMMON, value);
  }
}

std::uint32_t RingNic::common_read(unsigned offset) {
  const bool exists = selected_ < queues_.size();
  switch (offset) {
    case COMMON_DEVICE_FEATURE:
      return feature_half_ < 2 ? static_cast<std::uint32_t>(features_ >> (32 * feature_half_)) : 0;
    case COMMON_CONFIG_MSIX_VECTOR:
      return config_vector_;
    case COMMON_NUM_QUEUES:
      return static_cast<std::uint32_t>(queues_.size());
    case COMMON_DEVICE_STATUS:
      return status_;
    case COMMON_QUEUE_SIZE:
      return exists ? kLargestRing : 0;
    case COMMON_QUEUE_MSIX_VECTOR:
      return exists ? queues_[selected_].vector : 0xffffU;
    case COMMON_QUEUE_ENABLE:
      return exists && queues_[selected_].enabled ? 1 : 0;
    case COMMON_QUEUE_NOTIFY_OFF:
      return selected_;
    default:
      return 0;
  }
}

void RingNic::common_write(unsigned offset, std::uint32_t value) {
  if (offset == COMMON_DEVICE_FEATURE_SELECT) feature_half_ = value;
  if (offset == COMMON_CONFIG_MSIX_VECTOR) config_vector_ = static_cast<std::uint16_t>(value);
  if (offset == COMMON_QUEUE_SELECT) selected_ = static_cast<std::uint16_t>(value);
  if (offset == COMMON_DEVICE_STATUS) {
    status_ = static_cast<std::uint8_t>(value);
    if (value == 0) queues_ = std::vector<Queue>(queues_.size());
  }
  if (selected_ >= queues_.size()) return;
  Queue& queue = queues_[selected_];
  if (offset == COMMON_QUEUE_SIZE) queue.size = value;
  if (offset == COMMON_QUEUE_MSIX_VECTOR) queue.vector = static_cast<std::uint16_t>(value);
  if (offset >= COMMON_QUEUE_DESC_LO && offset <= COMMON_QUEUE_DEVICE_HI) {
    queue.addresses[(offset - COMMON_QUEUE_DESC_LO) / 4] = value;
  }
  if (offset == COMMON_QUEUE_ENABLE && value == 1) enable(queue);
  if (offset == COMMON_QUEUE_RESET && value == 1) queue = Queue{};
}

void RingNic::enable(Queue& queue) {
  const auto address = [&](unsigned i) {
    return queue.addresses[2 * i] | std::uint64_t{queue.addresses[2 * i + 1]} << 32;
  };
  queue.enabled = true;
  queue.ring.emplace(address(0), address(1), queue.size);
}

// --- traffic -------------------------------------------------------------------------------------------

void RingNic::raise(const Queue& queue) {
  if (queue.vector >= msix_.size() || (msix_[queue.vector][3] & MSIX_ENTRY_MASKED) != 0) return;
  machine_.irqs.raise(msix_[queue.vector][2]);
}

bool RingNic::deliver(std::span<const std::byte> frame, unsigned pair) {
  Queue& queue = queues_[QUEUE_RX0 + 2 * pair];
  const auto chain = queue.ring ? queue.ring->take() : std::nullopt;
  if (!chain) return false;
  const auto buffer = chain->pieces[0];
  if (NET_HDR_BYTES + frame.size() > buffer.size()) return false;
  std::ranges::fill(buffer.first(NET_HDR_BYTES), std::byte{0});
  if (options_.checksum_offload) buffer[0] = static_cast<std::byte>(NET_HDR_F_DATA_VALID);
  store_le16(buffer, NET_HDR_NUM_BUFFERS, 1);
  std::ranges::copy(frame, buffer.subspan(NET_HDR_BYTES).begin());
  queue.ring->give_back(*chain, static_cast<std::uint32_t>(NET_HDR_BYTES + frame.size()));
  return true;
}

void RingNic::signal(unsigned pair) {
  const Queue& queue = queues_[QUEUE_RX0 + 2 * pair];
  if (queue.ring && queue.ring->interrupt_wanted()) raise(queue);
}

unsigned RingNic::transmit() {
  unsigned sent = 0;
  for (unsigned pair = 0; pair < options_.pairs; ++pair) sent += transmit(queues_[QUEUE_TX0 + 2 * pair]);
  return sent;
}

unsigned RingNic::transmit(Queue& queue) {
  if (!queue.ring) return 0;
  unsigned sent = 0;
  while (const auto chain = queue.ring->take()) {
    if (on_sent) {
      frame_.clear();
      for (unsigned i = 0; i < chain->count; ++i) {
        frame_.insert(frame_.end(), chain->pieces[i].begin(), chain->pieces[i].end());
      }
      on_sent(std::span(frame_).subspan(NET_HDR_BYTES));
    }
    queue.ring->give_back(*chain, 0);
    ++sent;
  }
  if (sent != 0 && queue.ring->interrupt_wanted()) raise(queue);
  return sent;
}

}  // namespace sim::stack
