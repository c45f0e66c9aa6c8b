// SPDX-License-Identifier: Apache-2.0
// "Go by him instead", and "not so large": what routers say of single destinations (Linux: ndisc_send_redirect,
// rt6_do_redirect, __ip6_rt_update_pmtu; RFC 4861 section 8, RFC 8201).
#include "host/ip6/redirect6.hpp"

#include <algorithm>

#include "host/ip6/addrconf.hpp"
#include "host/ip6/icmp6_send.hpp"

namespace host::ip6 {

using headers::Ipv6Address;
using headers::Ipv6View;
using headers::RedirectMessage;
using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;

/// The target's station, if it is known.
std::optional<base::MacAddress> station_of(Ip6Layer& ip6, const device::NetDevice& device, const Ipv6Address& target) {
  const auto known = ip6.neighbours.find(device, target);
  return known && has_station(known->state) ? std::optional(known->mac) : std::nullopt;
}

bool is_neighbour(const Ip6Layer& ip6, const device::NetDevice& device, const Ipv6Address& address) {
  const Route6* route = ip6.routes.lookup(address, &device);
  return route != nullptr && route->type == Route6Type::unicast && route->gateway.is_unspecified();
}

/// Linux: both the destination's and the sender's share of redirects.
bool may_send(Ip6Layer& ip6, const Ipv6View& header, Nanoseconds now) {
  auto& limiter = ip6.ipv4.icmp_limiter;
  return limiter.take_of_host(header.destination(), now, kSecond) &&
         limiter.take_of_host(header.source(), now, kSecond);
}

void send(Ip6Layer& ip6, kernel::Cpu& cpu, const OutputRoute6& route, const RedirectMessage& redirect) {
  constexpr std::size_t kOption = 8;
  constexpr std::size_t kAddresses = headers::kIcmp6HeaderBytes + 2 * Ipv6Address::kBytes;
  const std::size_t before = kAddresses + (redirect.options.target_link_layer ? kOption : 0) + kOption;
  const std::size_t most = headers::kIpv6MinimumMtu - headers::kIpv6HeaderBytes - before;
  const std::size_t quoted = std::min(most, redirect.options.redirected.size()) & ~std::size_t{7};
  const auto length = static_cast<std::uint32_t>(before + quoted);
  cpu.charge(kernel::Op::skb_alloc);
  skb::Skb message = ip6.net.pool().allocate(length);
  if (message == nullptr) {
    ++ip6.icmp_counters.out_errors;
    return;
  }
  headers::write_redirect_body(message->put(length).subspan(headers::kIcmp6HeaderBytes), redirect);
  static_cast<void>(
      icmp6_push(ip6, cpu, std::move(message), {.type = headers::Icmp6Type::redirect}, route, headers::kNdHopLimit));
}

}  // namespace

void send_redirect6(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& about, const Ipv6View& header,
                    const Ipv6Address& target) {
  device::NetDevice& device = *about.dev;
  const auto speaker = ip6.addresses.select(device, headers::kAllNodes);
  const bool sayable = target == header.destination() || target.is_link_local();
  if (!speaker || !speaker->is_link_local() || !sayable || !is_neighbour(ip6, device, header.source()) ||
      !may_send(ip6, header, cpu.now())) {
    return;
  }
  const OutputRoute6 back{.device = &device,
                          .type = Route6Type::unicast,
                          .source = *speaker,
                          .destination = header.source(),
                          .next_hop = header.source()};
  RedirectMessage redirect{target, header.destination(), {}};
  redirect.options.target_link_layer = station_of(ip6, device, target);
  redirect.options.redirected = header.packet();
  send(ip6, cpu, back, redirect);
}

void accept_redirect6(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const Ipv6Address& router,
                      const RedirectMessage& redirect) {
  if (!ip6.addrconf->accepts_redirects(device)) {
    return;
  }
  const auto route = ip6_route_output(ip6, cpu, {.destination = redirect.destination, .device = &device});
  if (!route.ok() || route->type != Route6Type::unicast || route->next_hop != router) {
    return;
  }
  if (redirect.options.target_link_layer) {
    ip6.neighbours.update(cpu, device, redirect.target,
                          {.mac = *redirect.options.target_link_layer, .override_mac = true, .create = true});
  }
  const Nanoseconds expires = cpu.now() + ip6.settings.route_gc_timeout.value * kSecond;
  ip6.exceptions.redirect(redirect.destination, route->planned, redirect.target, expires);
}

void update_path_mtu6(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const Ipv6Address& destination,
                      std::uint32_t told) {
  const bool of_a_link = destination.is_link_local() || destination.is_multicast();
  const auto route = ip6_route_output(ip6, cpu, {.destination = destination, .device = of_a_link ? &device : nullptr});
  if (!route.ok() || route->type != Route6Type::unicast || told < headers::kIpv6MinimumMtu || told >= mtu_of(*route)) {
    return;
  }
  const Nanoseconds expires = cpu.now() + ip6.settings.mtu_expires.value * kSecond;
  ip6.exceptions.limit(destination, route->planned, {.mtu = told}, expires);
}

}  // namespace host::ip6
