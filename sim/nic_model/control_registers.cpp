// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/control_registers.hpp"

#include <algorithm>

namespace sim::nic_model {
namespace {

using namespace contract;

constexpr std::uint32_t kWindows = 1U << CTL_GENERAL | 1U << CTL_RX_FILTER | 1U << CTL_RX_RSS | 1U << CTL_COALESCE |
                                   1U << CTL_TX_SCHEDULE | 1U << CTL_QUEUE_STATS;
constexpr std::uint32_t kVlanBytes = 4096 / 8;
constexpr std::uint32_t kTableBytes = 4 * 128;
constexpr std::uint32_t kKeyBytes = 40;
constexpr std::uint32_t kVlanEnable = 1U << 16;
constexpr unsigned kDataBits = 64;
constexpr unsigned kCoreKhz = 250'000;

bool within(std::uint32_t place, std::uint32_t first, std::uint32_t bytes) {
  return place >= first && place - first < bytes;
}

}  // namespace

std::uint32_t ControlRegisters::read(std::uint32_t offset) {
  const std::uint32_t place = offset % CTL_WINDOW_BYTES;
  switch (offset / CTL_WINDOW_BYTES) {
    case CTL_GENERAL:
      return general(place);
    case CTL_RX_FILTER:
      return filter(place);
    case CTL_RX_RSS:
      return scaling(place);
    case CTL_COALESCE: {
      const std::uint32_t* word = moderation(place);
      return word == nullptr ? 0 : *word;
    }
    case CTL_TX_SCHEDULE: {
      if (place == TXS_VLAN) return controls_.vlan ? kVlanEnable | *controls_.vlan : 0;
      const std::uint32_t* word = share(place);
      return word == nullptr ? 0 : *word;
    }
    case CTL_QUEUE_STATS:
      return counter(place);
    default:
      return 0;
  }
}

/// The control bus knows whole words only.
void ControlRegisters::write(std::uint32_t offset, unsigned byte_enables, std::uint32_t data) {
  if (byte_enables != 0xF) return;
  const std::uint32_t place = offset % CTL_WINDOW_BYTES;
  switch (offset / CTL_WINDOW_BYTES) {
    case CTL_GENERAL:
      if (place == GENERAL_SCRATCH) scratch_ = data;
      return;
    case CTL_RX_FILTER:
      return write_filter(place, data);
    case CTL_RX_RSS:
      return write_scaling(place, data);
    case CTL_COALESCE:
      return write_moderation(place, data);
    case CTL_TX_SCHEDULE:
      return write_schedule(place, data);
    default:
      return;
  }
}

std::uint32_t ControlRegisters::general(std::uint32_t place) const {
  const State state = state_();
  switch (place) {
    case GENERAL_ID:
      return GENERAL_ID_VALUE;
    case GENERAL_VERSION:
      return GENERAL_VERSION_VALUE;
    case GENERAL_PAIRS:
      return config_.pairs;
    case GENERAL_DATA_BITS:
      return kDataBits;
    case GENERAL_CLOCK_KHZ:
      return kCoreKhz;
    case GENERAL_LINK:
      return state.link_up ? GENERAL_LINK_UP : 0;
    case GENERAL_WINDOWS:
      return kWindows;
    case GENERAL_OFFERED_LO:
      return static_cast<std::uint32_t>(config_.features);
    case GENERAL_OFFERED_HI:
      return static_cast<std::uint32_t>(config_.features >> 32);
    case GENERAL_NEGOTIATED_LO:
      return static_cast<std::uint32_t>(state.negotiated);
    case GENERAL_NEGOTIATED_HI:
      return static_cast<std::uint32_t>(state.negotiated >> 32);
    case GENERAL_SCRATCH:
      return scratch_;
    default:
      return 0;
  }
}

// ------------------------------------------------------------------------------- receive filter

std::uint32_t ControlRegisters::filter(std::uint32_t place) const {
  if (place == RXF_MODE) return controls_.filter.mode;
  const auto word = filter_words_.find(place);
  return word == filter_words_.end() ? 0 : word->second;
}

void ControlRegisters::write_filter(std::uint32_t place, std::uint32_t data) {
  ReceiveFilter& filter = controls_.filter;
  if (place == RXF_MODE) filter.mode = data & 0x7F;
  if (within(place, RXF_VLAN_TABLE, kVlanBytes)) {
    filter_words_[place] = data;
    for (unsigned bit = 0; bit < 32; ++bit) {
      const auto vlan = static_cast<std::uint16_t>(8 * (place - RXF_VLAN_TABLE) + bit);
      if (((data >> bit) & 1) != 0) {
        filter.vlans.insert(vlan);
      } else {
        filter.vlans.erase(vlan);
      }
    }
  }
  if (within(place, RXF_MAC_TABLE, 8 * RXF_MAC_ENTRIES)) {
    filter_words_[place] = data;
    if (place % 8 == 0) {
      address_low_ = data;
    } else {
      filter.addresses.at((place - RXF_MAC_TABLE) / 8) = {(data >> 31) != 0,
                                                          std::uint64_t{data & 0xFFFF} << 32 | address_low_};
    }
  }
}

// ------------------------------------------------------------------------------ receive scaling

std::uint32_t ControlRegisters::scaling(std::uint32_t place) const {
  const ReceiveScaling& scaling = controls_.scaling;
  if (within(place, RSS_TABLE, kTableBytes)) return scaling.table.at((place - RSS_TABLE) / 4);
  if (within(place, RSS_KEY, kKeyBytes)) {
    std::uint32_t word = 0;
    for (unsigned i = 0; i < 4; ++i) word |= std::uint32_t{scaling.key.at(place - RSS_KEY + i)} << (8 * i);
    return word;
  }
  switch (place) {
    case RSS_TYPES:
      return scaling.hash_types;
    case RSS_MASK:
      return scaling.mask;
    case RSS_UNCLASSIFIED:
      return scaling.unclassified;
    case RSS_PAIRS:
      return scaling.pairs;
    case RSS_COALESCE_USECS:
      return scaling.coalesce_usecs;
    default:
      return 0;
  }
}

void ControlRegisters::write_scaling(std::uint32_t place, std::uint32_t data) {
  ReceiveScaling& scaling = controls_.scaling;
  if (within(place, RSS_TABLE, kTableBytes)) {
    scaling.table.at((place - RSS_TABLE) / 4) = static_cast<std::uint8_t>(data & 0x3F);
  } else if (within(place, RSS_KEY, kKeyBytes)) {
    for (unsigned i = 0; i < 4; ++i) scaling.key.at(place - RSS_KEY + i) = static_cast<std::uint8_t>(data >> (8 * i));
  } else if (place == RSS_TYPES) {
    scaling.hash_types = data & 0x1FF;
  } else if (place == RSS_MASK) {
    scaling.mask = data & 0x7F;
  } else if (place == RSS_UNCLASSIFIED) {
    scaling.unclassified = data & 0x3F;
  } else if (place == RSS_PAIRS) {
    scaling.pairs = data & 0x7F;
  } else if (place == RSS_COALESCE_USECS) {
    scaling.coalesce_usecs = data & 0x3FF;
  }
}

// --------------------------------------------------------------------- moderation, transmission

std::uint32_t* ControlRegisters::moderation(std::uint32_t place) {
  const std::uint32_t pair = place / COAL_PAIR_BYTES;
  if (pair >= config_.pairs) return nullptr;
  const std::uint32_t field = place % COAL_PAIR_BYTES;
  const bool receive = field == COAL_RX_PACKETS || field == COAL_RX_USECS;
  Moderation& queue = controls_.moderation.at(2 * std::size_t{pair} + (receive ? QUEUE_RX0 : 1U - QUEUE_RX0));
  return field == COAL_RX_USECS || field == COAL_TX_USECS ? &queue.max_microseconds : &queue.max_packets;
}

void ControlRegisters::write_moderation(std::uint32_t place, std::uint32_t data) {
  std::uint32_t* word = moderation(place);
  if (word == nullptr) return;
  *word = data;
  const std::uint32_t field = place % COAL_PAIR_BYTES;
  const bool receive = field == COAL_RX_PACKETS || field == COAL_RX_USECS;
  moderated_(2 * (place / COAL_PAIR_BYTES) + (receive ? QUEUE_RX0 : 1U - QUEUE_RX0));
}

std::uint32_t* ControlRegisters::share(std::uint32_t place) {
  if (place < TXS_PAIRS || (place - TXS_PAIRS) / TXS_PAIR_BYTES >= config_.pairs) return nullptr;
  Share& share = controls_.shares.at((place - TXS_PAIRS) / TXS_PAIR_BYTES);
  switch ((place - TXS_PAIRS) % TXS_PAIR_BYTES) {
    case TXS_QUANTUM:
      return &share.quantum;
    case TXS_RATE:
      return &share.rate;
    case TXS_BURST:
      return &share.burst;
    default:
      return &share.priority;
  }
}

void ControlRegisters::write_schedule(std::uint32_t place, std::uint32_t data) {
  if (place == TXS_VLAN) {
    controls_.vlan.reset();
    if ((data & kVlanEnable) != 0) controls_.vlan = static_cast<std::uint16_t>(data);
    return;
  }
  std::uint32_t* word = share(place);
  if (word == nullptr) return;
  switch ((place - TXS_PAIRS) % TXS_PAIR_BYTES) {
    case TXS_QUANTUM:
      *word = std::max<std::uint32_t>(data & 0x1FFFF, TXS_QUANTUM_MIN);
      break;
    case TXS_RATE:
      *word = data & 0xFFFF;
      break;
    case TXS_BURST:
      *word = data & 0x3FFFF;
      break;
    default:
      *word = data & 7;
      break;
  }
}

/// The low DW keeps the high one for the read that follows it.
std::uint32_t ControlRegisters::counter(std::uint32_t place) {
  const std::uint32_t pair = place / QSTAT_PAIR_BYTES;
  if (pair >= config_.pairs) return 0;
  const PairCounters& counters = controls_.counters.at(pair);
  std::uint64_t value = 0;
  switch (place % QSTAT_PAIR_BYTES & ~7U) {
    case QSTAT_RX_FRAMES:
      value = counters.rx_frames;
      break;
    case QSTAT_RX_BYTES:
      value = counters.rx_bytes;
      break;
    case QSTAT_RX_NO_BUFFER:
      value = counters.rx_no_buffer;
      break;
    case QSTAT_TX_FRAMES:
      value = counters.tx_frames;
      break;
    case QSTAT_TX_BYTES:
      value = counters.tx_bytes;
      break;
    default:
      return 0;
  }
  if (place % 8 != 0) return held_place_ == place ? held_ : static_cast<std::uint32_t>(value >> 32);
  held_place_ = place + 4;
  held_ = static_cast<std::uint32_t>(value >> 32);
  return static_cast<std::uint32_t>(value);
}

}  // namespace sim::nic_model
