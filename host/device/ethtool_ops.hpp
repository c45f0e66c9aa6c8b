// SPDX-License-Identifier: Apache-2.0
// What an administrator may ask of a driver (Linux: struct ethtool_ops): settings as values, read and written whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/result.hpp"
#include "host/kernel/cpu.hpp"

namespace host::device {

struct AllLinkStats;

/// `ethtool -i`.
struct DriverInfo {
  std::string driver;
  std::string version;
  std::string bus;
};

/// `ethtool -k`: one feature under the kernel's name. A fixed one cannot be changed.
struct DeviceFeature {
  std::string_view name;
  bool on = false;
  bool fixed = false;
};

/// `ethtool -c`: an interrupt waits for so many frames or so long, whichever comes first; 0 of either: it does not
/// wait.
struct Coalesce {
  std::uint32_t rx_usecs = 0;
  std::uint32_t rx_frames = 0;
  std::uint32_t tx_usecs = 0;
  std::uint32_t tx_frames = 0;
  friend bool operator==(const Coalesce&, const Coalesce&) = default;
};

/// `ethtool -g`: descriptors.
struct RingSizes {
  std::uint32_t rx_max = 0;
  std::uint32_t tx_max = 0;
  std::uint32_t rx = 0;
  std::uint32_t tx = 0;
};

/// `ethtool -l`: pairs of queues.
struct Channels {
  std::uint32_t max = 0;
  std::uint32_t combined = 0;
};

/// `ethtool -x`: which queue gets a received frame, by its hash.
struct RxFlowHash {
  std::uint32_t queues = 0;
  std::vector<std::uint32_t> indirection = {};
  std::vector<std::byte> key = {};
};

/// Every call comes from a process and may block for the device. not_supported: this driver has no such thing.
class EthtoolOps {
 public:
  using Counters = std::vector<std::pair<std::string, std::uint64_t>>;

  virtual ~EthtoolOps() = default;
  [[nodiscard]] virtual DriverInfo driver_info() const = 0;
  [[nodiscard]] virtual Counters statistics() = 0;
  [[nodiscard]] virtual std::vector<DeviceFeature> features() const = 0;
  /// By the kernel's name. not_supported: fixed, or no such feature.
  [[nodiscard]] virtual base::Result<void> set_feature(std::string_view name, bool on) = 0;
  [[nodiscard]] virtual base::Result<Coalesce> coalesce() { return base::Errno::not_supported; }
  [[nodiscard]] virtual base::Result<void> set_coalesce(const Coalesce&) { return base::Errno::not_supported; }
  [[nodiscard]] virtual base::Result<RingSizes> rings() { return base::Errno::not_supported; }
  /// The maxima are not looked at. invalid.
  [[nodiscard]] virtual base::Result<void> set_rings(kernel::Cpu&, const RingSizes&) {
    return base::Errno::not_supported;
  }
  [[nodiscard]] virtual base::Result<Channels> channels() { return base::Errno::not_supported; }
  /// invalid: none, or more than there are.
  [[nodiscard]] virtual base::Result<void> set_channels(std::uint32_t) { return base::Errno::not_supported; }
  [[nodiscard]] virtual base::Result<RxFlowHash> rx_flow_hash() { return base::Errno::not_supported; }
  /// What the device itself has counted. Linux: ndo_get_stats64.
  virtual void add_hardware_stats(AllLinkStats&) const {}
  /// Nothing in it keeps what there is: of the table, of the key. invalid.
  [[nodiscard]] virtual base::Result<void> set_rx_flow_hash(const RxFlowHash&) { return base::Errno::not_supported; }
};

}  // namespace host::device
