// SPDX-License-Identifier: Apache-2.0
// The addresses of a host's interfaces, and the routes that each brings (Linux: net/ipv4/devinet.c, fib_add_ifaddr).
#include "host/ip/interface_address.hpp"

#include <algorithm>

#include "host/device/net_device.hpp"

namespace host::ip {

using base::Errno;
using headers::Ipv4Address;
using headers::Ipv4Prefix;

namespace {

constexpr unsigned kHostPrefix = 32;

bool may_be_a_hosts(const Ipv4Prefix& prefix) {
  const Ipv4Address address = prefix.address;
  return prefix.length <= kHostPrefix && !address.is_zero_net() && !address.is_multicast() &&
         !address.is_limited_broadcast() && prefix.broadcast() != address;
}

bool same_network(const Ipv4Prefix& a, const Ipv4Prefix& b) {
  return a.length == b.length && a.network() == b.network();
}

}  // namespace

const InterfaceAddress* AddressTable::first_of_network(const device::NetDevice& device, Ipv4Prefix prefix) const {
  const auto found = std::find_if(addresses_.begin(), addresses_.end(), [&](const InterfaceAddress& entry) {
    return entry.device == &device && !entry.secondary && same_network(entry.prefix, prefix);
  });
  return found == addresses_.end() ? nullptr : &*found;
}

/// Linux: fib_add_ifaddr.
std::vector<Route> AddressTable::routes_of(const InterfaceAddress& entry) const {
  const InterfaceAddress* first = first_of_network(*entry.device, entry.prefix);
  const Ipv4Address source = first == nullptr ? entry.prefix.address : first->prefix.address;
  std::vector<Route> routes;
  const auto add = [&](Ipv4Prefix prefix, RouteType type) {
    routes.push_back({.prefix = prefix,
                      .type = type,
                      .device = entry.device,
                      .preferred_source = source,
                      .table = type == RouteType::unicast ? kMainTable : kLocalTable,
                      .scope = type == RouteType::local ? RouteScope::host : RouteScope::link,
                      .protocol = RouteProtocol::kernel});
  };
  add({entry.prefix.address, kHostPrefix}, RouteType::local);
  if (entry.secondary || entry.prefix.length == kHostPrefix) {
    return routes;
  }
  const bool loops = entry.prefix.address.is_loopback();
  add({entry.prefix.network(), entry.prefix.length}, loops ? RouteType::local : RouteType::unicast);
  if (const auto broadcast = entry.prefix.broadcast()) {
    add({*broadcast, kHostPrefix}, RouteType::broadcast);
  }
  return routes;
}

void AddressTable::add_routes(const InterfaceAddress& entry) {
  for (const Route& route : routes_of(entry)) {
    static_cast<void>(fib_.table(route.table).add(route, RouteAdd::append));  // another address may need it too
  }
}

void AddressTable::remove_routes(const InterfaceAddress& entry) {
  for (const Route& route : routes_of(entry)) {
    static_cast<void>(fib_.table(route.table)
                          .remove({.prefix = route.prefix,
                                   .type = route.type,
                                   .protocol = route.protocol,
                                   .device = route.device,
                                   .preferred_source = route.preferred_source}));
  }
}

base::Result<void> AddressTable::add(device::NetDevice& device, Ipv4Prefix prefix) {
  if (!may_be_a_hosts(prefix)) {
    return Errno::invalid;
  }
  const bool there = std::any_of(addresses_.begin(), addresses_.end(), [&](const InterfaceAddress& entry) {
    return entry.device == &device && entry.prefix == prefix;
  });
  if (there) {
    return Errno::exists;
  }
  const RouteScope scope = prefix.address.is_loopback() ? RouteScope::host : RouteScope::universe;
  const bool secondary = first_of_network(device, prefix) != nullptr;
  addresses_.push_back({.device = &device, .prefix = prefix, .scope = scope, .secondary = secondary});
  add_routes(addresses_.back());
  return {};
}

base::Result<void> AddressTable::remove(device::NetDevice& device, Ipv4Prefix prefix) {
  const auto found = std::find_if(addresses_.begin(), addresses_.end(), [&](const InterfaceAddress& entry) {
    return entry.device == &device && entry.prefix == prefix;
  });
  if (found == addresses_.end()) {
    return Errno::address_not_available;
  }
  const bool first = !found->secondary;
  std::vector<InterfaceAddress> gone{*found};
  if (first) {
    std::copy_if(addresses_.begin(), addresses_.end(), std::back_inserter(gone), [&](const InterfaceAddress& entry) {
      return entry.device == &device && entry.secondary && same_network(entry.prefix, prefix);
    });
  }
  for (const InterfaceAddress& entry : gone) {
    remove_routes(entry);
  }
  std::erase_if(addresses_, [&](const InterfaceAddress& entry) {
    return entry.device == &device && (entry.prefix == prefix || (first && same_network(entry.prefix, prefix)));
  });
  for (const InterfaceAddress& entry : addresses_) {
    add_routes(entry);  // what another address needs too comes back
  }
  return {};
}

void AddressTable::remove_all(const device::NetDevice& device) {
  std::erase_if(addresses_, [&](const InterfaceAddress& entry) { return entry.device == &device; });
  fib_.remove_all(device);
}

bool AddressTable::is_local(Ipv4Address address) const {
  return fib_.address_type(address) == RouteType::local;
}

device::NetDevice* AddressTable::device_of(Ipv4Address address) const {
  const auto found = std::find_if(addresses_.begin(), addresses_.end(),
                                  [&](const InterfaceAddress& entry) { return entry.prefix.address == address; });
  return found == addresses_.end() ? nullptr : found->device;
}

std::optional<Ipv4Address> AddressTable::select(const device::NetDevice& device, Ipv4Address peer,
                                                RouteScope scope) const {
  std::optional<Ipv4Address> first;
  std::optional<Ipv4Address> elsewhere;
  for (const InterfaceAddress& entry : addresses_) {
    if (entry.secondary || entry.scope > scope) {
      continue;
    }
    if (entry.device != &device) {
      elsewhere = elsewhere || entry.scope == RouteScope::link ? elsewhere : entry.prefix.address;
      continue;
    }
    if (entry.prefix.contains(peer)) {
      return entry.prefix.address;
    }
    first = first ? first : entry.prefix.address;
  }
  return first ? first : elsewhere;
}

bool AddressTable::confirm(const device::NetDevice* device, Ipv4Address peer, Ipv4Address local,
                           RouteScope scope) const {
  return std::any_of(addresses_.begin(), addresses_.end(), [&](const InterfaceAddress& entry) {
    const bool has = (device == nullptr || entry.device == device) && entry.prefix.address == local;
    return has && entry.scope <= scope && (peer.is_any() || on_same_link(*entry.device, peer, local));
  });
}

bool AddressTable::on_same_link(const device::NetDevice& device, Ipv4Address a, Ipv4Address b) const {
  return std::any_of(addresses_.begin(), addresses_.end(), [&](const InterfaceAddress& entry) {
    return entry.device == &device && entry.prefix.contains(a) && entry.prefix.contains(b);
  });
}

}  // namespace host::ip
