// SPDX-License-Identifier: Apache-2.0
// Frames from the wire to a whole host with IPv4, IPv6 and a UDP server: each packet ends once, and nothing is left
// when every timer has run out.
#include <cstdlib>
#include <set>

#include "host/apps/udp_echo.hpp"
#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/headers/icmp6.hpp"
#include "host/headers/ipv6_extensions.hpp"
#include "host/headers/udp.hpp"
#include "tests/fuzz/host/frames.hpp"
#include "tests/host/apps/test_world.hpp"

using namespace host;
using namespace host_test;

namespace {

/// No packet may end twice.
class DropWatcher final : public kernel::JourneyObserver {
 public:
  void step(const kernel::JourneyEvent&) override {}
  void drop(kernel::SkbId skb, base::DropReason, unsigned, platform::Nanoseconds) override {
    if (!dropped.insert(skb).second) std::abort();
  }
  void derived(kernel::SkbId, kernel::SkbId) override {}

  std::set<kernel::SkbId> dropped;
};

constexpr std::size_t kIpAt = 14;

void mend_ipv4(Frame& frame) {
  const auto ip = std::span(frame).subspan(kIpAt);
  if (ip.size() < 20) return;
  const std::size_t bytes = (base::load_u8(ip, 0) & 0xfU) * std::size_t{4};
  if (bytes < 20 || bytes > ip.size()) return;
  base::store_be16(ip, 10, 0);
  base::store_be16(ip, 10, base::internet_checksum(ip.first(bytes)));
}

/// Of a message behind the IPv4 header and its options. Of ICMP and of IGMP: the sum over all of it, at its third byte.
void mend_icmp(Frame& frame) {
  const auto view = headers::Ipv4View::parse_quoted(std::span(frame).subspan(kIpAt));
  if (!view || view->payload().size() < 8) return;
  const auto message = std::span(frame).subspan(kIpAt + view->header_bytes(), view->payload().size());
  base::store_be16(message, 2, 0);
  base::store_be16(message, 2, base::internet_checksum(message));
}

/// What a router has that a host has not: another network, VLANs, rules, tracked connections, NAT.
void make_router(World& world) {
  static_cast<void>(world[1].start("bash", [&](kernel::Process& self) -> kernel::Task<void> {
    for (const char* line :
         {"sysctl -q -w net.ipv4.ip_forward=1", "sysctl -q -w net.ipv6.conf.all.forwarding=1",
          "ip link add link eth0 name eth0.5 up type vlan id 5", "ip link add v0 up type veth peer name v1 up",
          "ip addr add 10.5.0.1/24 dev eth0.5", "ip addr add 10.6.0.1/24 dev v0",
          "ip route add 192.0.2.0/24 via 10.0.0.9", "ip neigh add 10.6.0.9 lladdr 02:00:00:00:00:09 dev v0",
          "ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0", "tc qdisc add dev eth0 clsact",
          "tc filter add dev eth0 ingress protocol ip u32 match ip dport 9 0xffff action mirred egress mirror dev v0",
          "nft add table ip t", "nft add chain ip t f '{ type filter hook forward priority 0; }'",
          "nft add rule ip t f ct state invalid drop", "nft add rule ip t f limit rate 5/second log",
          "nft add chain ip t n '{ type nat hook postrouting priority srcnat; }'", "nft add rule ip t n masquerade"}) {
      const int status = co_await world[1].host.console().run(self, line, [](console::Stream, std::string_view) {});
      if (status != 0) std::abort();
    }
  }));
}

/// Of a message right behind the IPv6 header.
void mend_icmp6(Frame& frame) {
  const auto view = headers::Ipv6View::parse_quoted(std::span(frame).subspan(kIpAt));
  if (!view) return;
  const auto upper = headers::find_upper_layer(*view);
  const bool named = upper && upper->protocol == headers::NextHeader::icmp6;
  const std::size_t at = named ? upper->at : headers::kIpv6HeaderBytes;
  const auto bytes = view->packet().subspan(at);
  if (bytes.size() < headers::kIcmp6HeaderBytes) return;
  headers::write_icmp6(std::span(frame).subspan(kIpAt + at, bytes.size()), headers::Icmp6View::parse(bytes)->fields(),
                       view->source(), view->destination());
}

/// Right behind the IPv6 header, where a checksum has to be; over IPv4 one of 0 is none.
void mend_udp(Frame& frame) {
  constexpr std::size_t kChecksumAt = kIpAt + 20 + 6;
  const auto view = headers::Ipv6View::parse_quoted(std::span(frame).subspan(kIpAt));
  if (view && view->payload().size() >= headers::kUdpHeaderBytes) {
    const auto datagram = std::span(frame).subspan(kIpAt + headers::kIpv6HeaderBytes, view->payload().size());
    headers::write_udp(datagram, base::load_be16(datagram, 0), base::load_be16(datagram, 2), view->source(),
                       view->destination());
    return;
  }
  if (frame.size() >= kChecksumAt + 2) base::store_be16(frame, kChecksumAt, 0);
}

Frame take_frame(std::span<const std::byte>& input) {
  const std::size_t wanted = base::load_be16(input, 1) % host_fuzz::kLongestFrame;
  input = input.subspan(host_fuzz::kRecordHeaderBytes);
  const std::size_t length = std::min(wanted, input.size());
  Frame frame(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(length));
  input = input.subspan(length);
  return frame;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world({.stations = 1, .cpus = 1, .mtu = 1500, .host = {}});
  Station& station = world[1];
  DropWatcher watcher;
  station.host.kernel().observe(&watcher);
  if (!station.host.add_address(station.nic.device(),
                                headers::Ipv6Prefix{*headers::Ipv6Address::parse("fd00::1"), 64})) {
    std::abort();
  }
  apps::UdpEchoStats echo;
  static_cast<void>(station.start("echo", [&](kernel::Process& self) -> kernel::Task<void> {
    static_cast<void>(
        co_await apps::udp_echo(self, station.host.sockets(), echo, apps::kEchoPort, socket::SocketKind::udp6));
  }));
  if (size > 0 && (data[0] & host_fuzz::kRouter) != 0) make_router(world);
  world.run_for(3 * kSecond);
  auto input = std::as_bytes(std::span(data, size));
  while (input.size() >= host_fuzz::kRecordHeaderBytes) {
    const auto mend = base::load_u8(input, 0);
    Frame frame = take_frame(input);
    if (frame.size() >= kIpAt) {
      if ((mend & host_fuzz::kMendIpv4) != 0) mend_ipv4(frame);
      if ((mend & host_fuzz::kMendUdp) != 0) mend_udp(frame);
      if ((mend & host_fuzz::kMendIcmp) != 0) mend_icmp(frame);
      if ((mend & host_fuzz::kMendIcmp6) != 0) mend_icmp6(frame);
    }
    station.nic.deliver(std::move(frame));
    if ((mend & host_fuzz::kWait) != 0) world.run_for(100 * kMillisecond);
  }
  world.run_for(400 * kSecond);
  static_cast<void>(station.nic.take_sent());
  if (station.counter("skb.in_use") != 0) std::abort();
  station.host.kernel().observe(nullptr);
  return 0;
}
