// SPDX-License-Identifier: Apache-2.0
// ethtool: a driver's settings in ethtool 6.1's words.
#pragma once

#include <fmt/format.h>

#include <span>

#include "host/console/console.hpp"
#include "host/device/ethtool_ops.hpp"

namespace host::console {

/// One `ethtool` under way: `ethtool -C eth0 rx-usecs 8` has the option C and the words behind the device's name.
struct EthtoolCall {
  const Invocation& invocation;
  const std::string& name;
  device::NetDevice* dev;      // null: there is none of the name
  device::EthtoolOps* driver;  // null: it has nothing to say
  std::span<const std::string> words;

  void out(std::string_view text) const { invocation.out(text); }
  /// To stderr, with an end of line.
  void err(std::string_view text) const { invocation.err(std::string(text) + '\n'); }
};

/// Each returns the exit status.
int ethtool_settings(const EthtoolCall& call);    // no option
int ethtool_driver(const EthtoolCall& call);      // -i
int ethtool_statistics(const EthtoolCall& call);  // -S
int ethtool_features(const EthtoolCall& call);    // -k
int ethtool_coalesce(const EthtoolCall& call);    // -c
int ethtool_rings(const EthtoolCall& call);       // -g
int ethtool_channels(const EthtoolCall& call);    // -l
int ethtool_flow_hash(const EthtoolCall& call);   // -x

int ethtool_set_features(const EthtoolCall& call);   // -K
int ethtool_set_coalesce(const EthtoolCall& call);   // -C
int ethtool_set_rings(const EthtoolCall& call);      // -G
int ethtool_set_channels(const EthtoolCall& call);   // -L
int ethtool_set_flow_hash(const EthtoolCall& call);  // -X

/// The stack's own features (Linux: NETIF_F_SOFT_FEATURES), then the driver's.
std::vector<device::DeviceFeature> ethtool_all_features(const EthtoolCall& call);

/// "netlink error: Operation not supported", and the kernel's own words in front where it has some.
int ethtool_refused(const EthtoolCall& call, base::Errno error, std::string_view kernels_words, int status);

void add_ethtool_command(Console& console);

}  // namespace host::console
