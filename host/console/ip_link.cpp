// SPDX-License-Identifier: Apache-2.0
// ip link: show, set (iproute2: ip/iplink.c).
#include <optional>

#include "host/console/ip_command.hpp"

namespace host::console {

using device::NetDevice;

namespace {

constexpr std::string_view kUsage =
    "Usage: ip link set { DEVICE | dev DEVICE }\n"
    "\t\t[ { up | down } ]\n"
    "\t\t[ promisc { on | off } ]\n"
    "\t\t[ txqueuelen PACKETS ]\n"
    "\t\t[ mtu MTU ]\n"
    "       ip link show [ DEVICE | dev DEVICE ] [ up ]\n";

/// What `ip link set` was asked for.
struct Change {
  NetDevice* device = nullptr;
  std::optional<bool> up;
  std::optional<bool> promiscuous;
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
  if (change.mtu && !dev.set_mtu(*change.mtu)) {
    throw refused(*change.mtu < device::kMinMtu ? "mtu less than device minimum" : "mtu greater than device maximum");
  }
  if (change.tx_queue_len) dev.set_tx_queue_len(*change.tx_queue_len);
  if (change.promiscuous) dev.set_promiscuous(*change.promiscuous);
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

void ip_link(IpCall& call, IpArguments arguments) {
  if (arguments.done()) return show(call, arguments);
  const std::string& command = arguments.take();
  if (matches(command, "set") || matches(command, "change")) return set(call, arguments);
  if (matches(command, "show") || matches(command, "lst") || matches(command, "list")) return show(call, arguments);
  if (matches(command, "help")) throw IpExit{kIpUsage, std::string(kUsage)};
  throw unknown_command("link", command);
}

}  // namespace host::console
