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
  if (const auto there = by_prefix_.find(key_of(prefix)); there != by_prefix_.end()) {
    const auto [first, last] = std::equal_range(there->second.begin(), there->second.end(), route, goes_before);
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
  const auto [place, is_new] = by_prefix_.try_emplace(key_of(prefix));
  if (is_new && ++prefixes_[prefix.length] == 1) lengths_ |= std::uint64_t{1} << prefix.length;
  Aliases& aliases = place->second;
  aliases.insert(std::upper_bound(aliases.begin(), aliases.end(), route, goes_before), route);
  ++size_;
  return {};
}

base::Result<void> RouteTable::remove(const RouteSelector& which) {
  const auto place = by_prefix_.find(key_of(which.prefix));
  if (place == by_prefix_.end()) {
    return Errno::no_process;
  }
  Aliases& aliases = place->second;
  const auto found =
      std::find_if(aliases.begin(), aliases.end(), [&](const Route& route) { return is_meant(route, which); });
  if (found == aliases.end()) {
    return Errno::no_process;
  }
  aliases.erase(found);
  --size_;
  if (aliases.empty()) {
    by_prefix_.erase(place);
    const unsigned length = which.prefix.length;
    if (--prefixes_[length] == 0) lengths_ &= ~(std::uint64_t{1} << length);
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
    for (const Route& route : found->second) {
      if (serves(route, flow)) return &route;
    }
  }
  return nullptr;
}

std::vector<Route> RouteTable::routes() const {
  std::vector<Route> all;
  for (const auto& [key, aliases] : by_prefix_) all.insert(all.end(), aliases.begin(), aliases.end());
  std::stable_sort(all.begin(), all.end(), [](const Route& a, const Route& b) {
    return std::tuple(a.prefix.address, b.prefix.length) < std::tuple(b.prefix.address, a.prefix.length);
  });
  return all;
}

}  // namespace host::ip
