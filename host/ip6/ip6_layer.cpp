// SPDX-License-Identifier: Apache-2.0
// One host's IPv6, put together.
#include "host/ip6/ip6_layer.hpp"

#include "host/headers/ethernet.hpp"
#include "host/headers/icmp6.hpp"
#include "host/ip6/addrconf.hpp"
#include "host/ip6/icmp6_input.hpp"
#include "host/ip6/ip6_input.hpp"
#include "host/ip6/ip6_output.hpp"
#include "host/ip6/ip6_reject.hpp"
#include "host/ip6/ndisc.hpp"

namespace host::ip6 {
namespace {

constexpr std::uint16_t kIpv6 = static_cast<std::uint16_t>(headers::EtherType::ipv6);
constexpr std::size_t kSourceAt = 8;

ip::NeighbourOps neighbour_ops(Ip6Layer& ip6) {
  return {.sysctl_prefix = "net.ipv6.neigh",
          .stat_file = "ndisc_cache",
          .locktime = 0,
          .seed = ip6.ipv4.seed + 1,
          .queue_full = base::DropReason::nd_queue_full,
          .unresolved = base::DropReason::nd_unresolved,
          .source_of = [](const skb::SkBuff& packet) -> headers::IpAddress {
            return headers::Ipv6Address::load(packet.network_header(), kSourceAt);
          },
          .solicit =
              [&ip6](kernel::Cpu& cpu, device::NetDevice& device, const headers::IpAddress& target,
                     std::optional<base::MacAddress> known, std::optional<headers::IpAddress> speaker) {
                ndisc_solicit(ip6, cpu, device, target.value, known,
                              speaker ? std::optional(speaker->value) : std::nullopt);
              },
          .fixed_station = [&ip6](const device::NetDevice& device,
                                  const headers::IpAddress& address) -> std::optional<base::MacAddress> {
            if (ip6.net.link_flags(device).no_arp) return device.address();
            if (!address.value.is_multicast()) return std::nullopt;
            return address.value.multicast_mac();
          },
          .transmit = [&ip6](kernel::Cpu& cpu, device::NetDevice& device, const base::MacAddress& mac,
                             skb::Skb&& packet) { return transmit6(ip6, cpu, device, mac, std::move(packet)); },
          .unreachable = [&ip6](kernel::Cpu& cpu, skb::Skb packet) { link_failure6(ip6, cpu, std::move(packet)); }};
}

}  // namespace

Ip6Layer::Ip6Layer(ip::IpLayer& ip)
    : net(ip.net),
      ipv4(ip),
      settings(ip.kernel().sysctl()),
      neighbours(ip.net, neighbour_ops(*this)),
      defrag(*this, ip.kernel(), ip.seed),
      mld(*this, ip.seed + 2),
      random(static_cast<std::minstd_rand::result_type>(ip.seed)) {
  const auto for_ip6 =
      net.add_protocol(kIpv6, [this](kernel::Cpu& cpu, skb::Skb packet) { ip6_rcv(*this, cpu, std::move(packet)); });
  const auto for_icmp6 = protocols.add(
      headers::NextHeader::icmp6,
      {.receive = [this](kernel::Cpu& cpu, skb::Skb packet,
                         const headers::Ipv6View& header) { icmp6_rcv(*this, cpu, std::move(packet), header); },
       .error =
           [this](kernel::Cpu& cpu, const Icmp6Error& error) {
             if (echo_error) echo_error(cpu, error);
           }});
  const auto for_gro = net.add_offload(kIpv6, offloads.callbacks());
  INVARIANT(for_ip6.ok() && for_icmp6.ok() && for_gro.ok(), "a second IPv6 layer over one device core");
  addrconf = std::make_unique<Addrconf>(*this);
  ip.hooks6.on_reject([this](kernel::Cpu& cpu, const skb::SkBuff& about, const netfilter::HookCall& call) {
    ip6_reject(*this, cpu, about, call);
  });
  ip.nat.set_device_address6([this](const device::NetDevice& device, const headers::IpAddress& peer) {
    const auto own = addresses.select(device, peer.value);
    return own ? std::optional<headers::IpAddress>(*own) : std::nullopt;
  });
}

Ip6Layer::~Ip6Layer() {
  ipv4.hooks6.on_reject({});
  ipv4.nat.set_device_address6({});
  addrconf.reset();
  net.remove_protocol(kIpv6);
  net.remove_offload(kIpv6);
}

}  // namespace host::ip6
