// SPDX-License-Identifier: Apache-2.0
// Registers, doorbells and rings of the pretended NIC.
#include "tests/host/driver/fake_virtio_nic.hpp"

#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/host/driver/packed_device.hpp"
#include "tests/host/driver/split_device.hpp"

namespace host_test {

using namespace contract;

namespace {

constexpr std::uint64_t bit(unsigned number) {
  return 1ull << number;
}

constexpr unsigned kMsixEntries = 4;

void store(Frame& bytes, std::size_t at, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) bytes[at + i] = static_cast<std::byte>(value >> (8 * i));
}

}  // namespace

FakeVirtioNic::FakeVirtioNic(FakeMachine& machine)
    : offered(bit(F_VERSION_1) | bit(F_RING_PACKED) | bit(RING_F_EVENT_IDX) | bit(F_RING_RESET) | bit(NET_F_MAC) |
              bit(NET_F_STATUS) | bit(NET_F_MTU)),
      machine_(machine),
      queues_(2) {
  control[GENERAL_ID] = GENERAL_ID_VALUE;
  build_space();
}

// --- configuration space ----------------------------------------------------------------------------

void FakeVirtioNic::build_space() {
  config_write(CFG_VENDOR_ID, 4, PCI_VENDOR | PCI_DEVICE << 16);
  config_write(CFG_COMMAND, 4, STATUS_CAP_LIST << 16);
  config_write(CFG_CLASS, 4, PCI_REVISION | PCI_CLASS << 8);
  config_write(CFG_CAP_PTR, 1, CAP_MSIX);
  config_write(CAP_MSIX, 4, CAP_ID_MSIX | CAP_VIRTIO_COMMON << 8);
  set_msix_vectors(kMsixEntries);
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

void FakeVirtioNic::set_pairs(unsigned pairs) {
  pairs_ = pairs;
  queues_ = std::vector<Queue>(2 * pairs);
  config_write(CFG_SUBSYSTEM, 4, PCI_SUBVENDOR | PCI_SUBDEVICE << 16);
  set_msix_vectors(2 * pairs + 1);
}

void FakeVirtioNic::set_msix_vectors(unsigned vectors) {
  msix_.assign(vectors, {0, 0, 0, MSIX_ENTRY_MASKED});
  config_write(CAP_MSIX + 2, 2, vectors - 1);
}

void FakeVirtioNic::use_intx() {
  config_write(CAP_MSIX, 1, CAP_ID_PM);
  config_write(CFG_INTERRUPT_LINE + 1, 1, 1);
}

bool FakeVirtioNic::msix_enabled() const {
  return (space[CAP_MSIX + 3] & (MSIX_CTRL_ENABLE >> 8)) != 0;
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

std::uint32_t FakeVirtioNic::device_config(unsigned offset, unsigned width) const {
  Frame config(NETCFG_BYTES);
  store(config, NETCFG_MAC, 0x0100c051c002, 6);
  store(config, NETCFG_STATUS, link_ ? 1 : 0, 2);
  store(config, NETCFG_MAX_PAIRS, pairs_, 2);
  store(config, NETCFG_MTU, mtu, 2);
  std::uint32_t value = 0;
  for (unsigned i = width; i > 0; --i) {
    value = (value << 8) | static_cast<std::uint32_t>(config.at(offset + i - 1));
  }
  return value;
}

std::uint32_t FakeVirtioNic::mmio_read(unsigned, std::uint64_t offset, unsigned width) {
  ++mmio_reads;
  const auto at = static_cast<unsigned>(offset);
  if (at < BAR_COMMON + BAR_WINDOW_BYTES) return common_read(at - BAR_COMMON);
  if (at >= BAR_DEVICE && at < BAR_DEVICE + BAR_WINDOW_BYTES) return device_config(at - BAR_DEVICE, width);
  if (at == BAR_ISR) {
    ++isr_reads;
    machine_.irqs.set_line(false);
    return std::exchange(isr_, std::uint8_t{0});
  }
  if (pairs_ > 1 && at >= BAR_CONTROL && at < BAR_CONTROL + BAR_CONTROL_BYTES) return control[at - BAR_CONTROL];
  if (at >= BAR_STATS && at < BAR_STATS + 8 * STAT_COUNT) return at % 8 == 0 ? statistics[(at - BAR_STATS) / 8] : 0;
  return 0xffffffff;
}

void FakeVirtioNic::mmio_write(unsigned, std::uint64_t offset, unsigned width, std::uint32_t value) {
  const auto at = static_cast<unsigned>(offset);
  if (at >= BAR_NOTIFY && at < BAR_NOTIFY + BAR_WINDOW_BYTES) {
    ++doorbells;
    const bool right_width = width == (negotiated(F_NOTIFICATION_DATA) ? 4u : 2u);
    if (!right_width || at != BAR_NOTIFY + (value & 0xffff) * NOTIFY_OFF_MULTIPLIER) {
      ++bad_doorbells;
    } else {
      doorbell(value);
    }
    return;
  }
  ++other_writes;
  if (at >= BAR_MSIX_TABLE && at < BAR_MSIX_TABLE + msix_.size() * MSIX_ENTRY_BYTES) {
    msix_[(at - BAR_MSIX_TABLE) / MSIX_ENTRY_BYTES][at % MSIX_ENTRY_BYTES / 4] = value;
  } else if (at < BAR_COMMON + BAR_WINDOW_BYTES) {
    common_write(at - BAR_COMMON, value);
  } else if (at >= BAR_CONTROL && at < BAR_CONTROL + BAR_CONTROL_BYTES) {
    control[at - BAR_CONTROL] = value;
  }
}

void FakeVirtioNic::reset() {
  status_ = 0;
  config_vector_ = 0xffff;
  accepted_ = 0;
  isr_ = 0;
  machine_.irqs.set_line(false);
  queues_ = std::vector<Queue>(queues_.size());
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
      return static_cast<std::uint32_t>(queues_.size());
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
  if (offset == COMMON_QUEUE_RESET && value == 1) queue = Queue{};
}

void FakeVirtioNic::enable_queue() {
  Queue& queue = queues_.at(queue_select_);
  const auto address = [&](unsigned i) {
    return queue.addresses[2 * i] | std::uint64_t{queue.addresses[2 * i + 1]} << 32;
  };
  queue.enabled = true;
  const bool event_index = negotiated(RING_F_EVENT_IDX);
  if (negotiated(F_RING_PACKED)) {
    queue.ring =
        std::make_unique<PackedDevice>(machine_.dma, address(0), address(1), address(2), queue.size, event_index);
  } else {
    queue.ring =
        std::make_unique<SplitDevice>(machine_.dma, address(0), address(1), address(2), queue.size, event_index);
  }
}

// --- traffic --------------------------------------------------------------------------------------------

void FakeVirtioNic::raise(std::uint16_t entry, unsigned isr_bit) {
  if (!msix_enabled()) {
    isr_ = static_cast<std::uint8_t>(isr_ | isr_bit);
    const bool disabled = (config_read(CFG_COMMAND, 2) & COMMAND_INTX_DISABLE) != 0;
    if (!disabled) machine_.irqs.set_line(true);
    return;
  }
  if (entry >= msix_.size() || (msix_[entry][3] & MSIX_ENTRY_MASKED) != 0) return;
  if (msix_[entry][2] != 0) machine_.irqs.raise(msix_[entry][2]);
}

void FakeVirtioNic::doorbell(std::uint32_t value) {
  const unsigned number = value & 0xffff;
  if (number >= queues_.size() || !queues_[number].ring) return;
  if (negotiated(F_NOTIFICATION_DATA) && value >> 16 != queues_[number].ring->expected_notification()) ++bad_doorbells;
  if (number % 2 == QUEUE_RX0) return;  // the receive side looks when a frame comes
  machine_.cpus.after(latency, [this, number] { process_tx(number); });
}

std::size_t FakeVirtioNic::header_bytes() const {
  return negotiated(NET_F_HASH_REPORT) ? NET_HDR_HASH_BYTES : NET_HDR_BYTES;
}

void FakeVirtioNic::process_tx(unsigned number) {
  Queue& queue = queues_[number];
  if (!queue.enabled || (status_ & STATUS_DRIVER_OK) == 0) return;
  const auto header = static_cast<std::ptrdiff_t>(header_bytes());
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
      if (chain->indirect && !negotiated(RING_F_INDIRECT_DESC)) ++bad_headers;
      tx_chain_lengths.push_back(chain->pieces.size());
      sent_with_header.push_back({number, chain->pieces.size(), chain->indirect,
                                  Frame(bytes.begin(), bytes.begin() + header),
                                  Frame(bytes.begin() + header, bytes.end())});
      const bool any = !std::ranges::all_of(sent_with_header.back().header, [](auto b) { return b == std::byte{0}; });
      if (any && !negotiated(NET_F_CSUM)) ++bad_headers;
      sent.push_back(sent_with_header.back().frame);
      queue.held.push_back(std::move(*chain));
    }
  } while (!queue.ring->arm_kicks());
  if (!hold_tx) complete_tx(queue);
}

void FakeVirtioNic::complete_tx() {
  for (unsigned number = QUEUE_TX0; number < queues_.size(); number += 2) complete_tx(queues_[number]);
}

void FakeVirtioNic::complete_tx(Queue& queue) {
  if (!queue.ring) return;
  if (negotiated(F_IN_ORDER) && in_order_batches && !queue.held.empty()) {
    const std::vector<RingDevice::Chain> batch(queue.held.begin(), queue.held.end());
    queue.ring->give_back_batch(batch, 0);
  } else {
    for (const auto& chain : queue.held) queue.ring->give_back(chain, 0);
  }
  queue.held.clear();
  if (queue.ring->interrupt_wanted()) raise(queue.vector, ISR_QUEUE);
}

bool FakeVirtioNic::deliver(const Frame& frame, const Meta& meta, unsigned pair) {
  Queue& queue = queues_.at(QUEUE_RX0 + 2 * pair);
  Frame bytes(header_bytes());
  bytes.insert(bytes.end(), frame.begin(), frame.end());
  std::vector<RingDevice::Used> group;
  std::size_t room = 0;
  while (queue.enabled && (status_ & STATUS_DRIVER_OK) != 0 && room < bytes.size()) {
    auto chain = queue.ring->take();
    if (!chain) break;
    const auto before = room;
    for (const auto& piece : chain->pieces) room += piece.length;
    group.push_back({std::move(*chain), static_cast<std::uint32_t>(std::min(room, bytes.size()) - before)});
    if (!negotiated(NET_F_MRG_RXBUF)) break;
  }
  if (room < bytes.size()) {  // a real device would keep the buffers: give_back keeps the test's device simple
    for (const auto& used : group) queue.ring->give_back(used.chain, 0);
    ++missed;
    return false;
  }
  store(bytes, 0, meta.flags, 1);
  store(bytes, 1, meta.gso_type, 1);
  store(bytes, 4, meta.gso_size, 2);
  store(bytes, 6, meta.csum_start, 2);
  store(bytes, 8, meta.csum_offset, 2);
  store(bytes, NET_HDR_NUM_BUFFERS, group.size() + static_cast<std::size_t>(meta.buffers_off), 2);
  if (header_bytes() == NET_HDR_HASH_BYTES) {
    store(bytes, 12, meta.hash, 4);
    store(bytes, 16, meta.hash_report, 2);
  }
  std::size_t done = 0;
  for (const auto& used : group) {
    for (const auto& piece : used.chain.pieces) {
      const std::size_t count = std::min<std::size_t>(piece.length, bytes.size() - done);
      machine_.dma.write(piece.address, std::span(bytes).subspan(done, count));
      done += count;
    }
  }
  queue.ring->give_back_together(group);
  if (queue.ring->interrupt_wanted()) raise(queue.vector, ISR_QUEUE);
  return true;
}

void FakeVirtioNic::set_link(bool up) {
  link_ = up;
  ++generation_;
  raise(config_vector_, ISR_CONFIG);
}

void FakeVirtioNic::ask_for_reset() {
  status_ |= static_cast<std::uint8_t>(STATUS_NEEDS_RESET);
  raise(config_vector_, ISR_CONFIG);
}

}  // namespace host_test
