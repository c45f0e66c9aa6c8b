// SPDX-License-Identifier: Apache-2.0
// What an interface counts, with what its device has counted alone (Linux: struct rtnl_link_stats64, dev_get_stats).
#pragma once

#include <cstdint>

#include "host/device/ethtool_ops.hpp"
#include "host/device/net_device.hpp"

namespace host::device {

struct AllLinkStats : LinkStats {
  std::uint64_t rx_crc_errors = 0;
  std::uint64_t rx_over_errors = 0;    // its buffers were full
  std::uint64_t rx_missed_errors = 0;  // the host had given it no descriptor
};

/// May block for the device.
[[nodiscard]] inline AllLinkStats all_link_stats(const NetDevice& dev) {
  AllLinkStats stats{dev.stats()};
  if (EthtoolOps* driver = dev.ethtool_ops()) driver->add_hardware_stats(stats);
  return stats;
}

}  // namespace host::device
