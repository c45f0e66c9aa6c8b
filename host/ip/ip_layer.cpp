// SPDX-License-Identifier: Apache-2.0
// One host's IPv4, put together.
#include "host/ip/ip_layer.hpp"

#include "host/headers/ethernet.hpp"
#include "host/ip/arp.hpp"
#include "host/ip/icmp_input.hpp"
#include "host/ip/ip_input.hpp"
#include "host/ip/ip_output.hpp"
#include "host/ip/ip_reject.hpp"
#include "host/ip/path_mtu.hpp"
#include "host/ip/send_buffer.hpp"

namespace host::ip {
namespace {

constexpr std::uint16_t kIpv4 = static_cast<std::uint16_t>(headers::EtherType::ipv4);
constexpr std::uint16_t kArp = static_cast<std::uint16_t>(headers::EtherType::arp);
/// Linux: SK_RMEM_MAX.
constexpr std::int64_t kReceiveMemory = 212'992;

/// Linux: arp_constructor.
std::optional<base::MacAddress> fixed_station(const IpLayer& ip, headers::Ipv4Address address) {
  if (address.is_multicast()) {
    return headers::multicast_mac(address);
  }
  const bool everybody = address.is_limited_broadcast() || ip.routes.address_type(address) == RouteType::broadcast;
  return everybody ? std::optional(base::MacAddress::broadcast()) : std::nullopt;
}

NeighbourOps neighbour_ops(IpLayer& ip, std::uint64_t seed) {
  constexpr std::int64_t kLockTime = 100;
  return {.sysctl_prefix = "net.ipv4.neigh",
          .stat_file = "arp_cache",
          .locktime = kLockTime,
          .seed = seed,
          .queue_full = base::DropReason::arp_queue_full,
          .unresolved = base::DropReason::arp_unresolved,
          .source_of = [](const skb::SkBuff& packet) -> headers::IpAddress {
            return headers::Ipv4Address{base::load_be32(packet.network_header(), headers::kIpv4SourceAt)};
          },
          .solicit =
              [&ip](kernel::Cpu& cpu, device::NetDevice& device, const headers::IpAddress& target,
                    std::optional<base::MacAddress> known, std::optional<headers::IpAddress> speaker) {
                arp_solicit(ip, cpu, device, target.ipv4(), known,
                            speaker ? std::optional(speaker->ipv4()) : std::nullopt);
              },
          .fixed_station = [&ip](const device::NetDevice& device,
                                 const headers::IpAddress& address) -> std::optional<base::MacAddress> {
            if (ip.net.link_flags(device).no_arp) return device.address();
            return fixed_station(ip, address.ipv4());
          },
          .transmit = [&ip](kernel::Cpu& cpu, device::NetDevice& device, const base::MacAddress& mac,
                            skb::Skb&& packet) { return transmit(ip, cpu, device, mac, std::move(packet)); },
          .unreachable = [&ip](kernel::Cpu& cpu, skb::Skb packet) { link_failure(ip, cpu, std::move(packet)); }};
}

}  // namespace

IpSettings::IpSettings(kernel::SysctlTable& sysctl)
    : ip_default_ttl(sysctl.add("net.ipv4.ip_default_ttl", headers::kDefaultTtl, 1, 255)),
      icmp_echo_ignore_all(sysctl.add("net.ipv4.icmp_echo_ignore_all", 0, 0, 1)),
      icmp_echo_ignore_broadcasts(sysctl.add("net.ipv4.icmp_echo_ignore_broadcasts", 1, 0, 1)),
      icmp_ratemask(sysctl.add("net.ipv4.icmp_ratemask", 0x1818, 0, UINT32_MAX)),
      route_gc_timeout(sysctl.add("net.ipv4.route.gc_timeout", 300, 0, 86'400)),
      ip_no_pmtu_disc(sysctl.add("net.ipv4.ip_no_pmtu_disc", 0, 0, 3)),
      min_pmtu(sysctl.add("net.ipv4.route.min_pmtu", 552, 68, 65'535)),
      mtu_expires(sysctl.add("net.ipv4.route.mtu_expires", 600, 1, 86'400)),
      rmem_default(sysctl.add("net.core.rmem_default", kReceiveMemory, 2'304, INT32_MAX)),
      rmem_max(sysctl.add("net.core.rmem_max", kReceiveMemory, 2'304, INT32_MAX)),
      wmem_default(sysctl.add("net.core.wmem_default", kDefaultSendBuffer, kMinimumSendBuffer, INT32_MAX)),
      wmem_max(sysctl.add("net.core.wmem_max", kDefaultSendBuffer, kMinimumSendBuffer, INT32_MAX)),
      local_ports(sysctl.add_list("net.ipv4.ip_local_port_range", {{32'768, 1, 65'535}, {60'999, 1, 65'535}},
                                  kernel::ListOrder::ascending)) {}

IpLayer::IpLayer(device::NetCore& core, std::uint64_t its_seed)
    : net(core),
      settings(core.kernel().sysctl()),
      conf(core),
      neighbours(core, neighbour_ops(*this, its_seed)),
      defrag(*this, core.kernel(), its_seed),
      igmp(*this, its_seed),
      icmp_limiter(core.kernel().sysctl()),
      redirect_limiter(core.kernel().sysctl()),
      conntrack(core.kernel(), hooks, hooks6, its_seed),
      nat(hooks, hooks6, conntrack, its_seed),
      nftables(hooks, hooks6, conntrack, nat),
      seed(its_seed),
      next_id(static_cast<std::uint16_t>(its_seed)) {
  hooks.on_reject([this](kernel::Cpu& cpu, const skb::SkBuff& about, const netfilter::HookCall& call) {
    ip_reject(*this, cpu, about, call);
  });
  nat.set_device_address([this](const device::NetDevice& device, const headers::IpAddress& peer) {
    const auto own = addresses.select(device, peer.ipv4());
    return own ? std::optional<headers::IpAddress>(*own) : std::nullopt;
  });
  const auto for_ip =
      net.add_protocol(kIpv4, [this](kernel::Cpu& cpu, skb::Skb&& packet) { ip_rcv(*this, cpu, std::move(packet)); });
  const auto for_arp =
      net.add_protocol(kArp, [this](kernel::Cpu& cpu, skb::Skb packet) { arp_rcv(*this, cpu, std::move(packet)); });
  const auto for_gro = net.add_offload(kIpv4, offloads.callbacks());
  const auto for_icmp = protocols.add(
      headers::IpProtocol::icmp,
      {.receive = [this](kernel::Cpu& cpu, skb::Skb packet,
                         const headers::Ipv4View& header) { icmp_rcv(*this, cpu, std::move(packet), header); },
       .error =
           [this](kernel::Cpu& cpu, const IcmpError& error) {
             if (error.is_redirect) {
               accept_redirect(*this, cpu, error);
               return;
             }
             if (error.error == base::Errno::message_size) {
               update_path_mtu(*this, cpu, error);
             }
             if (echo_error) {
               echo_error(cpu, error);
             }
           }});
  const auto for_igmp = protocols.add(
      headers::IpProtocol::igmp,
      {.receive = [this](kernel::Cpu& cpu, skb::Skb packet,
                         const headers::Ipv4View& header) { igmp.receive(cpu, std::move(packet), header); },
       .error = {}});
  notifier = net.add_notifier([this](kernel::Cpu& cpu, device::NetDevice& device, device::DeviceEvent event) {
    routes.changed();
    if (event == device::DeviceEvent::up) {
      arp_notify(*this, cpu, device);
    } else if (event == device::DeviceEvent::address_changed || event == device::DeviceEvent::flags_changed) {
      neighbours.flush(cpu, device);
    } else if (event == device::DeviceEvent::unregistered) {
      addresses.remove_all(device);
      defrag.flush(cpu);  // some of it may have come by the device
    }
  });
  INVARIANT(for_ip.ok() && for_arp.ok() && for_gro.ok() && for_icmp.ok() && for_igmp.ok(),
            "a second IP layer over one device core");
}

IpLayer::~IpLayer() {
  net.remove_notifier(notifier);
  net.remove_protocol(kIpv4);
  net.remove_offload(kIpv4);
  net.remove_protocol(kArp);
}

}  // namespace host::ip
