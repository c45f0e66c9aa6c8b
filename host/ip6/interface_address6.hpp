// SPDX-License-Identifier: Apache-2.0
// The IPv6 addresses of a host's interfaces (Linux: struct inet6_ifaddr).
#pragma once

#include <cstdint>
#include <list>
#include <optional>

#include "host/base/result.hpp"
#include "host/ip6/route6_table.hpp"
#include "host/platform/cpu_platform.hpp"

namespace host::ip6 {

/// tentative: nobody may use it before DAD has passed; duplicate: DAD failed (IFA_F_DADFAILED).
enum class AddressState : std::uint8_t { tentative, duplicate, preferred, deprecated };

inline constexpr platform::Nanoseconds kForEver = INT64_MAX;

struct InterfaceAddress6 {
  device::NetDevice* device = nullptr;
  headers::Ipv6Prefix prefix;
  AddressState state = AddressState::tentative;
  platform::Nanoseconds preferred_until = kForEver;
  platform::Nanoseconds valid_until = kForEver;
  /// The network's route is a router advertisement's, not the address'.
  bool from_router = false;

  [[nodiscard]] bool usable() const { return state == AddressState::preferred || state == AddressState::deprecated; }
};

/// Addresses bring routes: to the network at once, to themselves when they become usable.
class AddressTable6 {
 public:
  explicit AddressTable6(Route6Table& routes) : routes_(routes) {}

  /// A tentative address. exists: the device has it; invalid: it cannot be a host's.
  [[nodiscard]] base::Result<void> add(const InterfaceAddress6& address);
  /// DAD has passed or was not wanted.
  void make_usable(InterfaceAddress6& address);
  /// address_not_available when it is not there.
  [[nodiscard]] base::Result<void> remove(const device::NetDevice& device, const headers::Ipv6Address& address);
  /// The device's addresses and every route through it go.
  void remove_all(const device::NetDevice& device);

  /// Null when the device does not have it.
  [[nodiscard]] InterfaceAddress6* find(const device::NetDevice& device, const headers::Ipv6Address& address);
  /// Usable, on any device; a link-local address on that one only.
  [[nodiscard]] bool is_local(const headers::Ipv6Address& address, const device::NetDevice& device) const;
  /// Whom to speak as to `destination` through the device (RFC 6724 section 5: same address, scope, not deprecated,
  /// longest common prefix).
  [[nodiscard]] std::optional<headers::Ipv6Address> select(const device::NetDevice& device,
                                                           const headers::Ipv6Address& destination) const;
  /// In the order in which they were added; never moved.
  [[nodiscard]] std::list<InterfaceAddress6>& all() { return addresses_; }
  [[nodiscard]] const std::list<InterfaceAddress6>& all() const { return addresses_; }

 private:
  Route6Table& routes_;
  std::list<InterfaceAddress6> addresses_;
};

}  // namespace host::ip6
