// SPDX-License-Identifier: Apache-2.0
// net.ipv4.conf.{all,default,DEVICE}.*, and ip_forward over them (Linux: struct ipv4_devconf, net/ipv4/devinet.c).
#include "host/ip/ip_conf.hpp"

#include <algorithm>
#include <array>

namespace host::ip {
namespace {

/// In the order of Conf, with Linux's defaults.
constexpr std::array<kernel::DeviceVariable, 18> kVariables{{
    {"accept_local", 0, 0, 1},
    {"accept_redirects", 1, 0, 1},
    {"accept_source_route", 1, 0, 1},
    {"arp_accept", 0, 0, 2},
    {"arp_announce", 0, 0, 2},
    {"arp_filter", 0, 0, 1},
    {"arp_ignore", 0, 0, 8},
    {"arp_notify", 0, 0, 1},
    {"drop_gratuitous_arp", 0, 0, 1},
    {"force_igmp_version", 0, 0, 3},
    {"forwarding", 0, 0, 1},
    {"igmpv2_unsolicited_report_interval", 10'000, 0, INT32_MAX},
    {"igmpv3_unsolicited_report_interval", 1'000, 0, INT32_MAX},
    {"proxy_arp", 0, 0, 1},
    {"rp_filter", 0, 0, 2},
    {"secure_redirects", 1, 0, 1},
    {"send_redirects", 1, 0, 1},
    {"shared_media", 1, 0, 1},
}};

constexpr std::string_view kPrefix = "net.ipv4.conf";
constexpr std::string_view kIpForward = "net.ipv4.ip_forward";
constexpr auto kForwarding = static_cast<std::size_t>(Conf::forwarding);
constexpr auto kAcceptRedirects = static_cast<std::size_t>(Conf::accept_redirects);
constexpr auto kAcceptSourceRoute = static_cast<std::size_t>(Conf::accept_source_route);

}  // namespace

IpConf::IpConf(device::NetCore& core)
    : core_(core),
      sysctls_(core.kernel().sysctl(), kPrefix, kVariables, kernel::HasAll::yes),
      ip_forward_(core.kernel().sysctl().add(kIpForward, 0, 0, 1)),
      all_(&sysctls_.row("all")),
      by_ifindex_{&sysctls_.row("default")},
      notifier_(core.add_notifier(
          [this](kernel::Cpu&, device::NetDevice& device, device::DeviceEvent event) { on_device(device, event); })) {
  auto& sysctl = core.kernel().sysctl();
  static_cast<void>(sysctls_.set("all", kAcceptSourceRoute, 0));  // Linux: ipv4_devconf, unlike ipv4_devconf_dflt
  sysctl.on_change(kIpForward, [this] { set_forwarding(ip_forward_.value); });
  sysctl.on_change(sysctls_.name_of("all", kForwarding), [this] { set_forwarding(all(Conf::forwarding)); });
}

IpConf::~IpConf() {
  core_.remove_notifier(notifier_);
  core_.kernel().sysctl().remove(kIpForward);
}

void IpConf::on_device(device::NetDevice& device, device::DeviceEvent event) {
  const unsigned place = device.ifindex();
  if (event == device::DeviceEvent::unregistered) {
    by_ifindex_[place] = by_ifindex_.front();
    sysctls_.remove_device(device.name());
    return;
  }
  if (event != device::DeviceEvent::registered) {
    return;
  }
  if (place >= by_ifindex_.size()) {
    by_ifindex_.resize(place + 1, by_ifindex_.front());
  }
  by_ifindex_[place] = &sysctls_.add_device(device.name());
}

void IpConf::set_forwarding(std::int64_t on) {
  if (applied_ == on) {
    return;  // nothing new, or the other name's write just below
  }
  applied_ = on;
  static_cast<void>(core_.kernel().sysctl().set(kIpForward, on));
  static_cast<void>(sysctls_.set("all", kForwarding, on));
  static_cast<void>(sysctls_.set("all", kAcceptRedirects, on == 0 ? 1 : 0));
  static_cast<void>(sysctls_.set("default", kForwarding, on));
  for (const device::NetDevice* device : core_.devices()) {
    static_cast<void>(sysctls_.set(device->name(), kForwarding, on));
  }
}

bool IpConf::accepts_redirects(const device::NetDevice& device) const {
  return forwards(device) ? both(device, Conf::accept_redirects) : either(device, Conf::accept_redirects);
}

}  // namespace host::ip
