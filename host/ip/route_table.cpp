// SPDX-License-Identifier: Apache-2.0
// One routing table: longest prefix match (Linux: struct fib_table, net/ipv4/fib_trie.c).
#include "host/ip/route_table.hpp"

#include <algorithm>
#include <bit>
#include <tuple>

#include "host/device/net_device.hpp"

namespace host::ip {

using base::Errno;

namespace {

constexpr unsigned kLongestPrefix = 32;

/// The order among the routes of one prefix.
bool goes_before(const Route& a, const Route& b) {
  return a.tos != b.tos ? a.tos > b.tos : a.metric < b.metric;
}

bool serves(const Route& route, const Flow& flow) {
  if ((route.tos != 0 && route.tos != flow.tos) || route.scope < flow.scope) {
    return false;
  }
  if (!leads_somewhere(route.type)) {
    return true;
  }
  return is_alive(route) && (flow.out == nullptr || flow.out == route.device);
}

bool is_meant(const Route& route, const RouteSelector& which) {
  return route.tos == which.tos && (!which.type || route.type == *which.type) &&
         (!which.scope || route.scope == *which.scope) && (!which.metric || route.metric == *which.metric) &&
         (which.protocol == RouteProtocol::unspecified || route.protocol == which.protocol) &&
         (which.device == nullptr || route.device == which.device) &&
         (which.gateway.is_any() || route.gateway == which.gateway) &&
         (which.preferred_source.is_any() || route.preferred_source == which.preferred_source);
}

}  // namespace

base::Result<void> RouteTable::add(const Route& route, RouteAdd how) {
  const headers::Ipv4Prefix& prefix = route.prefix;
  if (prefix.length > kLongestPrefix || prefix.network() != prefix.address) {
    return Errno::invalid;
  }
  Aliases* there = trie_.find(prefix);
  if (there != nullptr) {
    const auto [first, last] = std::equal_range(there->begin(), there->end(), route, goes_before);
    if (first != last) {
      const auto twin = std::find(first, last, route);
      if (how == RouteAdd::create || (twin != last && (how == RouteAdd::append || twin != first))) {
        return Errno::exists;
      }
      if (how != RouteAdd::append) {
        *first = route;
        return {};
      }
    }
  }
  if (how == RouteAdd::change) {
    return Errno::no_entry;
  }
  Aliases& aliases = trie_.insert(prefix);
  if (aliases.empty()) index(prefix, aliases);
  aliases.insert(std::upper_bound(aliases.begin(), aliases.end(), route, goes_before), route);
  ++size_;
  return {};
}

base::Result<void> RouteTable::remove(const RouteSelector& which) {
  Aliases* aliases = trie_.find(which.prefix);
  if (aliases == nullptr) {
    return Errno::no_process;
  }
  const auto found =
      std::find_if(aliases->begin(), aliases->end(), [&](const Route& route) { return is_meant(route, which); });
  if (found == aliases->end()) {
    return Errno::no_process;
  }
  aliases->erase(found);
  --size_;
  if (aliases->empty()) {
    forget(which.prefix);
    trie_.erase(which.prefix);
  }
  return {};
}

void RouteTable::remove_all(const device::NetDevice& device) {
  for (const Route& route : routes()) {
    if (route.device == &device) {
      static_cast<void>(remove({.prefix = route.prefix, .tos = route.tos, .device = &device}));
    }
  }
}

const Route* RouteTable::lookup(const Flow& flow) const {
  for (std::uint64_t left = lengths_; left != 0;) {
    const auto length = static_cast<unsigned>(std::bit_width(left)) - 1;
    left ^= std::uint64_t{1} << length;
    const auto found = by_prefix_.find(key_of({flow.destination, length}));
    if (found == by_prefix_.end()) continue;
    for (const Route& route : *found->second) {
      if (serves(route, flow)) return &route;
    }
  }
  return nullptr;
}

void RouteTable::index(headers::Ipv4Prefix prefix, const Aliases& aliases) {
  by_prefix_.emplace(key_of(prefix), &aliases);
  ++prefixes_[prefix.length];
  lengths_ |= std::uint64_t{1} << prefix.length;
}

void RouteTable::forget(headers::Ipv4Prefix prefix) {
  by_prefix_.erase(key_of(prefix));
  if (--prefixes_[prefix.length] == 0) lengths_ &= ~(std::uint64_t{1} << prefix.length);
}

std::vector<Route> RouteTable::routes() const {
  std::vector<Route> all;
  trie_.for_each([&](const Aliases& aliases) { all.insert(all.end(), aliases.begin(), aliases.end()); });
  std::stable_sort(all.begin(), all.end(), [](const Route& a, const Route& b) {
    return std::tuple(a.prefix.address, b.prefix.length) < std::tuple(b.prefix.address, a.prefix.length);
  });
  return all;
}

}  // namespace host::ip
