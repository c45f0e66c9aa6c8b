// SPDX-License-Identifier: Apache-2.0
// How interfaces come by their IPv6 addresses: link-local ones, duplicate detection, routers' prefixes (Linux:
// net/ipv6/addrconf.c; RFC 4862).
#pragma once

#include <map>
#include <memory>

#include "host/headers/ndisc.hpp"
#include "host/ip6/ip6_layer.hpp"
#include "host/kernel/device_sysctl.hpp"
#include "host/kernel/timer.hpp"

namespace host::ip6 {

/// net.ipv6.conf.*, in the order of its variables.
enum class Conf6 : std::uint8_t {
  disable_ipv6,
  hop_limit,
  accept_ra,
  accept_ra_defrtr,
  accept_ra_pinfo,
  autoconf,
  accept_dad,
  dad_transmits,
  router_solicitations,
  router_solicitation_delay,
  router_solicitation_interval,
  forwarding,
  accept_redirects,
  force_mld_version,
  mldv1_unsolicited_report_interval,
  mldv2_unsolicited_report_interval,
};

/// Follows the interfaces as they are registered, go up and go down.
class Addrconf {
 public:
  explicit Addrconf(Ip6Layer& ip6);
  ~Addrconf();
  Addrconf(const Addrconf&) = delete;
  Addrconf& operator=(const Addrconf&) = delete;

  /// `ip -6 addr add PREFIX dev DEVICE`: tentative until DAD has passed; while the device is down, until it goes up.
  /// Errors: exists, invalid, access IPv6 is disabled there.
  [[nodiscard]] base::Result<void> add_address(kernel::Cpu& cpu, device::NetDevice& device,
                                               const headers::Ipv6Prefix& prefix);
  /// `ip -6 addr del`. address_not_available.
  [[nodiscard]] base::Result<void> remove_address(kernel::Cpu& cpu, device::NetDevice& device,
                                                  const headers::Ipv6Address& address);

  /// Writes 0 to disable_ipv6 of the device and of `lo`, with effect at once.
  void enable(kernel::Cpu& cpu, device::NetDevice& device);

  /// The device's own value, and that of `all`.
  [[nodiscard]] std::int64_t setting(const device::NetDevice& device, Conf6 which) const;
  [[nodiscard]] std::int64_t of_all(Conf6 which) const;

  /// The device is up and its IPv6 is not disabled.
  [[nodiscard]] bool enabled(const device::NetDevice& device) const;
  [[nodiscard]] bool is_tentative(const device::NetDevice& device, const headers::Ipv6Address& address) const;
  /// What packets through the device start with.
  [[nodiscard]] std::uint8_t hop_limit(const device::NetDevice& device) const;

  /// Packets for others go on. Linux: the word is all.forwarding's alone.
  [[nodiscard]] bool is_router() const { return all_forwarding_.value != 0; }
  /// The device's own forwarding: it speaks as a router there, and hears no other.
  [[nodiscard]] bool routes_for(const device::NetDevice& device) const {
    return setting(device, Conf6::forwarding) != 0;
  }
  [[nodiscard]] bool accepts_redirects(const device::NetDevice& device) const {
    return !routes_for(device) && setting(device, Conf6::accept_redirects) != 0;
  }

  /// Somebody else has, or wants, a tentative address of ours.
  void duplicate_found(const device::NetDevice& device, const headers::Ipv6Address& address);
  void router_advertised(kernel::Cpu& cpu, device::NetDevice& device, const headers::Ipv6Address& router,
                         const headers::RouterAdvertisement& advertisement);

 private:
  struct Interface;
  struct Router {
    headers::Ipv6Address address;
    platform::Nanoseconds valid_until = 0;
  };

  struct Prefix {
    headers::Ipv6Prefix network;
    platform::Nanoseconds valid_until = 0;
  };

  void on_event(kernel::Cpu& cpu, device::NetDevice& device, device::DeviceEvent event);
  void up(kernel::Cpu& cpu, device::NetDevice& device);
  void down(kernel::Cpu& cpu, device::NetDevice& device);
  void add_interface(device::NetDevice& device);
  void set_disabled(const device::NetDevice& device, bool disabled);
  /// A write to disable_ipv6 takes effect in a process, for it may send.
  void follow_setting(unsigned ifindex);
  void apply_setting(kernel::Cpu& cpu, device::NetDevice& device);
  /// all.forwarding was written: every device follows. Linux: addrconf_fixup_forwarding.
  void set_forwarding();
  /// A router listens to the routers' groups and to no router. Linux: dev_forward_change.
  void apply_role(kernel::Cpu& cpu, Interface& interface);
  [[nodiscard]] bool hears_routers(const device::NetDevice& device) const;
  /// Puts it into the table and joins its solicited-node group. Linux: ipv6_add_addr, addrconf_join_solict.
  [[nodiscard]] base::Result<void> add_to_table(kernel::Cpu& cpu, const InterfaceAddress6& address);
  void leave_solicited(kernel::Cpu& cpu, device::NetDevice& device, const headers::Ipv6Address& address);
  /// Nobody else has it. Linux: addrconf_dad_completed.
  void detection_passed(kernel::Cpu& cpu, InterfaceAddress6& address);
  void start_detection(kernel::Cpu& cpu, InterfaceAddress6& address);
  void on_detection(kernel::Cpu& cpu, const device::NetDevice& device, const headers::Ipv6Address& address);
  void start_soliciting(kernel::Cpu& cpu, Interface& interface);
  void on_soliciting(kernel::Cpu& cpu, Interface& interface);
  void learn_times(const device::NetDevice& device, const headers::RouterAdvertisement& advertisement);
  void learn_router(Interface& interface, const headers::Ipv6Address& router, std::uint16_t lifetime);
  void learn_prefix(kernel::Cpu& cpu, Interface& interface, const headers::PrefixInformation& prefix);
  void learn_address(kernel::Cpu& cpu, Interface& interface, const headers::PrefixInformation& prefix);
  /// Ends what has lived long enough, and waits for the next. Linux: addrconf_verify_rtnl.
  void verify(kernel::Cpu& cpu);
  [[nodiscard]] platform::Nanoseconds random_below(platform::Nanoseconds bound);

  Ip6Layer& ip6_;
  kernel::DeviceSysctls conf_;
  const kernel::Sysctl& all_forwarding_;
  std::map<const device::NetDevice*, std::unique_ptr<Interface>> interfaces_;
  kernel::Timer lifetime_timer_;
  unsigned notifier_ = 0;
};

}  // namespace host::ip6
