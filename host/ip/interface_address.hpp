// SPDX-License-Identifier: Apache-2.0
// The addresses of a host's interfaces, and the routes that each brings (Linux: net/ipv4/devinet.c, fib_add_ifaddr).
#pragma once

#include <optional>
#include <vector>

#include "host/base/result.hpp"
#include "host/headers/ipv4_address.hpp"
#include "host/ip/route_table.hpp"

namespace host::ip {

struct InterfaceAddress {
  device::NetDevice* device = nullptr;
  headers::Ipv4Prefix prefix;
};

class AddressTable {
 public:
  /// The table in which the addresses' routes are kept; outlives it.
  explicit AddressTable(RouteTable& routes) : routes_(routes) {}

  /// `ip addr add PREFIX dev DEVICE`: a local route to the address, broadcast routes to the ends of its
  /// network and a unicast route to the network. exists: the address is there; invalid: it cannot be a host's.
  [[nodiscard]] base::Result<void> add(device::NetDevice& device, headers::Ipv4Prefix prefix);
  /// `ip addr del`. address_not_available when it is not there.
  [[nodiscard]] base::Result<void> remove(device::NetDevice& device, headers::Ipv4Prefix prefix);

  /// The device's addresses and every route through it go.
  void remove_all(const device::NetDevice& device);

  [[nodiscard]] bool is_local(headers::Ipv4Address address) const;
  /// The device's address to speak to `peer` with: one of the same network, else the first.
  [[nodiscard]] std::optional<headers::Ipv4Address> select(const device::NetDevice& device,
                                                           headers::Ipv4Address peer) const;
  [[nodiscard]] const std::vector<InterfaceAddress>& all() const { return addresses_; }

 private:
  void add_network_routes(const InterfaceAddress& entry);

  RouteTable& routes_;
  std::vector<InterfaceAddress> addresses_;
};

}  // namespace host::ip
