// SPDX-License-Identifier: Apache-2.0
// ip maddr: the groups that interfaces belong to (iproute2: ip/ipmaddr.c).
#include <set>

#include "host/console/ip_command.hpp"
#include "host/headers/ethernet.hpp"
#include "host/proc/multicast.hpp"

namespace host::console {

using device::NetDevice;
using Family = IpOptions::Family;

namespace {

constexpr std::string_view kUsage = "Usage: ip maddr show [ dev STRING ]\n";

void print_users(IpCall& call, unsigned users) {
  if (users > 1) call.out.print("users", " users {}", users);
  call.out.text("\n");
}

void print_groups(IpCall& call, const NetDevice& dev) {
  const auto groups = proc::groups_of(call.system.ip, dev);
  std::set<base::MacAddress> hardware;
  if (dev.hardware_type() == device::HardwareType::ethernet) {
    for (const auto& [group, users] : groups) hardware.insert(headers::multicast_mac(group));
  }
  call.out.open_object();
  call.out.print("ifindex", "{}:", dev.ifindex());
  call.out.print("ifname", "\t{}\n", dev.name());
  call.out.open_array("maddr");
  for (const base::MacAddress& address : hardware) {
    if (!shows(call.options, Family::link)) break;
    call.out.open_object();
    call.out.print("link", "\tlink  {}", address.to_string());
    print_users(call, 1);
    call.out.close_object();
  }
  for (const auto& [group, users] : groups) {
    if (!shows(call.options, Family::inet)) break;
    call.out.open_object();
    call.out.text("\tinet  ");
    call.out.json_only("family", "inet");
    call.out.print("address", "{}", to_string(group));
    print_users(call, users);
    call.out.close_object();
  }
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
    if (!proc::groups_of(call.system.ip, *dev).empty()) print_groups(call, *dev);
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
