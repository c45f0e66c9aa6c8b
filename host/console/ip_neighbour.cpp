// SPDX-License-Identifier: Apache-2.0
// ip neigh: show, add, change, replace, del, flush (iproute2: ip/ipneigh.c).
#include <array>
#include <optional>

#include "host/console/ip6_command.hpp"

namespace host::console {

using device::NetDevice;
using headers::IpAddress;
using ip::NeighbourSet;
using ip::NeighbourState;
using ip::NeighbourTable;

namespace {

constexpr std::string_view kUsage =
    "Usage: ip neigh { add | del | change | replace }\n"
    "\t\tADDR lladdr LLADDR [ nud STATE ] dev DEV\n"
    "\n"
    "\tip neigh { show | flush } [ to ] [ ADDR ] [ dev DEV ] [ nud STATE ]\n"
    "\n"
    "STATE := { permanent | stale | reachable | incomplete | delay | probe | failed | all }\n";

constexpr std::array<std::pair<std::string_view, NeighbourState>, 7> kStates{
    {{"permanent", NeighbourState::permanent},
     {"reachable", NeighbourState::reachable},
     {"stale", NeighbourState::stale},
     {"incomplete", NeighbourState::incomplete},
     {"delay", NeighbourState::delay},
     {"probe", NeighbourState::probe},
     {"failed", NeighbourState::failed}}};

NeighbourState to_state(const std::string& word) {
  for (const auto& [name, state] : kStates) {
    if (word == name) return state;
  }
  throw wrong_argument("nud state is bad", word);
}

/// Each family has a table of its own.
NeighbourTable& table_of(const IpCall& call, const IpAddress& address) {
  return address.is_ipv4() ? call.system.ip.neighbours : call.system.udp.ip6.neighbours;
}

/// Of the families that are wanted.
std::vector<NeighbourTable::Listed> all_of(const IpCall& call) {
  std::vector<NeighbourTable::Listed> all;
  if (shows(call.options, IpOptions::Family::inet)) all = call.system.ip.neighbours.all();
  if (shows(call.options, IpOptions::Family::inet6)) {
    for (auto& listed : call.system.udp.ip6.neighbours.all()) all.push_back(std::move(listed));
  }
  return all;
}

/// What `ip neigh add` and its kin name.
struct Named {
  std::optional<IpAddress> address;
  std::string device;
  std::optional<std::string> mac;
  NeighbourState state = NeighbourState::permanent;
};

Named parse_named(const IpCall& call, IpArguments& arguments) {
  Named named;
  for (; !arguments.done(); arguments.skip()) {
    const std::string& word = arguments.word();
    if (word == "lladdr") {
      named.mac = arguments.next();
    } else if (word == "nud") {
      named.state = to_state(arguments.next());
    } else if (word == "dev") {
      named.device = arguments.next();
    } else {
      if (word == "to") arguments.next();
      if (named.address) throw duplicate_or_garbage("to", arguments.word());
      named.address = to_ip_address(call, arguments.word());
    }
  }
  if (!named.address || named.device.empty()) {
    throw IpExit{kIpUsage, "Device and destination are required arguments.\n"};
  }
  return named;
}

void set(IpCall& call, IpArguments& arguments, NeighbourSet how) {
  const Named named = parse_named(call, arguments);
  NetDevice& dev = to_device(call.system.net, named.device);
  if (!named.mac) throw refused("No link layer address given");
  const auto mac = base::MacAddress::parse(*named.mac);
  if (!mac) throw refused("Invalid link address");
  const auto done = table_of(call, *named.address).set(call.self.cpu(), dev, *named.address, *mac, named.state, how);
  if (!done) throw refused(done.error());
}

void remove(IpCall& call, IpArguments& arguments) {
  const Named named = parse_named(call, arguments);
  NetDevice& dev = to_device(call.system.net, named.device);
  const auto done = table_of(call, *named.address).remove(call.self.cpu(), dev, *named.address);
  if (!done) throw refused(done.error());
}

/// Whom show and flush mean.
struct Selection {
  const NetDevice* device = nullptr;
  std::optional<IpAddress> address;
  std::optional<NeighbourState> state;
  bool all_states = false;

  [[nodiscard]] bool has(const NeighbourTable::Listed& listed) const {
    return (device == nullptr || device == listed.device) && (!address || *address == listed.address) &&
           (!state || *state == listed.view.state);
  }
};

Selection parse_selection(IpCall& call, IpArguments& arguments) {
  Selection selection;
  for (; !arguments.done(); arguments.skip()) {
    const std::string& word = arguments.word();
    if (word == "dev") {
      selection.device = &arguments.next_device(call.system.net);
    } else if (word == "nud") {
      selection.all_states = arguments.next() == "all";
      if (!selection.all_states) selection.state = to_state(arguments.word());
    } else {
      if (word == "to") arguments.next();
      if (arguments.word() == "all") {
        selection.all_states = true;
        continue;
      }
      if (is_inet6(call, arguments.word(), "prefix")) {
        selection.address = to_prefix6(arguments.word()).address;
      } else {
        selection.address = to_prefix(arguments.word()).address;
      }
    }
  }
  return selection;
}

void flush(IpCall& call, IpArguments& arguments) {
  if (arguments.done()) throw IpExit{kIpWrong, "Flush requires arguments.\n"};
  const Selection selection = parse_selection(call, arguments);
  for (const auto& listed : all_of(call)) {
    const bool spared = listed.view.state == NeighbourState::permanent && !selection.state;
    NetDevice* dev = call.system.net.device_by_index(listed.device->ifindex());
    if (!spared && selection.has(listed)) {
      static_cast<void>(table_of(call, listed.address).remove(call.self.cpu(), *dev, listed.address));
    }
  }
}

void show(IpCall& call, IpArguments& arguments) {
  const Selection selection = parse_selection(call, arguments);
  call.out.open_array();
  for (const auto& listed : all_of(call)) {
    if (!selection.has(listed)) continue;
    const NeighbourState state = listed.view.state;
    const bool known = state != NeighbourState::incomplete && state != NeighbourState::failed;
    call.out.open_object();
    call.out.print("dst", "{} ", to_string(listed.address));
    if (selection.device == nullptr) call.out.print("dev", "dev {} ", listed.device->name());
    if (known) call.out.print("lladdr", "lladdr {} ", listed.view.mac.to_string());
    call.out.open_array("state");
    call.out.element("{} ", to_string(state));
    call.out.close_array();
    call.out.text("\n");
    call.out.close_object();
  }
  call.out.close_array();
}

}  // namespace

void ip_neighbour(IpCall& call, IpArguments arguments) {
  if (arguments.done()) return show(call, arguments);
  const std::string& command = arguments.take();
  if (matches(command, "add")) return set(call, arguments, NeighbourSet::add);
  if (matches(command, "change") || command == "chg") return set(call, arguments, NeighbourSet::change);
  if (matches(command, "replace")) return set(call, arguments, NeighbourSet::replace);
  if (matches(command, "delete")) return remove(call, arguments);
  if (matches(command, "show") || matches(command, "lst") || matches(command, "list")) return show(call, arguments);
  if (matches(command, "flush")) return flush(call, arguments);
  if (matches(command, "help")) throw IpExit{kIpUsage, std::string(kUsage)};
  throw unknown_command("neigh", command);
}

}  // namespace host::console
