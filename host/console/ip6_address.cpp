// SPDX-License-Identifier: Apache-2.0
// ip address over IPv6, and words that are addresses of either family.
#include <algorithm>
#include <charconv>

#include "host/console/ip6_command.hpp"
#include "host/ip6/addrconf.hpp"

namespace host::console {

using base::Errno;
using device::NetDevice;
using headers::Ipv6Address;
using headers::Ipv6Prefix;
using ip6::AddressState;
using ip6::InterfaceAddress6;

namespace {

constexpr std::uint64_t kForever = 0xffff'ffff;
constexpr platform::Nanoseconds kSecond = 1'000'000'000;

/// Smaller is wider.
unsigned narrowness(const Ipv6Address& address) {
  if (address.is_loopback()) return 2;
  return address.is_link_local() ? 1 : 0;
}

std::string_view scope_name(const Ipv6Address& address) {
  constexpr std::array<std::string_view, 3> kNames{"global", "link", "host"};
  return kNames[narrowness(address)];
}

std::uint64_t seconds_left(const IpCall& call, platform::Nanoseconds until) {
  if (until == ip6::kForEver) return kForever;
  const platform::Nanoseconds left = until - call.self.cpu().now();
  return left <= 0 ? 0 : static_cast<std::uint64_t>(left / kSecond);
}

std::string lifetime(std::uint64_t seconds) {
  return seconds == kForever ? "forever" : fmt::format("{}sec", seconds);
}

void print_flags(Printer& out, const InterfaceAddress6& entry) {
  const auto flag = [&](const std::string& name) { out.flag(name, name + ' '); };
  if (entry.state == AddressState::duplicate) flag("dadfailed");
  if (entry.state == AddressState::deprecated) flag("deprecated");
  if (entry.state == AddressState::tentative || entry.state == AddressState::duplicate) flag("tentative");
  if (entry.valid_until != ip6::kForEver) flag("dynamic");
  if (entry.from_router) flag("mngtmpaddr");
}

}  // namespace

bool is_inet6(const IpCall& call, const std::string& word, std::string_view what) {
  using Family = IpOptions::Family;
  const bool colons = word.find(':') != std::string::npos;
  const bool address = colons || word.find('.') != std::string::npos;
  const bool six = call.options.family == Family::inet6;
  if (address && call.options.family != Family::any && colons != six) {
    throw IpExit{kIpWrong,
                 fmt::format("Error: {} {} is expected rather than \"{}\".\n", six ? "inet6" : "inet", what, word)};
  }
  return colons || six;
}

Ipv6Prefix to_prefix6(const std::string& word) {
  constexpr unsigned kHostPrefix = 128;
  if (word == "default" || word == "any" || word == "all") return {};
  const auto slash = word.find('/');
  const auto prefix = slash == std::string::npos ? Ipv6Prefix::parse(word + "/128") : Ipv6Prefix::parse(word);
  if (!prefix || prefix->length > kHostPrefix) {
    throw IpExit{kIpWrong, fmt::format("Error: any valid prefix is expected rather than \"{}\".\n", word)};
  }
  return *prefix;
}

headers::IpAddress to_ip_address(const IpCall& call, const std::string& word) {
  if (is_inet6(call, word, "address")) {
    if (const auto address = Ipv6Address::parse(word)) return *address;
  } else if (const auto address = headers::Ipv4Address::parse(word)) {
    return *address;
  }
  throw IpExit{kIpWrong, fmt::format("Error: any valid address is expected rather than \"{}\".\n", word)};
}

std::vector<InterfaceAddress6> addresses6(const IpCall& call, const NetDevice& dev) {
  std::vector<InterfaceAddress6> found;
  for (const InterfaceAddress6& entry : call.system.udp.ip6.addresses.all()) {
    if (entry.device == &dev) found.insert(found.begin(), entry);
  }
  std::ranges::stable_sort(found, {}, [](const InterfaceAddress6& entry) { return narrowness(entry.prefix.address); });
  return found;
}

void print_address6(IpCall& call, const InterfaceAddress6& entry) {
  auto& out = call.out;
  out.open_object();
  if (call.options.oneline) out.text(fmt::format("{}: {}", entry.device->ifindex(), entry.device->name()));
  if (!call.options.brief) out.print("family", "    {} ", "inet6");
  out.print("local", "{}", to_string(entry.prefix.address));
  out.print("prefixlen", "/{} ", entry.prefix.length);
  if (!call.options.brief) {
    out.print("scope", "scope {} ", scope_name(entry.prefix.address));
    print_flags(out, entry);
    const std::uint64_t valid = seconds_left(call, entry.valid_until);
    const std::uint64_t preferred = seconds_left(call, entry.preferred_until);
    out.text(call.line_end());
    out.text(fmt::format("       valid_lft {} preferred_lft {}\n", lifetime(valid), lifetime(preferred)));
    out.json_only("valid_life_time", valid);
    out.json_only("preferred_life_time", preferred);
  }
  out.close_object();
}

void add_address6(IpCall& call, NetDevice& dev, const Ipv6Prefix& prefix, bool even_if_there) {
  const auto added = call.system.udp.ip6.addrconf->add_address(call.self.cpu(), dev, prefix);
  if (added || (even_if_there && added.error() == Errno::exists)) return;
  switch (added.error()) {
    case Errno::exists:
      throw refused("ipv6: address already assigned");
    case Errno::access:
      throw refused("ipv6: IPv6 is disabled on this device");
    default:
      break;
  }
  if (prefix.address.is_multicast()) {
    throw refused("ipv6: Cannot assign multicast address without \"IFA_F_MCAUTOJOIN\" flag");
  }
  throw refused(added.error());
}

void remove_address6(IpCall& call, NetDevice& dev, const Ipv6Prefix& prefix) {
  ip6::Ip6Layer& ip6 = call.system.udp.ip6;
  const InterfaceAddress6* found = ip6.addresses.find(dev, prefix.address);
  const bool there = found != nullptr && found->prefix.length == prefix.length;
  if (!there || !ip6.addrconf->remove_address(call.self.cpu(), dev, prefix.address))
    throw refused("ipv6: address not found");
}

void flush_addresses6(IpCall& call, NetDevice& dev) {
  for (const InterfaceAddress6& entry : addresses6(call, dev)) {
    static_cast<void>(call.system.udp.ip6.addrconf->remove_address(call.self.cpu(), dev, entry.prefix.address));
  }
}

}  // namespace host::console
