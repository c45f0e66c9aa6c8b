// SPDX-License-Identifier: Apache-2.0
// The IPv6 routing table: longest prefix match over one hash table a prefix length (Linux: fib6_lookup).
#include "host/ip6/route6_table.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace host::ip6 {

using headers::Ipv6Address;
using headers::Ipv6Prefix;

base::Result<void> Route6Table::add(const Route6& route) {
  if (route.prefix.length > 128 || route.prefix.network() != route.prefix.address) {
    return base::Errno::invalid;
  }
  std::vector<Route6>& routes = by_length_[route.prefix.length][route.prefix.address];
  const bool taken = std::ranges::any_of(
      routes, [&](const Route6& other) { return other.metric == route.metric && other.device == route.device; });
  if (taken) {
    return base::Errno::exists;
  }
  const auto place = std::ranges::find_if(routes, [&](const Route6& other) { return other.metric > route.metric; });
  routes.insert(place, route);
  return {};
}

base::Result<void> Route6Table::remove(const Ipv6Prefix& prefix, const device::NetDevice& device,
                                       const Ipv6Address& gateway) {
  const auto length = by_length_.find(prefix.length);
  if (length == by_length_.end()) {
    return base::Errno::no_entry;
  }
  const auto routes = length->second.find(prefix.address);
  const bool found = routes != length->second.end() && std::erase_if(routes->second, [&](const Route6& route) {
                                                         return route.device == &device && route.gateway == gateway;
                                                       }) != 0;
  if (!found) {
    return base::Errno::no_entry;
  }
  if (routes->second.empty()) length->second.erase(routes);
  if (length->second.empty()) by_length_.erase(length);
  return {};
}

void Route6Table::remove_all(const device::NetDevice& device) {
  for (const Route6& route : routes()) {
    if (route.device == &device) {
      static_cast<void>(remove(route.prefix, device, route.gateway));
    }
  }
}

const Route6* Route6Table::lookup(const Ipv6Address& destination, const device::NetDevice* device) const {
  for (const auto& [length, networks] : by_length_) {
    const auto found = networks.find(Ipv6Prefix{destination, length}.network());
    if (found == networks.end()) {
      continue;
    }
    for (const Route6& route : found->second) {
      if (device == nullptr || route.device == device) return &route;
    }
  }
  return nullptr;
}

std::vector<Route6> Route6Table::routes() const {
  std::vector<Route6> all;
  for (const auto& [length, networks] : by_length_) {
    for (const auto& [network, routes] : networks) {
      std::ranges::copy(routes, std::back_inserter(all));
    }
  }
  std::ranges::stable_sort(all, [](const Route6& a, const Route6& b) {
    return std::tie(b.prefix.length, a.prefix.address, a.metric) <
           std::tie(a.prefix.length, b.prefix.address, b.metric);
  });
  return all;
}

}  // namespace host::ip6
