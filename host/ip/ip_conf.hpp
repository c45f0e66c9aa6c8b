// SPDX-License-Identifier: Apache-2.0
// net.ipv4.conf.{all,default,DEVICE}.*, and ip_forward over them (Linux: struct ipv4_devconf, net/ipv4/devinet.c).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "host/device/net_core.hpp"
#include "host/kernel/device_sysctl.hpp"

namespace host::ip {

/// The variables, in the order of ip_conf.cpp's table.
enum class Conf : std::uint8_t {
  accept_local,
  accept_redirects,
  accept_source_route,
  arp_accept,
  arp_announce,
  arp_filter,
  arp_ignore,
  arp_notify,
  drop_gratuitous_arp,
  force_igmp_version,
  forwarding,
  igmpv2_unsolicited_report_interval,
  igmpv3_unsolicited_report_interval,
  proxy_arp,
  rp_filter,
  secure_redirects,
  send_redirects,
  shared_media,
};

class IpConf {
 public:
  /// A row for each device, as long as it is registered. The core outlives it.
  explicit IpConf(device::NetCore& core);
  ~IpConf();
  IpConf(const IpConf&) = delete;
  IpConf& operator=(const IpConf&) = delete;

  /// The device's own value. Linux: IN_DEV_CONF_GET.
  [[nodiscard]] std::int64_t of(const device::NetDevice& device, Conf variable) const {
    const std::size_t place = device.ifindex() < by_ifindex_.size() ? device.ifindex() : 0;
    return (*by_ifindex_[place])[static_cast<std::size_t>(variable)]->value;
  }
  /// The device says so, or `all` does. Linux: IN_DEV_ORCONF.
  [[nodiscard]] bool either(const device::NetDevice& device, Conf variable) const {
    return of(device, variable) != 0 || all(variable) != 0;
  }
  /// The device says so, and `all` does. Linux: IN_DEV_ANDCONF.
  [[nodiscard]] bool both(const device::NetDevice& device, Conf variable) const {
    return of(device, variable) != 0 && all(variable) != 0;
  }
  /// The larger of the device's value and that of `all`. Linux: IN_DEV_MAXCONF.
  [[nodiscard]] std::int64_t larger(const device::NetDevice& device, Conf variable) const {
    return std::max(of(device, variable), all(variable));
  }

  /// Packets that come by the device may go on. Linux: IN_DEV_FORWARD.
  [[nodiscard]] bool forwards(const device::NetDevice& device) const { return of(device, Conf::forwarding) != 0; }
  /// Routers need both words, hosts one. Linux: IN_DEV_RX_REDIRECTS.
  [[nodiscard]] bool accepts_redirects(const device::NetDevice& device) const;
  /// ip_forward, which is all.forwarding under another name.
  [[nodiscard]] bool is_router() const { return ip_forward_.value != 0; }

 private:
  void on_device(device::NetDevice& device, device::DeviceEvent event);
  /// One of the two names of all.forwarding was written: the other follows, and every device. Linux:
  /// inet_forward_change.
  void set_forwarding(std::int64_t on);
  [[nodiscard]] std::int64_t all(Conf variable) const { return (*all_)[static_cast<std::size_t>(variable)]->value; }

  device::NetCore& core_;
  kernel::DeviceSysctls sysctls_;
  const kernel::Sysctl& ip_forward_;
  std::int64_t applied_ = 0;
  const kernel::SysctlRow* all_;
  std::vector<const kernel::SysctlRow*> by_ifindex_;
  unsigned notifier_;
};

}  // namespace host::ip
