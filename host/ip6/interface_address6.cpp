// SPDX-License-Identifier: Apache-2.0
// The IPv6 addresses of a host's interfaces (Linux: struct inet6_ifaddr).
#include "host/ip6/interface_address6.hpp"

#include <algorithm>
#include <bit>
#include <tuple>

namespace host::ip6 {

using headers::Ipv6Address;
using headers::Ipv6Prefix;

namespace {

constexpr unsigned kHostPrefix = 128;
/// Linux: IP6_RT_PRIO_ADDRCONF.
constexpr std::uint32_t kNetworkMetric = 256;

/// RFC 6724 section 3.1, the values of multicast scopes.
unsigned scope(const Ipv6Address& address) {
  constexpr unsigned kLink = 2;
  constexpr unsigned kGlobal = 14;
  if (address.is_multicast()) return address.multicast_scope();
  return address.is_link_local() || address.is_loopback() ? kLink : kGlobal;
}

unsigned common_bits(const Ipv6Address& a, const Ipv6Address& b) {
  for (unsigned i = 0; i < Ipv6Address::kBytes; ++i) {
    const auto differ = static_cast<std::uint8_t>(a.octets[i] ^ b.octets[i]);
    if (differ != 0) return 8 * i + static_cast<unsigned>(std::countl_zero(differ));
  }
  return kHostPrefix;
}

/// Smaller is better. RFC 6724 rule 2: the smallest scope that reaches the destination, else the largest.
auto rank(const InterfaceAddress6& candidate, const Ipv6Address& destination) {
  const Ipv6Address& source = candidate.prefix.address;
  const unsigned reach = scope(source);
  const bool reaches = reach >= scope(destination);
  const unsigned by_scope = reaches ? reach : 32 - reach;
  return std::tuple(source != destination, by_scope, candidate.state == AddressState::deprecated,
                    kHostPrefix - common_bits(source, destination));
}

Route6 host_route(const InterfaceAddress6& address) {
  return {.prefix = {address.prefix.address, kHostPrefix},
          .type = Route6Type::local,
          .device = address.device,
          .gateway = {},
          .metric = 0,
          .origin = Route6Origin::kernel};
}

bool has_network_route(const InterfaceAddress6& address) {
  return !address.from_router && address.prefix.length < kHostPrefix;
}

Route6 network_route(const InterfaceAddress6& address) {
  return {.prefix = {address.prefix.network(), address.prefix.length},
          .type = Route6Type::unicast,
          .device = address.device,
          .gateway = {},
          .metric = kNetworkMetric,
          .origin = Route6Origin::kernel};
}

}  // namespace

base::Result<void> AddressTable6::add(const InterfaceAddress6& address) {
  const Ipv6Address& itself = address.prefix.address;
  if (address.prefix.length > kHostPrefix || itself.is_unspecified() || itself.is_multicast() || itself.is_mapped()) {
    return base::Errno::invalid;
  }
  if (find(*address.device, itself) != nullptr) {
    return base::Errno::exists;
  }
  addresses_.push_back(address);
  if (has_network_route(address)) {
    // A second address of a network finds its route there.
    static_cast<void>(routes_.add(network_route(address)));
  }
  return {};
}

void AddressTable6::make_usable(InterfaceAddress6& address) {
  address.state = AddressState::preferred;
  // exists only when another device has the same link-local address: either route says "ours".
  static_cast<void>(routes_.add(host_route(address)));
}

base::Result<void> AddressTable6::remove(const device::NetDevice& device, const Ipv6Address& itself) {
  const auto place = std::ranges::find_if(addresses_, [&](const InterfaceAddress6& address) {
    return address.device == &device && address.prefix.address == itself;
  });
  if (place == addresses_.end()) {
    return base::Errno::address_not_available;
  }
  const InterfaceAddress6 gone = *place;
  addresses_.erase(place);
  static_cast<void>(routes_.remove(host_route(gone).prefix, device));
  const Ipv6Address network = gone.prefix.network();
  const bool still_used = std::ranges::any_of(addresses_, [&](const InterfaceAddress6& other) {
    return other.device == &device && other.prefix.length == gone.prefix.length && other.prefix.network() == network;
  });
  if (has_network_route(gone) && !still_used) {
    static_cast<void>(routes_.remove(network_route(gone).prefix, device));
  }
  return {};
}

void AddressTable6::remove_all(const device::NetDevice& device) {
  std::erase_if(addresses_, [&](const InterfaceAddress6& address) { return address.device == &device; });
  routes_.remove_all(device);
}

InterfaceAddress6* AddressTable6::find(const device::NetDevice& device, const Ipv6Address& address) {
  const auto found = std::ranges::find_if(addresses_, [&](const InterfaceAddress6& other) {
    return other.device == &device && other.prefix.address == address;
  });
  return found == addresses_.end() ? nullptr : &*found;
}

bool AddressTable6::is_local(const Ipv6Address& address, const device::NetDevice& device) const {
  return std::ranges::any_of(addresses_, [&](const InterfaceAddress6& other) {
    return other.usable() && other.prefix.address == address && (!address.is_link_local() || other.device == &device);
  });
}

std::optional<Ipv6Address> AddressTable6::select(const device::NetDevice& device,
                                                 const Ipv6Address& destination) const {
  const InterfaceAddress6* best = nullptr;
  for (const InterfaceAddress6& candidate : addresses_) {
    const bool may = candidate.usable() && candidate.device == &device;
    if (may && (best == nullptr || rank(candidate, destination) < rank(*best, destination))) {
      best = &candidate;
    }
  }
  return best == nullptr ? std::nullopt : std::optional(best->prefix.address);
}

}  // namespace host::ip6
