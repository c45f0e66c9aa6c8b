// SPDX-License-Identifier: Apache-2.0
// What net.ipv4.conf.*.arp_* and proxy_arp say about ARP (Linux: net/ipv4/arp.c; Documentation/networking/ip-sysctl).
#include "host/ip/arp_policy.hpp"

#include "host/ip/ip_route.hpp"

namespace host::ip {

using headers::ArpFields;
using headers::ArpOperation;
using headers::Ipv4Address;

namespace {

/// The values of arp_ignore: which of our addresses this device does not answer for.
enum Ignore : std::int64_t { kNone = 0, kOtherDevices = 1, kOtherNetworks = 2, kThisHostOnly = 3, kAll = 8 };

/// The values of arp_announce: which of our addresses questions may come from.
enum Announce : std::int64_t { kAny = 0, kTargetsNetwork = 1, kPrimary = 2 };

/// Linux: arp_ignore.
bool is_ignored(const IpLayer& ip, const device::NetDevice& device, const ArpFields& request) {
  switch (ip.conf.larger(device, Conf::arp_ignore)) {
    case kOtherDevices:
      return !ip.addresses.confirm(&device, {}, request.target, RouteScope::host);
    case kOtherNetworks:
      return !ip.addresses.confirm(&device, request.sender, request.target, RouteScope::host);
    case kThisHostOnly:
      return !ip.addresses.confirm(nullptr, {}, request.target, RouteScope::link);
    case kAll:
      return true;
    default:
      return false;
  }
}

/// The answer would leave by another device. Linux: arp_filter.
bool is_filtered(IpLayer& ip, kernel::Cpu& cpu, const device::NetDevice& device, const ArpFields& request) {
  if (!ip.conf.either(device, Conf::arp_filter)) {
    return false;
  }
  const auto back = ip_route_output(ip, cpu, request.sender, request.target);
  const bool elsewhere = back.ok() && back->device != &device;
  ip.route_counters.arp_filter += elsewhere ? 1 : 0;
  return elsewhere || !back.ok();
}

}  // namespace

ArpClaim arp_claim(IpLayer& ip, kernel::Cpu& cpu, const device::NetDevice& device, const ArpFields& request) {
  if (request.sender.is_any()) {
    // Is the address taken? (RFC 5227: a probe). Nobody to remember, and no way back to look at.
    const bool ours = ip.addresses.is_local(request.target);
    return ours ? (is_ignored(ip, device, request) ? ArpClaim::hidden : ArpClaim::ours) : ArpClaim::none;
  }
  const InputRoute route =
      ip_route_input(ip, cpu, {.destination = request.target, .source = request.sender, .in = &device});
  if (route.decision == InputDecision::local) {
    const bool hidden = is_ignored(ip, device, request) || is_filtered(ip, cpu, device, request);
    return hidden ? ArpClaim::hidden : ArpClaim::ours;
  }
  const bool proxied = route.decision == InputDecision::forward && route.out.device != &device &&
                       ip.conf.either(device, Conf::proxy_arp);
  return proxied ? ArpClaim::proxied : ArpClaim::none;
}

bool arp_accepts(const IpLayer& ip, const device::NetDevice& device, const ArpFields& fields) {
  constexpr std::int64_t kSameNetwork = 2;
  const std::int64_t accept = ip.conf.larger(device, Conf::arp_accept);
  const bool on_link = ip.addresses.on_same_link(device, fields.sender, fields.sender);
  if (accept == 0 || (accept == kSameNetwork && !on_link)) {
    return false;
  }
  const bool gratuitous = fields.sender == fields.target;
  return gratuitous ||
         (fields.operation == ArpOperation::reply && ip.routes.address_type(fields.sender) == RouteType::unicast);
}

std::optional<Ipv4Address> arp_source(const IpLayer& ip, const device::NetDevice& device, Ipv4Address target,
                                      std::optional<Ipv4Address> speaker) {
  const std::int64_t announce = ip.conf.larger(device, Conf::arp_announce);
  const bool ours = speaker && ip.addresses.is_local(*speaker);
  const bool known_there =
      announce == kAny || (announce == kTargetsNetwork && ours && ip.addresses.on_same_link(device, target, *speaker));
  return ours && known_there ? speaker : ip.addresses.select(device, target);
}

}  // namespace host::ip
