// SPDX-License-Identifier: Apache-2.0
// What `ip` says and does about IPv6 (iproute2: ip/ipaddress.c, iproute.c with AF_INET6).
#pragma once

#include <optional>
#include <string>

#include "host/console/ip_command.hpp"
#include "host/headers/ip_address.hpp"

namespace host::console {

/// The word is an address or prefix of IPv6 to this `ip`: -6 says so, or its colons do. Throws IpExit for one of the
/// family that -4 or -6 leaves out; `what`: "prefix" or "address".
[[nodiscard]] bool is_inet6(const IpCall& call, const std::string& word, std::string_view what);
/// "fd00::1", "fd00::/64", "default". Throws IpExit.
[[nodiscard]] headers::Ipv6Prefix to_prefix6(const std::string& word);
/// Of either family. Throws IpExit.
[[nodiscard]] headers::IpAddress to_ip_address(const IpCall& call, const std::string& word);

/// Those of an interface as `ip addr` lists them: the widest scope first, then the latest.
[[nodiscard]] std::vector<ip6::InterfaceAddress6> addresses6(const IpCall& call, const device::NetDevice& dev);
void print_address6(IpCall& call, const ip6::InterfaceAddress6& entry);
/// Each throws IpExit.
void add_address6(IpCall& call, device::NetDevice& dev, const headers::Ipv6Prefix& prefix, bool even_if_there);
void remove_address6(IpCall& call, device::NetDevice& dev, const headers::Ipv6Prefix& prefix);
void flush_addresses6(IpCall& call, device::NetDevice& dev);

/// `ip -6 route`: list, get, add, replace, del, flush.
void ip_route6(IpCall& call, IpArguments arguments);
void ip_route6_list(IpCall& call, IpArguments& arguments);
void ip_route6_flush(IpCall& call, IpArguments& arguments);
void ip_route6_get(IpCall& call, IpArguments& arguments);
/// One line of the list; without the device when `of_device`, a destination as `get` asked for it.
struct Route6Line {
  bool of_device = false;
  std::optional<headers::Ipv6Address> asked = {};
  headers::Ipv6Address source = {};
};
void print_route6(IpCall& call, const ip6::Route6& route, const Route6Line& line);

/// `ip -6 rule`: the two rules that are always there.
void ip_rule6(IpCall& call, IpArguments arguments);

}  // namespace host::console
