// SPDX-License-Identifier: Apache-2.0
// ip address: show, add, del, flush (iproute2: ip/ipaddress.c).
#include <optional>

#include "host/console/ip6_command.hpp"
#include "host/console/ip_route.hpp"

namespace host::console {

using base::Errno;
using device::NetDevice;
using headers::Ipv4Prefix;
using ip::InterfaceAddress;

namespace {

constexpr std::string_view kUsage =
    "Usage: ip address {add|change|replace} PREFIX dev IFNAME [ brd + ]\n"
    "       ip address del PREFIX dev IFNAME\n"
    "       ip address flush dev IFNAME\n"
    "       ip address show [ [ dev ] IFNAME ] [ up ]\n";
constexpr std::uint64_t kForever = 0xffff'ffff;

/// What `ip address add` and its kin name.
struct Named {
  std::optional<Ipv4Prefix> prefix;
  std::optional<headers::Ipv6Prefix> prefix6;
  std::string device;
};

Named parse_named(const IpCall& call, IpArguments& arguments) {
  Named named;
  for (; !arguments.done(); arguments.skip()) {
    const std::string& word = arguments.word();
    if (word == "dev") {
      named.device = arguments.next();
    } else if (matches(word, "broadcast") || word == "brd") {
      // The network's last address is its broadcast address, and no other.
      if (arguments.next() != "+") throw refused(Errno::not_supported);
    } else {
      if (word == "local") arguments.next();
      if (named.prefix || named.prefix6) throw duplicate_or_garbage("local", arguments.word());
      if (is_inet6(call, arguments.word(), "prefix")) {
        named.prefix6 = to_prefix6(arguments.word());
      } else {
        named.prefix = to_prefix(arguments.word());
      }
    }
  }
  return named;
}

enum class Action : std::uint8_t { add, replace, remove };

void modify(IpCall& call, IpArguments& arguments, Action action) {
  const Named named = parse_named(call, arguments);
  if (named.device.empty()) throw missing_device(kIpWrong);
  if (!named.prefix && !named.prefix6) throw refused(Errno::not_supported);
  NetDevice& dev = to_device(call.system.net, named.device);
  if (named.prefix6) {
    if (action == Action::remove) return remove_address6(call, dev, *named.prefix6);
    return add_address6(call, dev, *named.prefix6, action == Action::replace);
  }
  ip::AddressTable& table = call.system.ip.addresses;
  if (action == Action::remove) {
    if (!table.remove(dev, *named.prefix)) throw refused("ipv4: Address not found");
    return;
  }
  const auto added = table.add(dev, *named.prefix);
  if (added || (action == Action::replace && added.error() == Errno::exists)) return;
  if (added.error() == Errno::exists) throw refused("ipv4: Address already assigned");
  throw refused(added.error());
}

void flush(IpCall& call, IpArguments& arguments) {
  if (arguments.done()) throw IpExit{kIpWrong, "Flush requires arguments.\n"};
  if (arguments.word() == "dev") arguments.next();
  NetDevice& dev = to_device(call.system.net, arguments.word());
  if (shows(call.options, IpOptions::Family::inet6)) flush_addresses6(call, dev);
  if (!shows(call.options, IpOptions::Family::inet)) return;
  ip::AddressTable& table = call.system.ip.addresses;
  const std::vector<InterfaceAddress> all = table.all();
  for (const InterfaceAddress& entry : all) {
    if (entry.device == &dev) static_cast<void>(table.remove(dev, entry.prefix));
  }
}

void print_address(IpCall& call, const NetDevice& dev, const InterfaceAddress& entry) {
  call.out.open_object();
  if (call.options.oneline) call.out.text(fmt::format("{}: {}", dev.ifindex(), dev.name()));
  if (!call.options.brief) call.out.print("family", "    {} ", "inet");
  call.out.print("local", "{}", to_string(entry.prefix.address));
  call.out.print("prefixlen", "/{} ", entry.prefix.length);
  if (!call.options.brief) {
    call.out.print("scope", "scope {} ", route_scope_name(entry.scope));
    if (entry.secondary) call.out.flag("secondary", "secondary ");
    call.out.print("label", "{}", dev.name());
    call.out.text(call.line_end());
    call.out.text("       valid_lft forever preferred_lft forever\n");
    call.out.json_only("valid_life_time", kForever);
    call.out.json_only("preferred_life_time", kForever);
  }
  call.out.close_object();
}

/// What is shown of an interface.
struct Shown {
  std::vector<InterfaceAddress> inet;
  std::vector<ip6::InterfaceAddress6> inet6;
  LinkMode mode = LinkMode::left_out;
};

void print_interface(IpCall& call, const NetDevice& dev, const Shown& shown) {
  call.out.open_object();
  if (call.options.brief) {
    print_brief(call, dev);
  } else if (!call.options.oneline) {
    print_link(call, dev, shown.mode);
    call.out.text("\n");
  }
  call.out.open_array("addr_info");
  for (const InterfaceAddress& entry : shown.inet) print_address(call, dev, entry);
  for (const ip6::InterfaceAddress6& entry : shown.inet6) print_address6(call, entry);
  call.out.close_array();
  if (call.options.brief) {
    call.out.text("\n");
  } else if (call.options.statistics > 0) {
    print_statistics(call, dev);
    call.out.text("\n");
  }
  call.out.close_object();
}

void show(IpCall& call, IpArguments& arguments) {
  const NetDevice* only = nullptr;
  bool only_up = false;
  for (; !arguments.done(); arguments.skip()) {
    if (arguments.word() == "up") {
      only_up = true;
      continue;
    }
    if (arguments.word() == "dev") arguments.next();
    if (only != nullptr) throw duplicate_or_garbage("dev", arguments.word());
    only = call.system.net.device_by_name(arguments.word());
    if (only == nullptr) throw IpExit{kIpWrong, fmt::format("Device \"{}\" does not exist.\n", arguments.word())};
  }
  const bool inet = shows(call.options, IpOptions::Family::inet);
  call.out.open_array();
  for (const NetDevice* dev : call.system.net.devices()) {
    if ((only != nullptr && dev != only) || (only_up && !dev->is_up())) continue;
    Shown shown;
    for (const InterfaceAddress& entry : call.system.ip.addresses.all()) {
      if (inet && entry.device == dev) shown.inet.push_back(entry);
    }
    if (shows(call.options, IpOptions::Family::inet6)) shown.inet6 = addresses6(call, *dev);
    // All interfaces are asked of IPv6 itself then, which knows less of them.
    const bool of_inet6 = only == nullptr && call.options.family == IpOptions::Family::inet6;
    if (of_inet6) shown.mode = LinkMode::of_inet6;
    // A family leaves out the interfaces that have none of its addresses.
    const bool family_wanted =
        call.options.family == IpOptions::Family::inet || call.options.family == IpOptions::Family::inet6;
    if (family_wanted && shown.inet.empty() && shown.inet6.empty()) continue;
    print_interface(call, *dev, shown);
  }
  call.out.close_array();
}

}  // namespace

void ip_address(IpCall& call, IpArguments arguments) {
  if (arguments.done()) return show(call, arguments);
  const std::string& command = arguments.take();
  if (matches(command, "add")) return modify(call, arguments, Action::add);
  if (matches(command, "change") || command == "chg") return modify(call, arguments, Action::replace);
  if (matches(command, "replace")) return modify(call, arguments, Action::replace);
  if (matches(command, "delete")) return modify(call, arguments, Action::remove);
  if (matches(command, "show") || matches(command, "lst") || matches(command, "list")) return show(call, arguments);
  if (matches(command, "flush")) return flush(call, arguments);
  if (matches(command, "help")) throw IpExit{kIpUsage, std::string(kUsage)};
  throw unknown_command("address", command);
}

}  // namespace host::console
