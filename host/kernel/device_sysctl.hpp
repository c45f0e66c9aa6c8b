// SPDX-License-Identifier: Apache-2.0
// The same tunables for each interface: net.ipv4.conf.{all,default,eth0}.* (Linux: struct ipv4_devconf, neigh_parms).
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/kernel/sysctl.hpp"

namespace host::kernel {

/// One tunable of every interface.
struct DeviceVariable {
  std::string_view name;
  std::int64_t value = 0;
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
};

/// Whether the group has an `all` beside its `default` (net.ipv4.conf has, net.ipv4.neigh has not).
enum class HasAll : std::uint8_t { no, yes };

/// The tunables of one instance, in the order of the group's variables. They never move while the instance is there.
using SysctlRow = std::vector<const Sysctl*>;

class DeviceSysctls {
 public:
  /// `prefix` like "net.ipv4.conf". The table and what the variables' names refer to outlive it.
  DeviceSysctls(SysctlTable& table, std::string_view prefix, std::span<const DeviceVariable> variables, HasAll has_all);
  ~DeviceSysctls();
  DeviceSysctls(const DeviceSysctls&) = delete;
  DeviceSysctls& operator=(const DeviceSysctls&) = delete;

  /// A new interface starts with the values that `default` has now. A second one of the name is a broken invariant.
  const SysctlRow& add_device(std::string_view device);
  void remove_device(std::string_view device);

  /// Of "all", "default" or an interface; one that is not there is a broken invariant.
  [[nodiscard]] const SysctlRow& row(std::string_view instance) const;
  [[nodiscard]] bool contains(std::string_view instance) const { return rows_.contains(instance); }
  /// A write to `instance`'s variable from within (all.forwarding sets every interface's). range.
  [[nodiscard]] base::Result<void> set(std::string_view instance, std::size_t variable, std::int64_t value);
  /// Every instance's name, in order.
  [[nodiscard]] std::vector<std::string> instances() const;
  /// "net.ipv4.conf.eth0/5.rp_filter" for interface eth0.5.
  [[nodiscard]] std::string name_of(std::string_view instance, std::size_t variable) const;

 private:
  const SysctlRow& add_row(std::string_view instance, const SysctlRow* model);

  SysctlTable& table_;
  std::string prefix_;
  std::vector<DeviceVariable> variables_;
  std::map<std::string, SysctlRow, std::less<>> rows_;
};

}  // namespace host::kernel
