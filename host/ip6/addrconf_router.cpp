// SPDX-License-Identifier: Apache-2.0
// What routers advertise: themselves, networks, addresses, and for how long (Linux: ndisc_router_discovery,
// addrconf_prefix_rcv, addrconf_verify_rtnl).
#include <algorithm>

#include "host/ip6/addrconf_interface.hpp"
#include "host/ip6/ndisc.hpp"

namespace host::ip6 {

using headers::Ipv6Address;
using headers::Ipv6Prefix;
using platform::Nanoseconds;

namespace {

/// Linux: IP6_RT_PRIO_ADDRCONF and IP6_RT_PRIO_USER.
constexpr std::uint32_t kPrefixMetric = 256;
constexpr std::uint32_t kRouterMetric = 1024;
constexpr unsigned kInterfaceIdBits = 64;
/// RFC 4862 section 5.5.3 (e): an unauthenticated advertisement cannot cut an address' life below this.
constexpr Nanoseconds kLeastLife = 7'200 * kSecond;
/// Of one interface: more are not remembered (Linux: accept_ra's routers are bounded by the route cache's limit).
constexpr std::size_t kMostRouters = 16;
constexpr std::size_t kMostRouterAddresses = 16;  // Linux: net.ipv6.conf.*.max_addresses

Nanoseconds end_of(Nanoseconds now, std::uint32_t seconds) {
  return seconds == headers::kInfiniteLifetime ? kForEver : now + seconds * kSecond;
}

Route6 route_of(device::NetDevice& device, const Ipv6Prefix& prefix, const Ipv6Address& gateway, std::uint32_t metric) {
  return {.prefix = prefix,
          .type = Route6Type::unicast,
          .device = &device,
          .gateway = gateway,
          .metric = metric,
          .origin = Route6Origin::router_advertisement};
}

}  // namespace

void Addrconf::start_soliciting(kernel::Cpu& cpu, Interface& interface) {
  interface.solicitations_left = setting(interface.device, Conf6::router_solicitations);
  if (interface.solicitations_left == 0) {
    return;
  }
  interface.on_soliciting = [this, &interface](kernel::Cpu& on) { on_soliciting(on, interface); };
  const Nanoseconds most = setting(interface.device, Conf6::router_solicitation_delay) * kSecond;
  // After duplicate detection of the link-local address, which is the source.
  interface.soliciting.start(cpu, cpu.now() + most + kRetransmitTime + random_below(most));
}

void Addrconf::on_soliciting(kernel::Cpu& cpu, Interface& interface) {
  if (--interface.solicitations_left > 0) {
    const Nanoseconds pause = setting(interface.device, Conf6::router_solicitation_interval) * kSecond;
    interface.soliciting.start(cpu, cpu.now() + pause);
  }
  ndisc_solicit_routers(ip6_, cpu, interface.device);
}

void Addrconf::router_advertised(kernel::Cpu& cpu, device::NetDevice& device, const Ipv6Address& router,
                                 const headers::RouterAdvertisement& advertisement) {
  Interface& interface = *interfaces_.at(&device);
  if (!interface.running || !hears_routers(device)) {
    return;
  }
  interface.soliciting.stop();
  if (advertisement.hop_limit != 0) interface.router_hop_limit = advertisement.hop_limit;
  learn_times(device, advertisement);
  if (setting(device, Conf6::accept_ra_defrtr) != 0) {
    learn_router(interface, router, advertisement.lifetime);
  }
  if (setting(device, Conf6::accept_ra_pinfo) != 0) {
    for (const auto& prefix : advertisement.options.prefixes) learn_prefix(cpu, interface, prefix);
  }
  verify(cpu);
}

/// RFC 4861 section 6.3.4. What is out of range is not believed.
void Addrconf::learn_times(const device::NetDevice& device, const headers::RouterAdvertisement& advertisement) {
  using ip::NeighbourVariable;
  constexpr std::uint32_t kMillisecondsOfSecond = 1'000;
  auto& conf = ip6_.neighbours.conf();
  if (advertisement.retransmit_ms != 0) {
    static_cast<void>(conf.set(device, NeighbourVariable::retrans_time_ms, advertisement.retransmit_ms));
  }
  if (advertisement.reachable_ms != 0) {
    static_cast<void>(conf.set(device, NeighbourVariable::base_reachable_time_ms, advertisement.reachable_ms));
    const std::int64_t seconds = 3 * std::int64_t{advertisement.reachable_ms} / kMillisecondsOfSecond;
    static_cast<void>(conf.set(device, NeighbourVariable::gc_stale_time, seconds));
  }
}

void Addrconf::learn_router(Interface& interface, const Ipv6Address& router, std::uint16_t lifetime) {
  const auto known = std::ranges::find(interface.routers, router, &Router::address);
  const Nanoseconds until = ip6_.kernel().now() + lifetime * kSecond;
  if (known != interface.routers.end()) {
    known->valid_until = until;  // with no life left verify() takes it away
    return;
  }
  if (lifetime == 0 || interface.routers.size() == kMostRouters) {
    return;
  }
  interface.routers.push_back({router, until});
  // A second router's route stands back: one of the same metric and device is there.
  static_cast<void>(ip6_.routes.add(route_of(interface.device, {}, router, kRouterMetric)));
}

void Addrconf::learn_prefix(kernel::Cpu& cpu, Interface& interface, const headers::PrefixInformation& prefix) {
  if (prefix.prefix.address.is_link_local() || prefix.preferred_lifetime > prefix.valid_lifetime) {
    return;
  }
  const Ipv6Prefix network{prefix.prefix.network(), prefix.prefix.length};
  if (prefix.on_link) {
    const auto known = std::ranges::find(interface.prefixes, network, &Prefix::network);
    const Nanoseconds until = end_of(cpu.now(), prefix.valid_lifetime);
    if (known != interface.prefixes.end()) {
      known->valid_until = until;
    } else if (prefix.valid_lifetime != 0 && interface.prefixes.size() < kMostRouters) {
      interface.prefixes.push_back({network, until});
      static_cast<void>(ip6_.routes.add(route_of(interface.device, network, {}, kPrefixMetric)));
    }
  }
  if (prefix.autonomous && prefix.prefix.length == kInterfaceIdBits &&
      setting(interface.device, Conf6::autoconf) != 0) {
    learn_address(cpu, interface, prefix);
  }
}

void Addrconf::learn_address(kernel::Cpu& cpu, Interface& interface, const headers::PrefixInformation& prefix) {
  device::NetDevice& device = interface.device;
  const Nanoseconds now = cpu.now();
  const Ipv6Address itself = headers::with_interface_id(prefix.prefix.network(), device.address());
  InterfaceAddress6* address = ip6_.addresses.find(device, itself);
  if (address == nullptr) {
    const auto learnt = std::ranges::count_if(ip6_.addresses.all(), [&](const InterfaceAddress6& other) {
      return other.device == &device && other.from_router;
    });
    if (prefix.valid_lifetime == 0 || static_cast<std::size_t>(learnt) >= kMostRouterAddresses) {
      return;
    }
    const auto added = add_to_table(cpu, {.device = &device,
                                          .prefix = {itself, kInterfaceIdBits},
                                          .preferred_until = end_of(now, prefix.preferred_lifetime),
                                          .valid_until = end_of(now, prefix.valid_lifetime),
                                          .from_router = true});
    if (added.ok()) start_detection(cpu, *ip6_.addresses.find(device, itself));
    return;
  }
  if (!address->from_router) {
    return;
  }
  const Nanoseconds until = end_of(now, prefix.valid_lifetime);
  const Nanoseconds left = address->valid_until - now;
  if (until == kForEver || until - now > kLeastLife || until - now > left) {
    address->valid_until = until;
  } else if (left > kLeastLife) {
    address->valid_until = now + kLeastLife;
  }
  address->preferred_until = end_of(now, prefix.preferred_lifetime);
  if (address->state == AddressState::deprecated && address->preferred_until > now) {
    address->state = AddressState::preferred;
  }
}

void Addrconf::verify(kernel::Cpu& cpu) {
  const Nanoseconds now = cpu.now();
  Nanoseconds next = kForEver;
  const auto over = [&](Nanoseconds until) {
    if (until > now) next = std::min(next, until);
    return until <= now;
  };
  std::vector<std::pair<device::NetDevice*, Ipv6Address>> gone;
  for (InterfaceAddress6& address : ip6_.addresses.all()) {
    if (over(address.valid_until)) {
      gone.emplace_back(address.device, address.prefix.address);
    } else if (over(address.preferred_until) && address.state == AddressState::preferred) {
      address.state = AddressState::deprecated;
    }
  }
  for (const auto& [device, address] : gone) static_cast<void>(remove_address(cpu, *device, address));
  for (auto& [device, interface] : interfaces_) {
    std::erase_if(interface->prefixes, [&, &where = interface->device](const Prefix& prefix) {
      const bool ends = over(prefix.valid_until);
      if (ends) static_cast<void>(ip6_.routes.remove(prefix.network, where));
      return ends;
    });
    std::erase_if(interface->routers, [&, &where = interface->device](const Router& router) {
      const bool ends = over(router.valid_until);
      if (ends) static_cast<void>(ip6_.routes.remove({}, where, router.address));
      return ends;
    });
    // The next router takes the place of one that ended.
    if (!interface->routers.empty()) {
      static_cast<void>(
          ip6_.routes.add(route_of(interface->device, {}, interface->routers.front().address, kRouterMetric)));
    }
  }
  if (next != kForEver) lifetime_timer_.start(cpu, next);
}

}  // namespace host::ip6
