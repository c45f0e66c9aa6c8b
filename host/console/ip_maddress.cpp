// SPDX-License-Identifier: Apache-2.0
// ip maddr: the groups that interfaces belong to (iproute2: ip/ipmaddr.c).
#include <fmt/format.h>

#include <vector>

#include "host/console/ip_command.hpp"
#include "host/proc/multicast.hpp"

namespace host::console {

using device::NetDevice;
using Family = IpOptions::Family;

namespace {

constexpr std::string_view kUsage = "Usage: ip maddr show [ dev STRING ]\n";

/// A line of `ip maddr`.
struct Line {
  std::string_view family;  ///< empty: a station address
  std::string address;
  unsigned users = 1;
};

std::vector<Line> lines_of(const IpCall& call, const NetDevice& dev) {
  const ip6::Ip6Layer& ip6 = call.system.udp.ip6;
  std::vector<Line> lines;
  if (shows(call.options, Family::link)) {
    for (const base::MacAddress& station : proc::stations_of(ip6, dev)) lines.push_back({{}, station.to_string()});
  }
  if (shows(call.options, Family::inet)) {
    for (const auto& [group, users] : proc::groups_of(call.system.ip, dev)) {
      lines.push_back({"inet", to_string(group), users});
    }
  }
  if (shows(call.options, Family::inet6)) {
    for (const ip::GroupTable::Entry& entry : proc::groups6_of(ip6, dev)) {
      lines.push_back({"inet6", to_string(entry.group.value), entry.users});
    }
  }
  return lines;
}

void print_line(IpCall& call, const Line& line) {
  call.out.open_object();
  if (line.family.empty()) {
    call.out.print("link", "\tlink  {}", line.address);
  } else {
    call.out.text(fmt::format("\t{:<5} ", line.family));
    call.out.json_only("family", line.family);
    call.out.print("address", "{}", line.address);
  }
  if (line.users > 1) call.out.print("users", " users {}", line.users);
  call.out.text("\n");
  call.out.close_object();
}

/// Nothing of an interface that has nothing to show.
void print_groups(IpCall& call, const NetDevice& dev) {
  const std::vector<Line> lines = lines_of(call, dev);
  if (lines.empty()) return;
  call.out.open_object();
  call.out.print("ifindex", "{}:", dev.ifindex());
  call.out.print("ifname", "\t{}\n", dev.name());
  call.out.open_array("maddr");
  for (const Line& line : lines) print_line(call, line);
  call.out.close_array();
  call.out.close_object();
}

void show(IpCall& call, IpArguments& arguments) {
  const NetDevice* only = nullptr;
  for (; !arguments.done(); arguments.skip()) {
    if (arguments.word() == "dev") arguments.next();
    if (only != nullptr) throw duplicate_or_garbage("dev", arguments.word());
    only = &to_device(call.system.net, arguments.word());
  }
  call.out.open_array();
  for (const NetDevice* dev : call.system.net.devices()) {
    if (only != nullptr && dev != only) continue;
    print_groups(call, *dev);
  }
  call.out.close_array();
}

}  // namespace

void ip_maddress(IpCall& call, IpArguments arguments) {
  if (arguments.done()) return show(call, arguments);
  const std::string& command = arguments.take();
  if (matches(command, "show") || matches(command, "lst") || matches(command, "list")) return show(call, arguments);
  if (matches(command, "help")) throw IpExit{kIpUsage, std::string(kUsage)};
  throw unknown_command("maddr", command);
}

}  // namespace host::console
