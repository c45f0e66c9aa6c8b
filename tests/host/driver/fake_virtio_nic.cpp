// SPDX-License-Identifier: Apache-2.0
// Registers, doorbells and rings of the pretended NIC.
#include "tests/host/driver/fake_virtio_nic.hpp"

#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host_test {

using namespace contract;

namespace {

constexpr std::uint64_t bit(unsigned number) {
  return 1ull << number;
}

}  // namespace

FakeVirtioNic::FakeVirtioNic(FakeMachine& machine)
    : offered(bit(F_VERSION_1) | bit(F_RING_PACKED) | bit(RING_F_EVENT_IDX) | bit(F_RING_RESET) | bit(NET_F_MAC) |
              bit(NET_F_STATUS) | bit(NET_F_MTU)),
      machine_(machine),
      msix_(MSIX_VECTORS) {
  build_space();
}

// --- configuration space ----------------------------------------------------------------------------

void FakeVirtioNic::build_space() {
  config_write(CFG_VENDOR_ID, 4, PCI_VENDOR | PCI_DEVICE << 16);
  config_write(CFG_COMMAND, 4, STATUS_CAP_LIST << 16);
  config_write(CFG_CLASS, 4, PCI_REVISION | PCI_CLASS << 8);
  config_write(CFG_CAP_PTR, 1, CAP_MSIX);
  config_write(CAP_MSIX, 4, CAP_ID_MSIX | CAP_VIRTIO_COMMON << 8 | (MSIX_VECTORS - 1) << 16);
  config_write(CAP_MSIX + 4, 4, BAR_MSIX_TABLE);
  add_capability(CAP_VIRTIO_COMMON, CAP_VIRTIO_NOTIFY, 16, VIRTIO_CFG_COMMON, BAR_COMMON);
  add_capability(CAP_VIRTIO_NOTIFY, CAP_VIRTIO_ISR, 20, VIRTIO_CFG_NOTIFY, BAR_NOTIFY);
  config_write(CAP_VIRTIO_NOTIFY + 16, 4, NOTIFY_OFF_MULTIPLIER);
  add_capability(CAP_VIRTIO_ISR, CAP_VIRTIO_DEVICE, 16, VIRTIO_CFG_ISR, BAR_ISR);
  add_capability(CAP_VIRTIO_DEVICE, 0, 16, VIRTIO_CFG_DEVICE, BAR_DEVICE);
}

void FakeVirtioNic::add_capability(unsigned at, unsigned next, unsigned length, unsigned type, unsigned window) {
  config_write(at, 4, CAP_ID_VENDOR | next << 8 | length << 16 | type << 24);
  config_write(at + 4, 4, 0);
  config_write(at + 8, 4, window);
  config_write(at + 12, 4, BAR_WINDOW_BYTES);
}

std::uint32_t FakeVirtioNic::config_read(unsigned offset, unsigned width) {
  std::uint32_t value = 0;
  for (unsigned i = width; i > 0; --i) value = (value << 8) | space[offset + i - 1];
  return value;
}

void FakeVirtioNic::config_write(unsigned offset, unsigned width, std::uint32_t value) {
  for (unsigned i = 0; i < width; ++i) space[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

// --- registers ----------------------------------------------------------------------------------------

std::uint32_t FakeVirtioNic::mmio_read(unsigned, std::uint64_t offset, unsigned width) {
  ++mmio_reads;
  const auto at = static_cast<unsigned>(offset);
  if (at < BAR_COMMON + BAR_WINDOW_BYTES) return common_read(at - BAR_COMMON);
  if (at >= BAR_DEVICE && at < BAR_DEVICE + BAR_WINDOW_BYTES) {
    const std::array<std::uint8_t, 12> config = {0x02,
                                                 0xc0,
                                                 0x51,
                                                 0xc0,
                                                 0x00,
                                                 0x01,
                                                 link_ ? std::uint8_t{1} : std::uint8_t{0},
                                                 0,
                                                 1,
                                                 0,
                                                 static_cast<std::uint8_t>(mtu),
                                                 static_cast<std::uint8_t>(mtu >> 8)};
    std::uint32_t value = 0;
    for (unsigned i = width; i > 0; --i) value = (value << 8) | config.at(at - BAR_DEVICE + i - 1);
    return value;
  }
  return 0xffffffff;
}

void FakeVirtioNic::mmio_write(unsigned, std::uint64_t offset, unsigned, std::uint32_t value) {
  const auto at = static_cast<unsigned>(offset);
  if (at >= BAR_NOTIFY && at < BAR_NOTIFY + BAR_WINDOW_BYTES) {
    ++doorbells;
    if (at == BAR_NOTIFY + value * NOTIFY_OFF_MULTIPLIER) doorbell(value);
    return;
  }
  ++other_writes;
  if (at >= BAR_MSIX_TABLE && at < BAR_MSIX_TABLE + MSIX_VECTORS * MSIX_ENTRY_BYTES) {
    msix_[(at - BAR_MSIX_TABLE) / MSIX_ENTRY_BYTES][at % MSIX_ENTRY_BYTES / 4] = value;
  } else if (at < BAR_COMMON + BAR_WINDOW_BYTES) {
    common_write(at - BAR_COMMON, value);
  }
}

void FakeVirtioNic::reset() {
  status_ = 0;
  config_vector_ = 0xffff;
  accepted_ = 0;
  queues_ = {};
  held_.clear();
}

std::uint32_t FakeVirtioNic::common_read(unsigned offset) {
  const bool exists = queue_select_ < queues_.size();
  Queue absent;
  Queue& queue = exists ? queues_[queue_select_] : absent;
  switch (offset) {
    case COMMON_DEVICE_FEATURE:
      return static_cast<std::uint32_t>(device_select_ < 2 ? offered >> (32 * device_select_) : 0);
    case COMMON_CONFIG_MSIX_VECTOR:
      return config_vector_;
    case COMMON_NUM_QUEUES:
      return 2;
    case COMMON_DEVICE_STATUS:
      return status_;
    case COMMON_CONFIG_GENERATION:
      return generation_;
    case COMMON_QUEUE_SIZE:
      return !exists ? 0 : queue.size != 0 ? queue.size : queue_max;
    case COMMON_QUEUE_MSIX_VECTOR:
      return queue.vector;
    case COMMON_QUEUE_ENABLE:
      return queue.enabled ? 1 : 0;
    case COMMON_QUEUE_NOTIFY_OFF:
      return queue_select_;
    default:  // COMMON_QUEUE_RESET: always done
      return 0;
  }
}

void FakeVirtioNic::common_write(unsigned offset, std::uint32_t value) {
  Queue absent;
  Queue& queue = queue_select_ < queues_.size() ? queues_[queue_select_] : absent;
  const auto word = static_cast<std::uint16_t>(value);
  if (offset == COMMON_DEVICE_FEATURE_SELECT) device_select_ = value;
  if (offset == COMMON_DRIVER_FEATURE_SELECT) driver_select_ = value;
  if (offset == COMMON_DRIVER_FEATURE) accepted_ |= std::uint64_t{value} << (32 * driver_select_);
  if (offset == COMMON_CONFIG_MSIX_VECTOR) config_vector_ = refuse_vectors ? std::uint16_t{0xffff} : word;
  if (offset == COMMON_DEVICE_STATUS) {
    if (value == 0) {
      reset();
      if (reset_hangs) status_ = 0x0f;
      return;
    }
    status_ = static_cast<std::uint8_t>(value);
    const bool subset = (accepted_ & ~offered) == 0;
    if (refuse_features || !subset) status_ &= static_cast<std::uint8_t>(~STATUS_FEATURES_OK);
  }
  if (offset == COMMON_QUEUE_SELECT) queue_select_ = word;
  if (offset == COMMON_QUEUE_SIZE) queue.size = value;
  if (offset == COMMON_QUEUE_MSIX_VECTOR) queue.vector = refuse_vectors ? std::uint16_t{0xffff} : word;
  if (offset >= COMMON_QUEUE_DESC_LO && offset <= COMMON_QUEUE_DEVICE_HI) {
    queue.addresses[(offset - COMMON_QUEUE_DESC_LO) / 4] = value;
  }
  if (offset == COMMON_QUEUE_ENABLE && value == 1) enable_queue();
  if (offset == COMMON_QUEUE_RESET && value == 1) {
    if (queue_select_ == QUEUE_TX0) held_.clear();
    queue = {};
  }
}

void FakeVirtioNic::enable_queue() {
  Queue& queue = queues_.at(queue_select_);
  const auto address = [&](unsigned i) {
    return queue.addresses[2 * i] | std::uint64_t{queue.addresses[2 * i + 1]} << 32;
  };
  queue.enabled = true;
  queue.ring = std::make_unique<PackedDevice>(machine_.dma, address(0), address(1), address(2), queue.size,
                                              (accepted_ & bit(RING_F_EVENT_IDX)) != 0);
}

// --- traffic --------------------------------------------------------------------------------------------

void FakeVirtioNic::raise(std::uint16_t entry) {
  if (entry >= msix_.size() || (msix_[entry][3] & MSIX_ENTRY_MASKED) != 0) return;
  if (msix_[entry][2] != 0) machine_.irqs.raise(msix_[entry][2]);
}

void FakeVirtioNic::doorbell(unsigned queue) {
  if (queue != QUEUE_TX0) return;  // the receive side looks when a frame comes
  machine_.cpus.after(latency, [this] { process_tx(); });
}

void FakeVirtioNic::process_tx() {
  Queue& queue = queues_[QUEUE_TX0];
  if (!queue.enabled || (status_ & STATUS_DRIVER_OK) == 0) return;
  do {
    queue.ring->disable_kicks();
    while (auto chain = queue.ring->take()) {
      Frame bytes;
      for (const auto& piece : chain->pieces) {
        const auto old = bytes.size();
        bytes.resize(old + piece.length);
        machine_.dma.read(piece.address, std::span(bytes).subspan(old));
        if (piece.write) ++bad_headers;
      }
      tx_chain_lengths.push_back(chain->pieces.size());
      const Frame header(NET_HDR_BYTES);
      if (!std::equal(header.begin(), header.end(), bytes.begin())) ++bad_headers;
      sent.emplace_back(bytes.begin() + NET_HDR_BYTES, bytes.end());
      held_.push_back(std::move(*chain));
    }
  } while (!queue.ring->arm_kicks());
  if (!hold_tx) complete_tx();
}

void FakeVirtioNic::complete_tx() {
  Queue& queue = queues_[QUEUE_TX0];
  for (const auto& chain : held_) queue.ring->give_back(chain, 0);
  held_.clear();
  if (queue.ring && queue.ring->interrupt_wanted()) raise(queue.vector);
}

bool FakeVirtioNic::deliver(const Frame& frame) {
  Queue& queue = queues_[QUEUE_RX0];
  std::optional<PackedDevice::Chain> chain;
  if (queue.enabled && (status_ & STATUS_DRIVER_OK) != 0) chain = queue.ring->take();
  if (!chain) {
    ++missed;
    return false;
  }
  Frame bytes(NET_HDR_BYTES);
  bytes[NET_HDR_NUM_BUFFERS] = std::byte{1};
  bytes.insert(bytes.end(), frame.begin(), frame.end());
  machine_.dma.write(chain->pieces.front().address, bytes);
  queue.ring->give_back(*chain, static_cast<std::uint32_t>(bytes.size()));
  if (queue.ring->interrupt_wanted()) raise(queue.vector);
  return true;
}

void FakeVirtioNic::set_link(bool up) {
  link_ = up;
  ++generation_;
  raise(config_vector_);
}

void FakeVirtioNic::ask_for_reset() {
  status_ |= static_cast<std::uint8_t>(STATUS_NEEDS_RESET);
  raise(config_vector_);
}

}  // namespace host_test
