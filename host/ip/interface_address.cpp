// SPDX-License-Identifier: Apache-2.0
// The addresses of a host's interfaces, and the routes that each brings (Linux: net/ipv4/devinet.c, fib_add_ifaddr).
#include "host/ip/interface_address.hpp"

#include <algorithm>

namespace host::ip {

using headers::Ipv4Address;
using headers::Ipv4Prefix;

namespace {

constexpr unsigned kHostPrefix = 32;

/// The network's routes besides the one to the address itself.
std::vector<Route> network_routes(const InterfaceAddress& entry) {
  const Ipv4Address address = entry.prefix.address;
  std::vector<Route> routes;
  const auto add = [&](Ipv4Prefix prefix, RouteType type) {
    routes.push_back(
        {.prefix = prefix, .type = type, .device = entry.device, .gateway = {}, .preferred_source = address});
  };
  if (entry.prefix.length < kHostPrefix) {
    add({entry.prefix.network(), entry.prefix.length}, RouteType::unicast);
  }
  if (const auto broadcast = entry.prefix.broadcast()) {
    add({*broadcast, kHostPrefix}, RouteType::broadcast);
    add({entry.prefix.network(), kHostPrefix}, RouteType::broadcast);
  }
  return routes;
}

bool may_be_a_hosts(const Ipv4Prefix& prefix) {
  const Ipv4Address address = prefix.address;
  return prefix.length <= kHostPrefix && !address.is_zero_net() && !address.is_multicast() &&
         !address.is_limited_broadcast() && prefix.broadcast() != address;
}

}  // namespace

base::Result<void> AddressTable::add(device::NetDevice& device, Ipv4Prefix prefix) {
  if (!may_be_a_hosts(prefix)) {
    return base::Errno::invalid;
  }
  if (is_local(prefix.address)) {
    return base::Errno::exists;
  }
  // An address may be another network's broadcast address or network number: being ours goes first.
  const Ipv4Prefix itself{prefix.address, kHostPrefix};
  static_cast<void>(routes_.remove(itself));
  const auto added = routes_.add({.prefix = itself,
                                  .type = RouteType::local,
                                  .device = &device,
                                  .gateway = {},
                                  .preferred_source = prefix.address});
  if (!added.ok()) {
    return added;
  }
  addresses_.push_back({&device, prefix});
  add_network_routes(addresses_.back());
  return {};
}

void AddressTable::add_network_routes(const InterfaceAddress& entry) {
  for (const Route& route : network_routes(entry)) {
    static_cast<void>(routes_.add(route));  // a second address in one network finds them there
  }
}

base::Result<void> AddressTable::remove(device::NetDevice& device, Ipv4Prefix prefix) {
  const auto found = std::find_if(addresses_.begin(), addresses_.end(), [&](const InterfaceAddress& entry) {
    return entry.device == &device && entry.prefix == prefix;
  });
  if (found == addresses_.end()) {
    return base::Errno::address_not_available;
  }
  const InterfaceAddress gone = *found;
  addresses_.erase(found);
  static_cast<void>(routes_.remove({prefix.address, kHostPrefix}));
  for (const Route& route : network_routes(gone)) {
    if (!is_local(route.prefix.address)) {
      static_cast<void>(routes_.remove(route.prefix));
    }
  }
  for (const InterfaceAddress& entry : addresses_) {
    add_network_routes(entry);  // what another address needs too comes back
  }
  return {};
}

void AddressTable::remove_all(const device::NetDevice& device) {
  std::erase_if(addresses_, [&](const InterfaceAddress& entry) { return entry.device == &device; });
  routes_.remove_all(device);
  for (const InterfaceAddress& entry : addresses_) {
    add_network_routes(entry);
  }
}

bool AddressTable::is_local(Ipv4Address address) const {
  const Route* route = routes_.lookup(address);
  return route != nullptr && route->type == RouteType::local;
}

std::optional<Ipv4Address> AddressTable::select(const device::NetDevice& device, Ipv4Address peer) const {
  std::optional<Ipv4Address> first;
  for (const InterfaceAddress& entry : addresses_) {
    if (entry.device != &device) {
      continue;
    }
    if (entry.prefix.contains(peer)) {
      return entry.prefix.address;
    }
    if (!first) {
      first = entry.prefix.address;
    }
  }
  return first;
}

}  // namespace host::ip
