// SPDX-License-Identifier: Apache-2.0
// Thousands of damaged IPv6 frames: nothing breaks, and every frame is accounted for exactly once.
#include <catch2/catch.hpp>

#include <random>
#include <set>

#include "host/apps/udp_echo.hpp"
#include "host/base/byte_order.hpp"
#include "tests/host/ip6/world6.hpp"

using namespace host;
using namespace host_test;
using headers::NextHeader;

namespace {

/// No packet may end twice.
class DropWatcher final : public kernel::JourneyObserver {
 public:
  void step(const kernel::JourneyEvent& event) override {
    if (event.step == kernel::JourneyStep::arp_rcv) ++arps;
  }
  void drop(kernel::SkbId skb, base::DropReason, unsigned, platform::Nanoseconds) override {
    REQUIRE(dropped.insert(skb).second);
  }
  void derived(kernel::SkbId, kernel::SkbId) override {}

  std::set<kernel::SkbId> dropped;
  std::uint64_t arps = 0;
};

const headers::Ipv6Address kGroup = headers::Ipv6Address::of(0xff02, 0, 0, 0, 0, 0, 0, 0x1234);

std::vector<Frame> seeds() {
  const Frame ours = udp6_frame(apps::kEchoPort, 4000, 20, {.source = global_of(1), .destination = global_of(2)});
  const Frame quote(ours.begin() + kIp6At, ours.end());
  Frame options(8);  // a hop-by-hop header of padding, then UDP
  options[0] = static_cast<std::byte>(NextHeader::udp);
  options[2] = std::byte{1};
  options[3] = std::byte{4};
  const Frame datagram = udp6_frame(4000, apps::kEchoPort, 30);
  options.insert(options.end(), datagram.begin() + kTransport6At, datagram.end());
  const Packet6Options from_router{
      .source = headers::link_local_of(mac_of(2)), .destination = headers::kAllNodes, .hop_limit = 1};
  return {udp6_frame(4000, apps::kEchoPort, 100),
          udp6_frame(4000, 9, 10),
          udp6_frame(4000, apps::kEchoPort, 20, {.destination = kGroup}),
          udp6_frame(4000, 9, 20, {.destination = headers::kAllNodes}),
          udp6_frame(4000, apps::kEchoPort, 20,
                     {.source = headers::link_local_of(mac_of(2)), .destination = headers::link_local_of(mac_of(1))}),
          echo6_request(56),
          icmp6_frame({.type = headers::Icmp6Type::echo_reply, .code = 0, .word = 1}, Frame(20)),
          icmp6_frame({.type = headers::Icmp6Type::destination_unreachable, .code = 4, .word = 0}, quote),
          icmp6_frame({.type = headers::Icmp6Type::packet_too_big, .code = 0, .word = 1300}, quote),
          ipv6_frame(NextHeader::hop_by_hop, options),
          ipv6_frame(NextHeader::tcp, Frame(20)),
          ipv6_frame(NextHeader::none, Frame(4)),
          ipv6_frame(NextHeader::fragment, Frame(24)),
          with_router_alert(icmp6_frame({.type = headers::Icmp6Type::multicast_listener_query, .word = 0x0064'0000},
                                        Frame(20), from_router)),
          with_router_alert(icmp6_frame({.type = headers::Icmp6Type::multicast_listener_report},
                                        Frame(16, std::byte{0xff}), from_router)),
          solicitation(global_of(1))};
}

/// Flips bits, cuts, grows, or mends UDP's checksum so that damage reaches deeper.
Frame mutate(Frame frame, std::mt19937& random) {
  const unsigned flips = static_cast<unsigned>(random() % 4);
  for (unsigned i = 0; i < flips; ++i) frame[random() % frame.size()] ^= static_cast<std::byte>(1U << random() % 8);
  if (random() % 8 == 0) frame.resize(random() % (frame.size() + 1));
  if (random() % 8 == 0) frame.resize(frame.size() + random() % 64, std::byte{0xa5});
  const bool udp = frame.size() >= kTransport6At + 8 && base::load_u8(frame, kIp6At + 6) == 17;
  if (random() % 2 == 0 && udp) {
    const auto datagram = std::span(frame).subspan(kTransport6At);
    const std::size_t length = std::min<std::size_t>(base::load_be16(frame, kIp6At + 4), datagram.size());
    if (length >= 8) {
      headers::write_udp(datagram.first(length), base::load_be16(datagram, 0), base::load_be16(datagram, 2),
                         headers::Ipv6Address::load(frame, kIp6At + 8), headers::Ipv6Address::load(frame, kIp6At + 24));
    }
  }
  return frame;
}

/// Layer by layer: what entered equals what left upwards plus what ended there.
void check_conservation(Station& station, const DropWatcher& watcher, const ip::CounterMap& before) {
  const auto after = station.host.counters();
  const auto sum = [&](std::initializer_list<const char*> names) {
    std::uint64_t total = 0;
    for (const char* name : names) total += after.at(name) - before.at(name);
    return total;
  };
  CHECK(sum({"eth0.rx_packets"}) ==
        sum({"drop.short_ethernet", "drop.unknown_protocol", "drop.other_host", "Ip.InReceives", "Ip6.InReceives"}) +
            watcher.arps);
  // A reassembled datagram has come as fragments, and goes on as one packet more.
  CHECK(sum({"Ip6.InReceives", "Ip6.ReasmOKs"}) ==
        sum({"Ip6.InHdrErrors", "Ip6.InNoRoutes", "Ip6.InTruncatedPkts", "Ip6.InDiscards", "drop.ip_not_local",
             "drop.ip_not_member", "Ip6.ReasmReqds", "drop.ip_no_protocol", "Ip6.InDelivers"}));
  CHECK(sum({"Ip6.InDelivers"}) ==
        sum({"Icmp6.InMsgs", "Udp6.InErrors", "Udp6.NoPorts", "Udp6.IgnoredMulti", "Udp6.InDatagrams"}));
  CHECK(watcher.dropped.size() == station.host.kernel().drops().total());
  CHECK(station.host.pool().in_use() == 0);
}

}  // namespace

TEST_CASE("mutated frames over IPv6 break nothing and are all accounted for", "[apps][fuzz][ip6]") {
  const auto seed = GENERATE(range(1U, 9U));
  std::mt19937 random(seed);
  DropWatcher watcher;
  Lone6 world;
  const auto before = world.station().host.counters();
  world.station().host.kernel().observe(&watcher);
  apps::UdpEchoStats server;
  static_cast<void>(world.station().start("udp-echo", [&](kernel::Process& self) -> kernel::Task<void> {
    static_cast<void>(co_await apps::udp_echo(self, world.station().host.sockets(), server, apps::kEchoPort,
                                              socket::SocketKind::udp6));
  }));
  world.run_for(kMillisecond);
  world.ip6().mld.join(world.station().host.kernel().cpu(0), world.eth0(), kGroup);
  const auto originals = seeds();
  for (unsigned i = 0; i < 4600; ++i) {
    world.station().nic.deliver(mutate(originals[random() % originals.size()], random));
    if (i % 16 == 0) world.run_for(kMillisecond);
  }
  world.run_for(70 * kSecond);  // every question to a neighbour and every fragment has been given up
  // The server waits for room (SO_SNDBUF) while answers wait for neighbours; its own queue may overflow meanwhile.
  CHECK(server.received > 300);
  CHECK(server.received + world.counter("Udp6.RcvbufErrors") > 400);
  check_conservation(world.station(), watcher, before);
}
