// SPDX-License-Identifier: Apache-2.0
// The routing table: longest prefix match over one hash table a prefix length (Linux: fib_lookup).
#include "host/ip/route_table.hpp"

#include <algorithm>
#include <bit>

namespace host::ip {

using headers::Ipv4Address;
using headers::Ipv4Prefix;

base::Result<void> RouteTable::add(const Route& route) {
  const Ipv4Prefix& prefix = route.prefix;
  if (prefix.length > kLongestPrefix || prefix.network() != prefix.address) {
    return base::Errno::invalid;
  }
  if (!by_length_[prefix.length].emplace(prefix.address.value, route).second) {
    return base::Errno::exists;
  }
  lengths_ |= std::uint64_t{1} << prefix.length;
  return {};
}

base::Result<void> RouteTable::remove(Ipv4Prefix prefix) {
  if (prefix.length > kLongestPrefix || by_length_[prefix.length].erase(prefix.address.value) == 0) {
    return base::Errno::no_entry;
  }
  if (by_length_[prefix.length].empty()) {
    lengths_ &= ~(std::uint64_t{1} << prefix.length);
  }
  return {};
}

void RouteTable::remove_all(const device::NetDevice& device) {
  for (const Route& route : routes()) {
    if (route.device == &device) {
      static_cast<void>(remove(route.prefix));
    }
  }
}

const Route* RouteTable::lookup(Ipv4Address destination) const {
  for (std::uint64_t left = lengths_; left != 0;) {
    const auto length = static_cast<unsigned>(std::bit_width(left) - 1);
    const auto& routes = by_length_[length];
    const auto found = routes.find(Ipv4Prefix{destination, length}.network().value);
    if (found != routes.end()) {
      return &found->second;
    }
    left &= ~(std::uint64_t{1} << length);
  }
  return nullptr;
}

std::vector<Route> RouteTable::routes() const {
  std::vector<Route> all;
  for (const auto& routes : by_length_) {
    for (const auto& [network, route] : routes) {
      all.push_back(route);
    }
  }
  std::sort(all.begin(), all.end(), [](const Route& a, const Route& b) {
    return a.prefix.length != b.prefix.length ? a.prefix.length > b.prefix.length : a.prefix.address < b.prefix.address;
  });
  return all;
}

}  // namespace host::ip
