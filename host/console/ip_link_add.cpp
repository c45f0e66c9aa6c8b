// SPDX-License-Identifier: Apache-2.0
// ip link add, ip link del (iproute2: ip/iplink.c, iplink_vlan.c, link_veth.c).
#include <optional>

#include "host/console/ip_command.hpp"
#include "host/device/virtual_links.hpp"

namespace host::console {

using base::Errno;
using base::MacAddress;
using device::NetDevice;
using device::VirtualLinks;

namespace {

constexpr std::size_t kLongestName = 15;  // IFNAMSIZ, with the end
constexpr std::uint16_t kVlanIds = 4095;
constexpr std::string_view kVlanUsage =
    "Usage: ... vlan id VLANID\n"
    "                [ protocol VLANPROTO ]\n"
    "                [ reorder_hdr { on | off } ]\n"
    "VLANID := 0-4095\n"
    "VLANPROTO: [ 802.1Q | 802.1ad ]\n";
constexpr std::string_view kVethUsage =
    "Usage: ip link <options> type veth [peer <options>]\n"
    "To get <options> type 'ip link add help'\n";

/// What stands in front of `type`; of a veth, behind `peer` once more.
struct NewLink {
  std::string name;
  std::string link;  // the interface below
  std::optional<MacAddress> address;
  std::optional<std::uint32_t> mtu;
  std::optional<std::uint32_t> tx_queue_len;
  bool up = false;
  std::string type;
};

std::string checked_name(const std::string& word) {
  const bool bad = word.empty() || word.size() > kLongestName || word.find_first_of("/ \t") != std::string::npos;
  if (bad || word == "." || word == "..") throw wrong_argument("\"name\" not a valid ifname", word);
  return word;
}

/// Up to the words behind `type KIND`.
NewLink parse_new(IpArguments& arguments) {
  NewLink made;
  for (; !arguments.done(); arguments.skip()) {
    const std::string& word = arguments.word();
    if (word == "link") {
      made.link = arguments.next();
    } else if (word == "type") {
      made.type = arguments.next();
      arguments.skip();
      break;
    } else if (word == "up") {
      made.up = true;
    } else if (word == "down") {
      made.up = false;
    } else if (word == "mtu") {
      made.mtu = arguments.next_number("Invalid \"mtu\" value\n");
    } else if (matches(word, "address")) {
      made.address = to_lladdr(arguments.next());
    } else if (matches(word, "txqueuelen") || word == "qlen" || word == "txqlen") {
      made.tx_queue_len = arguments.next_number("Invalid \"txqueuelen\" value\n");
    } else {
      if (word == "name" || word == "dev") arguments.next();
      if (!made.name.empty()) throw duplicate_or_garbage("dev", arguments.word());
      made.name = checked_name(arguments.word());
    }
  }
  return made;
}

/// "veth0", "veth1": the first that is free. Linux: dev_alloc_name.
std::string free_name(const device::NetCore& net, std::string_view kind, std::string_view taken = {}) {
  for (unsigned i = 0;; ++i) {
    std::string name = fmt::format("{}{}", kind, i);
    const auto same = [&](const NetDevice* dev) { return dev->name() == name; };
    if (name != taken && std::none_of(net.devices().begin(), net.devices().end(), same)) return name;
  }
}

NetDevice& made_or_refused(base::Result<NetDevice*> made) {
  if (!made) throw refused(made.error());
  return **made;
}

/// What does not depend on the kind.
void finish(IpCall& call, NetDevice& dev, const NewLink& made) {
  if (made.mtu) {
    const auto set = dev.set_mtu(*made.mtu);
    // Linux: vlan_newlink has a word of its own.
    if (!set && set.error() == base::Errno::range) throw refused(base::Errno::invalid);
    if (!set) throw mtu_refused(set.error(), *made.mtu);
  }
  if (made.tx_queue_len) dev.set_tx_queue_len(*made.tx_queue_len);
  if (!made.up) return;
  if (const auto opened = dev.open(call.self.cpu()); !opened) throw refused(opened.error());
}

/// finish(), or nothing of it all.
void finish_or_remove(IpCall& call, NetDevice& dev, const NewLink& made) {
  try {
    finish(call, dev, made);
  } catch (const IpExit&) {
    static_cast<void>(call.system.net.links().remove(call.self.cpu(), dev));
    throw;
  }
}

MacAddress address_of(const NewLink& made) {
  const MacAddress address = made.address.value_or(VirtualLinks::address_for(made.name));
  if (address.is_multicast() || address.is_zero()) throw refused(Errno::address_not_available);
  return address;
}

void add_dummy(IpCall& call, IpArguments& arguments, NewLink& made) {
  if (!arguments.done()) throw duplicate_or_garbage("dev", arguments.word());
  if (made.name.empty()) made.name = free_name(call.system.net, "dummy");
  NetDevice& dev = made_or_refused(call.system.net.links().add_dummy(made.name, address_of(made)));
  finish_or_remove(call, dev, made);
}

void add_veth(IpCall& call, IpArguments& arguments, NewLink& made) {
  NewLink peer;
  if (!arguments.done()) {
    if (arguments.word() != "peer") {
      throw IpExit{kIpUsage, fmt::format("veth: unknown option \"{}\"?\n{}", arguments.word(), kVethUsage)};
    }
    arguments.skip();
    peer = parse_new(arguments);
  }
  if (made.name.empty()) made.name = free_name(call.system.net, "veth", peer.name);
  if (peer.name.empty()) peer.name = free_name(call.system.net, "veth", made.name);
  NetDevice& dev =
      made_or_refused(call.system.net.links().add_veth({made.name, address_of(made)}, {peer.name, address_of(peer)}));
  finish_or_remove(call, dev, made);
  finish_or_remove(call, *call.system.net.links().info(dev).link, peer);
}

std::optional<std::uint16_t> parse_vlan_id(IpArguments& arguments) {
  std::optional<std::uint16_t> id;
  for (; !arguments.done(); arguments.skip()) {
    const std::string& word = arguments.word();
    if (matches(word, "protocol")) {
      const std::string& protocol = arguments.next();
      if (protocol == "802.1ad") throw refused(Errno::not_supported);
      if (protocol != "802.1q" && protocol != "802.1Q") throw wrong_argument("protocol is invalid", protocol);
    } else if (matches(word, "id")) {
      const std::uint32_t number = arguments.next_number("id is invalid");
      if (number > UINT16_MAX) throw wrong_argument("id is invalid", arguments.word());
      id = static_cast<std::uint16_t>(number);
    } else {
      throw IpExit{kIpUsage, fmt::format("vlan: unknown command \"{}\"?\n{}", word, kVlanUsage)};
    }
  }
  return id;
}

void add_vlan(IpCall& call, IpArguments& arguments, NewLink& made) {
  const auto id = parse_vlan_id(arguments);
  NetDevice* real = made.link.empty() ? nullptr : &to_device(call.system.net, made.link);
  if (!id) throw refused(real == nullptr ? "8021q: VLAN properties not specified" : "8021q: VLAN id not specified");
  if (*id >= kVlanIds || *id < device::kFirstVlan) throw refused("8021q: Invalid VLAN id");
  if (real == nullptr) throw refused("8021q: link not specified");
  if (made.name.empty()) made.name = free_name(call.system.net, "vlan");
  NetDevice& dev = made_or_refused(call.system.net.links().add_vlan(*real, *id, made.name));
  if (made.address) static_cast<void>(call.system.net.set_address(call.self.cpu(), dev, address_of(made)));
  finish_or_remove(call, dev, made);
}

}  // namespace

void ip_link_add(IpCall& call, IpArguments& arguments) {
  NewLink made = parse_new(arguments);
  if (made.type.empty()) throw IpExit{kIpUsage, "Not enough information: \"type\" argument is required\n"};
  if (made.type == "dummy") return add_dummy(call, arguments, made);
  if (made.type == "veth") return add_veth(call, arguments, made);
  if (made.type == "vlan") return add_vlan(call, arguments, made);
  throw refused("Unknown device type");
}

void ip_link_delete(IpCall& call, IpArguments& arguments) {
  NetDevice* dev = nullptr;
  for (; !arguments.done(); arguments.skip()) {
    if (arguments.word() == "type") {
      arguments.next();
      continue;
    }
    if (arguments.word() == "dev") arguments.next();
    if (dev != nullptr) throw duplicate_or_garbage("dev", arguments.word());
    dev = &to_device(call.system.net, arguments.word());
  }
  if (dev == nullptr) throw missing_device(kIpUsage);
  if (const auto gone = call.system.net.links().remove(call.self.cpu(), *dev); !gone) throw refused(gone.error());
}

}  // namespace host::console
