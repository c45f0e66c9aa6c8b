// SPDX-License-Identifier: Apache-2.0
// cosnic's control window: what ethtool sets on a NIC, straight in its registers (rtl/contract/control_contract.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "host/base/mac_address.hpp"
#include "host/base/result.hpp"
#include "host/device/ethtool_ops.hpp"
#include "host/platform/pci_device.hpp"

namespace host::driver {

using device::Coalesce;

/// `ethtool -x`: which pair gets a received frame.
struct Rss {
  std::uint32_t hash_types = 0;                 // bit = report code - 1 (contract: HASH_*)
  std::array<std::byte, 40> key{};              // Toeplitz
  std::vector<std::uint16_t> indirection = {};  // pairs; a power of two of them, at most 128
  std::uint16_t unclassified = 0;               // the pair of frames without a hash
};

/// Which frames are received (`ip link set promisc on`, `ip maddr`, VLAN filters).
struct RxMode {
  bool promisc = false;
  bool all_multicast = false;
  bool vlan_filter = false;
};

/// Every call but the setters blocks for PCIe round trips.
class NicControl {
 public:
  /// Nothing when nobody answers there who says that he is a cosnic.
  [[nodiscard]] static std::optional<NicControl> find(platform::PciDevice& device, unsigned bar);

  /// `ethtool -c`, -C of one pair.
  [[nodiscard]] Coalesce coalesce(unsigned pair) const;
  void set_coalesce(unsigned pair, const Coalesce& coalesce);

  /// `ethtool -k`, -K lro: how long, in microseconds, a TCP segment may wait for the next one of its flow, with which
  /// it becomes one packet; 0: none waits.
  [[nodiscard]] std::uint32_t lro_usecs() const;
  void set_lro_usecs(std::uint32_t usecs);

  /// `ethtool -X`. invalid: a table that is no power of two of entries or names what does not exist.
  [[nodiscard]] base::Result<void> set_rss(const Rss& rss);
  [[nodiscard]] Rss rss() const;
  /// `ethtool -L`: received frames are spread over the first `pairs` pairs by IPv4, IPv6, TCP and UDP hashes.
  [[nodiscard]] base::Result<void> set_channels(unsigned pairs);

  void set_rx_mode(const RxMode& mode);
  /// The unicast and multicast addresses that are received besides the device's own. no_buffers: too many.
  [[nodiscard]] base::Result<void> set_addresses(std::span<const base::MacAddress> addresses);
  /// range: no VLAN identifier.
  [[nodiscard]] base::Result<void> set_vlan(unsigned vid, bool on);

 private:
  NicControl(platform::PciDevice& device, unsigned bar) : device_(&device), bar_(bar) {}
  [[nodiscard]] std::uint32_t read(unsigned window, std::uint32_t offset) const;
  void write(unsigned window, std::uint32_t offset, std::uint32_t value);

  platform::PciDevice* device_;
  unsigned bar_;
};

}  // namespace host::driver
