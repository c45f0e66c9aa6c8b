// SPDX-License-Identifier: Apache-2.0
// The addresses of a host's interfaces, and the routes that each brings (Linux: net/ipv4/devinet.c, fib_add_ifaddr).
#pragma once

#include <optional>
#include <vector>

#include "host/base/result.hpp"
#include "host/headers/ipv4_address.hpp"
#include "host/ip/fib.hpp"

namespace host::ip {

struct InterfaceAddress {
  device::NetDevice* device = nullptr;
  headers::Ipv4Prefix prefix{};
  RouteScope scope = RouteScope::universe;
  /// Not the first of its network on the device: brings no network and goes with the first (Linux: IFA_F_SECONDARY).
  bool secondary = false;
};

class AddressTable {
 public:
  /// The tables in which the addresses' routes are kept; outlive it.
  explicit AddressTable(Fib& fib) : fib_(fib) {}

  /// `ip addr add PREFIX dev DEVICE`: a local route to the address, and for the first of a network a broadcast route to
  /// its last address and a unicast route to it (to 127.0.0.0/8: a local one). exists: the device has it; invalid: it
  /// cannot be a host's.
  [[nodiscard]] base::Result<void> add(device::NetDevice& device, headers::Ipv4Prefix prefix);
  /// `ip addr del`. address_not_available when it is not there.
  [[nodiscard]] base::Result<void> remove(device::NetDevice& device, headers::Ipv4Prefix prefix);

  /// The device's addresses and every route through it go.
  void remove_all(const device::NetDevice& device);

  [[nodiscard]] bool is_local(headers::Ipv4Address address) const;
  /// The device that has the address; null when none has. Linux: ip_dev_find.
  [[nodiscard]] device::NetDevice* device_of(headers::Ipv4Address address) const;
  /// The device's address to speak to `peer` with: one of the same network, else the first; else another device's.
  /// None that is good for less than `scope` (127.0.0.1 is good for this host alone). Linux: inet_select_addr.
  [[nodiscard]] std::optional<headers::Ipv4Address> select(const device::NetDevice& device, headers::Ipv4Address peer,
                                                           RouteScope scope = RouteScope::link) const;
  /// The device (null: some device) has the address `local`, good for `scope` or farther, in a network in which `peer`
  /// is too (any: wherever he is). Linux: inet_confirm_addr.
  [[nodiscard]] bool confirm(const device::NetDevice* device, headers::Ipv4Address peer, headers::Ipv4Address local,
                             RouteScope scope) const;
  /// One of the device's networks has both in it. Linux: inet_addr_onlink.
  [[nodiscard]] bool on_same_link(const device::NetDevice& device, headers::Ipv4Address a,
                                  headers::Ipv4Address b) const;
  [[nodiscard]] const std::vector<InterfaceAddress>& all() const { return addresses_; }

 private:
  [[nodiscard]] std::vector<Route> routes_of(const InterfaceAddress& entry) const;
  [[nodiscard]] const InterfaceAddress* first_of_network(const device::NetDevice& device,
                                                         headers::Ipv4Prefix prefix) const;
  void add_routes(const InterfaceAddress& entry);
  void remove_routes(const InterfaceAddress& entry);

  Fib& fib_;
  std::vector<InterfaceAddress> addresses_;
};

}  // namespace host::ip
