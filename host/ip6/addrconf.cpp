// SPDX-License-Identifier: Apache-2.0
// Interfaces that come and go, addresses by hand, and duplicate detection (Linux: addrconf_notify, addrconf_dad_work).
#include "host/ip6/addrconf.hpp"

#include <algorithm>
#include <vector>

#include "host/ip6/addrconf_interface.hpp"
#include "host/ip6/ndisc.hpp"
#include "host/kernel/process.hpp"

namespace host::ip6 {

using base::Errno;
using headers::Ipv6Address;
using headers::Ipv6Prefix;
using platform::Nanoseconds;

namespace {

/// In the order of Conf6. A host has IPv6 when its administrator wants it.
constexpr std::array<kernel::DeviceVariable, 16> kVariables{{
    {"disable_ipv6", 1, 0, 1},
    {"hop_limit", headers::kDefaultHopLimit, 1, 255},
    {"accept_ra", 1, 0, 2},
    {"accept_ra_defrtr", 1, 0, 1},
    {"accept_ra_pinfo", 1, 0, 1},
    {"autoconf", 1, 0, 1},
    {"accept_dad", 1, 0, 1},
    {"dad_transmits", 1, 0, 100},
    {"router_solicitations", 3, 0, 1'000},
    {"router_solicitation_delay", 1, 0, 3'600},
    {"router_solicitation_interval", 4, 1, 3'600},
    {"forwarding", 0, 0, 1},
    {"accept_redirects", 1, 0, 1},
    {"force_mld_version", 0, 0, 2},
    {"mldv1_unsolicited_report_interval", 10'000, 0, INT32_MAX},
    {"mldv2_unsolicited_report_interval", 1'000, 0, INT32_MAX},
}};

/// Of this interface, link and site (RFC 4291 section 2.7.1).
constexpr std::array<Ipv6Address, 3> kRoutersGroups{Ipv6Address::of(0xff01, 0, 0, 0, 0, 0, 0, 2), headers::kAllRouters,
                                                    Ipv6Address::of(0xff05, 0, 0, 0, 0, 0, 0, 2)};

bool loops_back(const device::NetDevice& device) {
  return device.address().is_zero();
}

}  // namespace

Addrconf::Addrconf(Ip6Layer& ip6)
    : ip6_(ip6),
      conf_(ip6.kernel().sysctl(), "net.ipv6.conf", kVariables, kernel::HasAll::yes),
      all_forwarding_(*conf_.row("all")[static_cast<std::size_t>(Conf6::forwarding)]),
      lifetime_timer_([this](kernel::Cpu& cpu) { verify(cpu); }) {
  for (device::NetDevice* device : ip6_.net.devices()) add_interface(*device);
  ip6_.kernel().sysctl().on_change(conf_.name_of("all", static_cast<std::size_t>(Conf6::disable_ipv6)), [this] {
    const bool disabled = of_all(Conf6::disable_ipv6) != 0;
    for (const device::NetDevice* device : ip6_.net.devices()) set_disabled(*device, disabled);
  });
  ip6_.kernel().sysctl().on_change(conf_.name_of("all", static_cast<std::size_t>(Conf6::forwarding)),
                                   [this] { set_forwarding(); });
  notifier_ = ip6_.net.add_notifier(
      [this](kernel::Cpu& cpu, device::NetDevice& device, device::DeviceEvent event) { on_event(cpu, device, event); });
}

Addrconf::~Addrconf() {
  ip6_.net.remove_notifier(notifier_);
}

std::int64_t Addrconf::setting(const device::NetDevice& device, Conf6 which) const {
  return conf_.row(device.name())[static_cast<std::size_t>(which)]->value;
}

std::int64_t Addrconf::of_all(Conf6 which) const {
  return conf_.row("all")[static_cast<std::size_t>(which)]->value;
}

bool Addrconf::enabled(const device::NetDevice& device) const {
  const auto found = interfaces_.find(&device);
  return found != interfaces_.end() && found->second->running;
}

std::uint8_t Addrconf::hop_limit(const device::NetDevice& device) const {
  const auto found = interfaces_.find(&device);
  if (found != interfaces_.end() && found->second->router_hop_limit != 0) return found->second->router_hop_limit;
  return static_cast<std::uint8_t>(setting(device, Conf6::hop_limit));
}

bool Addrconf::is_tentative(const device::NetDevice& device, const Ipv6Address& address) const {
  const InterfaceAddress6* found = ip6_.addresses.find(device, address);
  return found != nullptr && found->state == AddressState::tentative;
}

Nanoseconds Addrconf::random_below(Nanoseconds bound) {
  return bound <= 0 ? 0 : static_cast<Nanoseconds>(ip6_.random()) % bound;
}

// --- on and off ------------------------------------------------------------------------------------

void Addrconf::set_disabled(const device::NetDevice& device, bool disabled) {
  static_cast<void>(conf_.set(device.name(), static_cast<std::size_t>(Conf6::disable_ipv6), disabled ? 1 : 0));
}

void Addrconf::enable(kernel::Cpu& cpu, device::NetDevice& device) {
  for (device::NetDevice* each : ip6_.net.devices()) {
    if (each == &device || loops_back(*each)) {
      set_disabled(*each, false);
      apply_setting(cpu, *each);
    }
  }
}

void Addrconf::follow_setting(unsigned ifindex) {
  ip6_.kernel().spawn(0, "ipv6_addrconf", [this, ifindex](kernel::Process& self) -> kernel::Task<void> {
    if (device::NetDevice* device = ip6_.net.device_by_index(ifindex)) apply_setting(self.cpu(), *device);
    co_return;
  });
}

void Addrconf::set_forwarding() {
  const auto which = static_cast<std::size_t>(Conf6::forwarding);
  static_cast<void>(conf_.set("default", which, all_forwarding_.value));
  for (const device::NetDevice* device : ip6_.net.devices()) {
    static_cast<void>(conf_.set(device->name(), which, all_forwarding_.value));
  }
}

void Addrconf::apply_role(kernel::Cpu& cpu, Interface& interface) {
  const bool wanted = interface.running && routes_for(interface.device);
  if (wanted == std::exchange(interface.in_routers_groups, wanted)) {
    return;
  }
  if (!wanted) {
    for (const Ipv6Address& group : kRoutersGroups) ip6_.mld.leave(cpu, interface.device, group);
    return;
  }
  for (const Ipv6Address& group : kRoutersGroups) ip6_.mld.join(cpu, interface.device, group);
  if (!hears_routers(interface.device)) {
    interface.soliciting.stop();
    for (const Router& router : std::exchange(interface.routers, {})) {
      static_cast<void>(ip6_.routes.remove({}, interface.device, router.address));
    }
  }
}

/// Linux: ipv6_accept_ra.
bool Addrconf::hears_routers(const device::NetDevice& device) const {
  constexpr std::int64_t kEvenRouters = 2;
  const std::int64_t accepted = setting(device, Conf6::accept_ra);
  return routes_for(device) ? accepted == kEvenRouters : accepted != 0;
}

void Addrconf::apply_setting(kernel::Cpu& cpu, device::NetDevice& device) {
  apply_role(cpu, *interfaces_.at(&device));
  const bool wanted = device.is_up() && setting(device, Conf6::disable_ipv6) == 0;
  if (wanted == enabled(device)) {
    return;
  }
  if (wanted) {
    up(cpu, device);
  } else {
    down(cpu, device);
    ip6_.neighbours.flush(cpu, device);
  }
}

// --- interfaces ------------------------------------------------------------------------------------

void Addrconf::add_interface(device::NetDevice& device) {
  conf_.add_device(device.name());
  for (const Conf6 followed : {Conf6::disable_ipv6, Conf6::forwarding}) {
    ip6_.kernel().sysctl().on_change(conf_.name_of(device.name(), static_cast<std::size_t>(followed)),
                                     [this, ifindex = device.ifindex()] { follow_setting(ifindex); });
  }
  interfaces_.emplace(&device, std::make_unique<Interface>(device));
}

void Addrconf::on_event(kernel::Cpu& cpu, device::NetDevice& device, device::DeviceEvent event) {
  switch (event) {
    case device::DeviceEvent::registered:
      add_interface(device);
      break;
    case device::DeviceEvent::up:
      apply_setting(cpu, device);
      break;
    case device::DeviceEvent::address_changed:
    case device::DeviceEvent::flags_changed:
      ip6_.neighbours.flush(cpu, device);
      break;
    case device::DeviceEvent::down:
      down(cpu, device);
      ip6_.neighbours.flush(cpu, device);
      break;
    case device::DeviceEvent::unregistered:
      down(cpu, device);
      ip6_.addresses.remove_all(device);
      ip6_.defrag.flush(cpu);  // some of it may have come by the device
      interfaces_.erase(&device);
      conf_.remove_device(device.name());
      break;
  }
}

void Addrconf::up(kernel::Cpu& cpu, device::NetDevice& device) {
  Interface& interface = *interfaces_.at(&device);
  interface.running = true;
  ip6_.mld.up(cpu, device);
  apply_role(cpu, interface);
  const Ipv6Prefix own = loops_back(device) ? Ipv6Prefix{headers::kIpv6Loopback, 128}
                                            : Ipv6Prefix{headers::link_local_of(device.address()), 64};
  static_cast<void>(add_to_table(cpu, {.device = &device, .prefix = own}));
  for (InterfaceAddress6& address : ip6_.addresses.all()) {
    if (address.device == &device) start_detection(cpu, address);
  }
  if (!loops_back(device) && hears_routers(device)) {
    start_soliciting(cpu, interface);
  }
}

/// Linux keeps no address over a down but those that are asked to stay; here those given by hand do.
void Addrconf::down(kernel::Cpu& cpu, device::NetDevice& device) {
  Interface& interface = *interfaces_.at(&device);
  interface.running = false;
  apply_role(cpu, interface);
  ip6_.mld.down(device);
  interface.detections.clear();
  interface.soliciting.stop();
  interface.routers.clear();
  interface.prefixes.clear();
  interface.router_hop_limit = 0;
  std::vector<InterfaceAddress6> kept;
  for (const InterfaceAddress6& address : ip6_.addresses.all()) {
    if (address.device != &device) continue;
    const bool by_hand = !address.from_router && !address.prefix.address.is_link_local();
    if (by_hand) {
      kept.push_back(address);
    } else {
      leave_solicited(cpu, device, address.prefix.address);
    }
  }
  ip6_.addresses.remove_all(device);
  for (InterfaceAddress6& address : kept) {
    address.state = AddressState::tentative;
    static_cast<void>(ip6_.addresses.add(address));
  }
}

// --- addresses by hand -----------------------------------------------------------------------------

base::Result<void> Addrconf::add_address(kernel::Cpu& cpu, device::NetDevice& device, const Ipv6Prefix& prefix) {
  if (setting(device, Conf6::disable_ipv6) != 0) {
    return Errno::access;
  }
  const auto added = add_to_table(cpu, {.device = &device, .prefix = prefix});
  if (added.ok() && enabled(device)) {
    start_detection(cpu, *ip6_.addresses.find(device, prefix.address));
  }
  return added;
}

base::Result<void> Addrconf::remove_address(kernel::Cpu& cpu, device::NetDevice& device, const Ipv6Address& address) {
  interfaces_.at(&device)->detections.erase(address);
  const auto removed = ip6_.addresses.remove(device, address);
  if (removed.ok()) leave_solicited(cpu, device, address);
  return removed;
}

base::Result<void> Addrconf::add_to_table(kernel::Cpu& cpu, const InterfaceAddress6& address) {
  const auto added = ip6_.addresses.add(address);
  if (added.ok() && !loops_back(*address.device)) {
    ip6_.mld.join(cpu, *address.device, address.prefix.address.solicited_node());
  }
  return added;
}

void Addrconf::leave_solicited(kernel::Cpu& cpu, device::NetDevice& device, const Ipv6Address& address) {
  if (!loops_back(device)) ip6_.mld.leave(cpu, device, address.solicited_node());
}

// --- duplicate detection ---------------------------------------------------------------------------

void Addrconf::detection_passed(kernel::Cpu& cpu, InterfaceAddress6& address) {
  device::NetDevice& device = *address.device;
  ip6_.addresses.make_usable(address);
  const auto named = std::ranges::count_if(ip6_.addresses.all(), [&](const InterfaceAddress6& each) {
    return each.device == &device && each.usable() && each.prefix.address.is_link_local();
  });
  if (address.prefix.address.is_link_local() && named == 1) ip6_.mld.tell_by_name(cpu, device);
}

/// RFC 4862 section 5.4.2: the first question waits a random while, for many hosts may have started at once.
void Addrconf::start_detection(kernel::Cpu& cpu, InterfaceAddress6& address) {
  device::NetDevice& device = *address.device;
  const bool wanted = !loops_back(device) && setting(device, Conf6::accept_dad) != 0;
  const std::int64_t probes = wanted ? setting(device, Conf6::dad_transmits) : 0;
  if (probes == 0) {
    detection_passed(cpu, address);
    return;
  }
  const Ipv6Address itself = address.prefix.address;
  Interface& interface = *interfaces_.at(&device);
  auto [place, fresh] = interface.detections.try_emplace(itself);
  Detection& detection = place->second;
  detection.probes_left = probes;
  detection.timer =
      std::make_unique<kernel::Timer>([this, &device, itself](kernel::Cpu& on) { on_detection(on, device, itself); });
  detection.timer->start(cpu, cpu.now() + random_below(setting(device, Conf6::router_solicitation_delay) * kSecond));
}

void Addrconf::on_detection(kernel::Cpu& cpu, const device::NetDevice& device, const Ipv6Address& itself) {
  Interface& interface = *interfaces_.at(&device);
  const auto found = interface.detections.find(itself);
  InterfaceAddress6* address = ip6_.addresses.find(device, itself);
  if (found == interface.detections.end() || address == nullptr || address->state != AddressState::tentative) {
    return;
  }
  Detection& detection = found->second;
  if (detection.probes_left == 0) {
    detection_passed(cpu, *address);
    return;
  }
  --detection.probes_left;
  detection.timer->start(cpu, cpu.now() + kRetransmitTime);
  ndisc_probe(ip6_, cpu, *address->device, itself);
}

void Addrconf::duplicate_found(const device::NetDevice& device, const Ipv6Address& address) {
  if (InterfaceAddress6* found = ip6_.addresses.find(device, address)) {
    found->state = AddressState::duplicate;
  }
}

}  // namespace host::ip6
