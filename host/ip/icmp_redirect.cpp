// SPDX-License-Identifier: Apache-2.0
// "Go by him instead": redirects that this host sends and hears (Linux: ip_rt_send_redirect, __ip_do_redirect).
#include "host/ip/icmp_redirect.hpp"

#include <algorithm>

#include "host/ip/icmp_send.hpp"
#include "host/ip/ip_route.hpp"

namespace host::ip {

using headers::Ipv4Address;
using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kMillisecond = 1'000'000;

/// Somebody's gateway is a router of a default route of ours. Linux: ip_fib_check_default.
bool is_default_gateway(const IpLayer& ip, Ipv4Address gateway, const device::NetDevice& device) {
  const auto& tables = ip.routes.tables();
  return std::any_of(tables.begin(), tables.end(), [&](const auto& table) {
    const auto routes = table.second.routes();
    return std::any_of(routes.begin(), routes.end(),
                       [&](const Route& route) { return route.device == &device && route.gateway == gateway; });
  });
}

bool may_believe(const IpLayer& ip, const device::NetDevice& device, Ipv4Address before, Ipv4Address gateway) {
  if (gateway == before || !ip.conf.accepts_redirects(device)) {
    return false;
  }
  if (ip.conf.either(device, Conf::shared_media)) {
    return ip.routes.address_type(gateway) == RouteType::unicast;
  }
  const bool trusted = !ip.conf.either(device, Conf::secure_redirects) || is_default_gateway(ip, gateway, device);
  return trusted && ip.addresses.on_same_link(device, gateway, before);
}

}  // namespace

RedirectLimiter::RedirectLimiter(kernel::SysctlTable& sysctl)
    : number_(sysctl.add("net.ipv4.route.redirect_number", 9, 0, 30)),
      load_ms_(sysctl.add("net.ipv4.route.redirect_load", 20, 0, 60'000)),
      silence_ms_(sysctl.add("net.ipv4.route.redirect_silence", 20'480, 0, 3'600'000)) {}

bool RedirectLimiter::take(Ipv4Address address, Nanoseconds now) {
  Sender& sender = senders_[std::hash<Ipv4Address>{}(address) % kSenders];
  if (sender.address != address || now > sender.last + silence_ms_.value * kMillisecond) {
    sender = {.address = address};
  }
  if (sender.sent >= static_cast<unsigned>(number_.value)) {
    sender.last = now;  // still not heeded: the silence begins anew
    return false;
  }
  if (sender.sent != 0 && now <= sender.last + (load_ms_.value << sender.sent) * kMillisecond) {
    return false;
  }
  sender.last = now;
  ++sender.sent;
  return true;
}

void send_redirect(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& about, Ipv4Address gateway) {
  const auto header = headers::Ipv4View::parse_quoted(about.network_header());
  if (header && ip.redirect_limiter.take(header->source(), cpu.now())) {
    icmp_send(ip, cpu, about, redirect_to(gateway));
  }
}

void accept_redirect(IpLayer& ip, kernel::Cpu& cpu, const IcmpError& redirect) {
  const Ipv4Address gateway{redirect.info};
  const Flow flow{.destination = redirect.destination, .source = redirect.source, .tos = redirect.tos};
  const auto route = ip_route_output(ip, cpu, flow);
  if (!route.ok() || route->type != RouteType::unicast || route->next_hop == redirect.destination ||
      route->next_hop != redirect.reporter) {
    return;
  }
  if (!may_believe(ip, *route->device, route->next_hop, gateway)) {
    return;
  }
  const Nanoseconds expires = cpu.now() + ip.settings.route_gc_timeout.value * 1'000 * kMillisecond;
  ip.exceptions.redirect(redirect.destination, route->planned, gateway, expires);
}

}  // namespace host::ip
