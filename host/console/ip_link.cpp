// SPDX-License-Identifier: Apache-2.0
// ip link: show, set (add and del: ip_link_add) (iproute2: ip/iplink.c).
#include <algorithm>
#include <charconv>
#include <optional>

#include "host/console/ip_command.hpp"

namespace host::console {

using device::NetDevice;

namespace {

constexpr std::string_view kUsage =
    "Usage: ip link add [link DEV] [ name ] NAME\n"
    "\t\t    [ txqueuelen PACKETS ]\n"
    "\t\t    [ address LLADDR ]\n"
    "\t\t    [ mtu MTU ]\n"
    "\t\t    type TYPE [ ARGS ]\n"
    "\n"
    "\tip link delete { DEVICE | dev DEVICE } type TYPE [ ARGS ]\n"
    "\n"
    "\tip link set { DEVICE | dev DEVICE }\n"
    "\t\t[ { up | down } ]\n"
    "\t\t[ arp { on | off } ]\n"
    "\t\t[ multicast { on | off } ]\n"
    "\t\t[ allmulticast { on | off } ]\n"
    "\t\t[ promisc { on | off } ]\n"
    "\t\t[ address LLADDR ]\n"
    "\t\t[ txqueuelen PACKETS ]\n"
    "\t\t[ mtu MTU ]\n"
    "\n"
    "\tip link show [ DEVICE | dev DEVICE ] [ up ]\n"
    "\n"
    "TYPE := { dummy | veth | vlan }\n";

/// What `ip link set` was asked for.
struct Change {
  NetDevice* device = nullptr;
  std::optional<bool> up;
  std::optional<bool> promiscuous;
  std::optional<bool> all_multicast;
  std::optional<bool> multicast;
  std::optional<bool> arp;
  std::optional<base::MacAddress> address;
  std::optional<std::uint32_t> mtu;
  std::optional<std::uint32_t> tx_queue_len;
};

bool on_or_off(const std::string& option, const std::string& word) {
  if (word == "on") return true;
  if (word == "off") return false;
  throw IpExit{kIpWrong,
               fmt::format("Error: argument of \"{}\" must be \"on\" or \"off\", not \"{}\"\n", option, word)};
}

Change parse_change(IpCall& call, IpArguments& arguments) {
  Change change;
  for (; !arguments.done(); arguments.skip()) {
    const std::string& word = arguments.word();
    if (word == "up") {
      change.up = true;
    } else if (word == "down") {
      change.up = false;
    } else if (word == "mtu") {
      change.mtu = arguments.next_number("Invalid \"mtu\" value\n");
    } else if (matches(word, "txqueuelen") || word == "qlen" || word == "txqlen") {
      change.tx_queue_len = arguments.next_number("Invalid \"txqueuelen\" value\n");
    } else if (word == "promisc") {
      change.promiscuous = on_or_off("promisc", arguments.next());
    } else if (word == "allmulticast") {
      change.all_multicast = on_or_off("allmulticast", arguments.next());
    } else if (word == "multicast") {
      change.multicast = on_or_off("multicast", arguments.next());
    } else if (word == "arp") {
      change.arp = on_or_off("arp", arguments.next());
    } else if (matches(word, "address")) {
      change.address = to_lladdr(arguments.next());
    } else {
      if (word == "dev") arguments.next();
      if (change.device != nullptr) throw duplicate_or_garbage("dev", arguments.word());
      change.device = &to_device(call.system.net, arguments.word());
    }
  }
  if (change.device == nullptr) throw missing_device(kIpUsage);
  return change;
}

void set(IpCall& call, IpArguments& arguments) {
  const Change change = parse_change(call, arguments);
  NetDevice& dev = *change.device;
  if (change.address) {
    if (const auto taken = call.system.net.set_address(call.self.cpu(), dev, *change.address); !taken)
      throw refused(taken.error());
  }
  if (change.mtu) {
    if (const auto set = dev.set_mtu(*change.mtu); !set) throw mtu_refused(set.error(), *change.mtu);
  }
  if (change.tx_queue_len) dev.set_tx_queue_len(*change.tx_queue_len);
  if (change.promiscuous) dev.set_promiscuous(*change.promiscuous);
  device::LinkFlags flags = call.system.net.link_flags(dev);
  flags.all_multicast = change.all_multicast.value_or(flags.all_multicast);
  flags.no_multicast = !change.multicast.value_or(!flags.no_multicast);
  flags.no_arp = !change.arp.value_or(!flags.no_arp);
  call.system.net.set_link_flags(call.self.cpu(), dev, flags);
  if (!change.up) return;
  if (!*change.up) {
    dev.close(call.self.cpu());
  } else if (const auto opened = dev.open(call.self.cpu()); !opened) {
    throw refused(opened.error());
  }
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
  call.out.open_array();
  for (const NetDevice* dev : call.system.net.devices()) {
    if ((only != nullptr && dev != only) || (only_up && !dev->is_up())) continue;
    call.out.open_object();
    if (call.options.brief) {
      print_brief_link(call, *dev);
    } else {
      print_link(call, *dev, LinkMode::shown);
      if (call.options.statistics > 0) {
        call.out.text(call.line_end());
        print_statistics(call, *dev);
      }
      call.out.text("\n");
    }
    call.out.close_object();
  }
  call.out.close_array();
}

}  // namespace

/// The kernel's words for what every interface's limits forbid, strerror's for what its driver says.
IpExit mtu_refused(base::Errno error, std::uint32_t mtu) {
  if (error != base::Errno::invalid) return refused(error);
  return refused(mtu < device::kMinMtu ? "mtu less than device minimum" : "mtu greater than device maximum");
}

/// iproute2: ll_addr_a2n takes hexadecimal numbers between colons, iplink_parse as many as the interface has.
base::MacAddress to_lladdr(const std::string& word) {
  base::MacAddress address;
  std::size_t count = 0;
  for (std::size_t at = 0; at <= word.size(); ++count) {
    const std::size_t end = std::min(word.find(':', at), word.size());
    unsigned octet = 0;
    const auto [stop, error] = std::from_chars(word.data() + at, word.data() + end, octet, 16);
    if (error != std::errc() || octet > UINT8_MAX) {
      throw IpExit{kIpWrong, fmt::format("\"{}\" is invalid lladdr.\n", word.substr(at, end - at))};
    }
    if (count < address.octets.size()) address.octets[count] = static_cast<std::uint8_t>(octet);
    at = end + 1;
  }
  if (count != address.octets.size()) {
    throw IpExit{kIpWrong, fmt::format("Invalid address length {} - must be {} bytes\n", count, address.octets.size())};
  }
  return address;
}

void ip_link(IpCall& call, IpArguments arguments) {
  if (arguments.done()) return show(call, arguments);
  const std::string& command = arguments.take();
  if (matches(command, "set") || matches(command, "change")) return set(call, arguments);
  if (matches(command, "add")) return ip_link_add(call, arguments);
  if (matches(command, "delete")) return ip_link_delete(call, arguments);
  if (matches(command, "show") || matches(command, "lst") || matches(command, "list")) return show(call, arguments);
  if (matches(command, "help")) throw IpExit{kIpUsage, std::string(kUsage)};
  throw unknown_command("link", command);
}

}  // namespace host::console
