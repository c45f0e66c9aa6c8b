// SPDX-License-Identifier: Apache-2.0
// Registers of the control window, one slave a window.
#include "host/driver/nic_control.hpp"

#include <algorithm>
#include <bit>

#include "host/base/byte_order.hpp"
#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using namespace contract;

constexpr std::uint32_t kWordBytes = 4;
constexpr std::size_t kTableEntries = 128;
constexpr unsigned kVlans = 4096;
constexpr std::uint32_t kMacEntryBytes = 8;
constexpr std::uint32_t kMacEntryValid = 1u << 31;

/// A key without structure: any will do that is not all zeros.
constexpr std::array<std::uint32_t, 10> kKeyWords = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6, 0x428a2f98,
                                                     0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1};

constexpr std::uint32_t hash_bit(std::uint32_t report) {
  return 1u << (report - 1);
}

}  // namespace

std::optional<NicControl> NicControl::find(platform::PciDevice& device, unsigned bar) {
  const NicControl control(device, bar);
  if (control.read(CTL_GENERAL, GENERAL_ID) != GENERAL_ID_VALUE) return std::nullopt;
  return control;
}

std::uint32_t NicControl::read(unsigned window, std::uint32_t offset) const {
  return device_->mmio_read(bar_, BAR_CONTROL + CTL_WINDOW_BYTES * window + offset, 4);
}

void NicControl::write(unsigned window, std::uint32_t offset, std::uint32_t value) {
  device_->mmio_write(bar_, BAR_CONTROL + CTL_WINDOW_BYTES * window + offset, 4, value);
}

Coalesce NicControl::coalesce(unsigned pair) const {
  const std::uint32_t at = COAL_PAIR_BYTES * pair;
  return {.rx_usecs = read(CTL_COALESCE, at + COAL_RX_USECS),
          .rx_frames = read(CTL_COALESCE, at + COAL_RX_PACKETS),
          .tx_usecs = read(CTL_COALESCE, at + COAL_TX_USECS),
          .tx_frames = read(CTL_COALESCE, at + COAL_TX_PACKETS)};
}

void NicControl::set_coalesce(unsigned pair, const Coalesce& coalesce) {
  const std::uint32_t at = COAL_PAIR_BYTES * pair;
  write(CTL_COALESCE, at + COAL_RX_PACKETS, coalesce.rx_frames);
  write(CTL_COALESCE, at + COAL_RX_USECS, coalesce.rx_usecs);
  write(CTL_COALESCE, at + COAL_TX_PACKETS, coalesce.tx_frames);
  write(CTL_COALESCE, at + COAL_TX_USECS, coalesce.tx_usecs);
}

std::uint32_t NicControl::lro_usecs() const {
  return read(CTL_RX_RSS, RSS_COALESCE_USECS);
}

void NicControl::set_lro_usecs(std::uint32_t usecs) {
  write(CTL_RX_RSS, RSS_COALESCE_USECS, usecs);
}

// --- RSS ---------------------------------------------------------------------------------------------

base::Result<void> NicControl::set_rss(const Rss& rss) {
  const auto entries = rss.indirection.size();
  if (!std::has_single_bit(entries) || entries > kTableEntries) return base::Errno::invalid;
  std::uint32_t pairs = rss.unclassified + 1u;
  for (const std::uint16_t pair : rss.indirection) pairs = std::max(pairs, pair + 1u);
  if (pairs > QUEUE_PAIRS_MAX) return base::Errno::invalid;
  for (std::uint32_t at = 0; at < rss.key.size(); at += kWordBytes) {
    write(CTL_RX_RSS, RSS_KEY + at, base::load_le32(rss.key, at));
  }
  for (std::uint32_t i = 0; i < entries; ++i) write(CTL_RX_RSS, RSS_TABLE + kWordBytes * i, rss.indirection[i]);
  write(CTL_RX_RSS, RSS_MASK, static_cast<std::uint32_t>(entries - 1));
  write(CTL_RX_RSS, RSS_UNCLASSIFIED, rss.unclassified);
  write(CTL_RX_RSS, RSS_PAIRS, pairs);
  write(CTL_RX_RSS, RSS_TYPES, rss.hash_types);
  return {};
}

Rss NicControl::rss() const {
  Rss rss{.hash_types = read(CTL_RX_RSS, RSS_TYPES),
          .unclassified = static_cast<std::uint16_t>(read(CTL_RX_RSS, RSS_UNCLASSIFIED))};
  for (std::uint32_t at = 0; at < rss.key.size(); at += kWordBytes) {
    base::store_le32(rss.key, at, read(CTL_RX_RSS, RSS_KEY + at));
  }
  const std::uint32_t mask = read(CTL_RX_RSS, RSS_MASK) % kTableEntries;
  for (std::uint32_t i = 0; i <= mask; ++i) {
    rss.indirection.push_back(static_cast<std::uint16_t>(read(CTL_RX_RSS, RSS_TABLE + kWordBytes * i)));
  }
  return rss;
}

base::Result<void> NicControl::set_channels(unsigned pairs) {
  if (pairs == 0) return base::Errno::invalid;
  Rss rss{.hash_types = hash_bit(HASH_IPV4) | hash_bit(HASH_TCPV4) | hash_bit(HASH_UDPV4) | hash_bit(HASH_IPV6) |
                        hash_bit(HASH_TCPV6) | hash_bit(HASH_UDPV6)};
  for (std::uint32_t i = 0; i < kKeyWords.size(); ++i) base::store_be32(rss.key, kWordBytes * i, kKeyWords[i]);
  for (unsigned i = 0; i < kTableEntries; ++i) rss.indirection.push_back(static_cast<std::uint16_t>(i % pairs));
  return set_rss(rss);
}

// --- filters ---------------------------------------------------------------------------------------

void NicControl::set_rx_mode(const RxMode& mode) {
  write(CTL_RX_FILTER, RXF_MODE,
        (mode.promisc ? 1u << RXF_MODE_PROMISC : 0) | (mode.all_multicast ? 1u << RXF_MODE_ALLMULTI : 0) |
            (mode.vlan_filter ? 1u << RXF_MODE_VLAN : 0));
}

/// An entry is in force with its upper word.
base::Result<void> NicControl::set_addresses(std::span<const base::MacAddress> addresses) {
  if (addresses.size() > RXF_MAC_ENTRIES) return base::Errno::no_buffers;
  for (std::uint32_t i = 0; i < RXF_MAC_ENTRIES; ++i) {
    const std::uint32_t at = RXF_MAC_TABLE + kMacEntryBytes * i;
    if (i >= addresses.size()) {
      write(CTL_RX_FILTER, at + kWordBytes, 0);
      continue;
    }
    const auto& octets = addresses[i].octets;
    write(CTL_RX_FILTER, at,
          octets[0] | std::uint32_t{octets[1]} << 8 | std::uint32_t{octets[2]} << 16 | std::uint32_t{octets[3]} << 24);
    write(CTL_RX_FILTER, at + kWordBytes, octets[4] | std::uint32_t{octets[5]} << 8 | kMacEntryValid);
  }
  return {};
}

base::Result<void> NicControl::set_vlan(unsigned vid, bool on) {
  if (vid >= kVlans) return base::Errno::range;
  const std::uint32_t at = RXF_VLAN_TABLE + kWordBytes * (vid / 32);
  const std::uint32_t bit = 1u << (vid % 32);
  const std::uint32_t before = read(CTL_RX_FILTER, at);
  write(CTL_RX_FILTER, at, on ? before | bit : before & ~bit);
  return {};
}

}  // namespace host::driver
