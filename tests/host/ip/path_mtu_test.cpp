// SPDX-License-Identifier: Apache-2.0
// Path MTU discovery: what a router's word changes, for how long, and whose word counts (RFC 1191).
#include <catch2/catch.hpp>

#include "host/ip/ip_route.hpp"
#include "host/udp/udp_output.hpp"
#include "tests/host/ip/router_world.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using headers::IcmpType;
using ip::PmtuDiscovery;

namespace {

/// A host and its connected UDP socket; what it sent is told as sizes of packets, those with DF as such.
struct Sender : Lone {
  Sender() { REQUIRE(udp_connect(udp(), cpu(), socket, address_of(2), 9).ok()); }
  ~Sender() { udp_close(udp(), cpu(), socket); }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  udp::UdpLayer& udp() { return station().host.udp(); }
  kernel::Cpu& cpu() { return station().host.kernel().cpu(0); }
  bool set(const char* name, std::int64_t value) { return station().host.kernel().sysctl().set(name, value).ok(); }
  std::uint32_t mtu() { return ip_route_output(station().host.ip(), cpu(), address_of(2))->mtu; }

  struct Packet {
    std::size_t bytes;
    bool df;
    bool operator==(const Packet&) const = default;
  };
  std::vector<Packet> send(std::size_t payload) {
    const Frame bytes(payload);
    last = udp_send(udp(), cpu(), socket, address_of(2), 9, bytes);
    std::vector<Packet> packets;
    for (const Frame& frame : take()) {
      packets.push_back({ip_of(frame).total_length(), ip_of(frame).dont_fragment()});
    }
    return packets;
  }
  /// Somebody says that a packet of this socket was larger than `told`.
  void hear(std::uint16_t told, std::uint16_t port = 9) {
    Frame quote(28);
    headers::write_ipv4(quote, {.total_length = 28,
                                .protocol = headers::IpProtocol::udp,
                                .source = address_of(1),
                                .destination = address_of(2)});
    base::store_be16(quote, 20, socket.endpoints.local_port);
    base::store_be16(quote, 22, port);
    const headers::IcmpFields fields{.type = IcmpType::destination_unreachable, .code = 4, .id = 0, .sequence = told};
    static_cast<void>(answer_to(icmp_frame(fields, quote, {.source = address_of(7)})));
  }

  udp::UdpSocket socket{1 << 20};
  base::Result<void> last;
};

using Packets = std::vector<Sender::Packet>;

}  // namespace

TEST_CASE("a path with a narrow link is discovered, end to end", "[ip][pmtu]") {
  RouterWorld world(600);
  auto& host = world.near().host;
  std::vector<Errno> errors;
  std::uint32_t mtu = 0;
  static_cast<void>(world.near().start("sender", [&](kernel::Process& self) -> kernel::Task<void> {
    auto& calls = host.sockets();
    const int fd = *calls.socket(self, socket::SocketKind::udp);
    CHECK(calls.path_mtu(self, fd).error() == Errno::not_connected);
    CHECK(calls.connect(self, fd, {right_address(3), 9}).ok());
    CHECK(*calls.path_mtu(self, fd) == 1500);
    const Frame payload(1000);
    for (unsigned i = 0; i < 3; ++i) {
      const auto sent = co_await calls.sendto(self, fd, payload);
      if (!sent.ok()) errors.push_back(sent.error());
      co_await self.sleep_for(100 * kMillisecond);
    }
    mtu = *calls.path_mtu(self, fd);
  }));
  world.run_for(kSecond);
  // The first is lost and the router says so; the second call hears of it; the third goes in two pieces, and the
  // closed port's answer comes when nobody asks any more.
  CHECK(errors == std::vector<Errno>{Errno::message_size});
  CHECK(mtu == 600);
  CHECK(world.counter("Ip.FragFails") == 1);
  CHECK(world.near().counter("Ip.FragCreates") == 2);
  CHECK(world.far().counter("Ip.ReasmOKs") == 1);
  CHECK(world.far().counter("Udp.NoPorts") == 1);
}

TEST_CASE("what a router said holds for mtu_expires", "[ip][pmtu]") {
  Sender world;
  CHECK(world.send(1000) == Packets{{1028, true}});
  world.hear(600);
  CHECK(world.mtu() == 600);
  CHECK(world.socket.queue.take_error() == Errno::message_size);
  CHECK(world.send(1000) == Packets{{596, false}, {452, false}});
  CHECK(world.send(572) == Packets{{600, true}});
  world.hear(800);  // larger than what is known: nothing new
  CHECK(world.mtu() == 600);
  world.run_for(599 * kSecond);
  CHECK(world.mtu() == 600);
  world.run_for(2 * kSecond);
  CHECK(world.mtu() == 1500);
  REQUIRE(world.set("net.ipv4.route.mtu_expires", 10));
  world.hear(600);
  world.run_for(11 * kSecond);
  CHECK(world.mtu() == 1500);
}

TEST_CASE("less than min_pmtu is not believed: packets of that size go, without DF", "[ip][pmtu]") {
  Sender world;
  world.hear(100);
  CHECK(world.mtu() == 552);
  CHECK(world.send(500) == Packets{{528, false}});
  CHECK(world.send(1000) == Packets{{548, false}, {500, false}});
  Sender other;
  REQUIRE(other.set("net.ipv4.route.min_pmtu", 100));
  other.hear(100);
  CHECK(other.mtu() == 100);
  CHECK(other.send(50) == Packets{{78, true}});
}

TEST_CASE("only who knows of a packet of ours is believed", "[ip][pmtu]") {
  Sender world;
  world.hear(600, 10);  // a peer that the socket does not speak with
  CHECK(world.mtu() == 1500);
  CHECK_FALSE(world.socket.queue.has_error());
  world.hear(1501);
  CHECK(world.mtu() == 1500);
}

TEST_CASE("ip_no_pmtu_disc and IP_MTU_DISCOVER say who takes part", "[ip][pmtu]") {
  Sender world;
  world.hear(600);
  static_cast<void>(world.socket.queue.take_error());
  world.socket.inet.pmtu_discovery = PmtuDiscovery::do_;
  CHECK(world.send(1000).empty());
  CHECK(world.last.error() == Errno::message_size);
  world.socket.inet.pmtu_discovery = PmtuDiscovery::probe;
  CHECK(world.send(1000) == Packets{{1028, true}});
  world.socket.inet.pmtu_discovery = PmtuDiscovery::omit;
  CHECK(world.send(1000) == Packets{{1028, false}});
  world.socket.inet.pmtu_discovery = PmtuDiscovery::dont;
  world.hear(560);
  CHECK(world.mtu() == 560);
  CHECK_FALSE(world.socket.queue.has_error());

  Sender deaf;
  REQUIRE(deaf.set("net.ipv4.ip_no_pmtu_disc", 2));
  deaf.hear(600);
  CHECK(deaf.mtu() == 1500);
  CHECK(deaf.counter("drop.icmp_unhandled") == 1);
  CHECK(deaf.station().host.ip().settings.new_socket_discovery() == PmtuDiscovery::dont);
}

TEST_CASE("the table of exceptions is bounded, and the oldest gives way", "[ip][pmtu]") {
  ip::RouteExceptions table;
  const ip::WayOut way{.device = nullptr, .next_hop = address_of(2)};
  const std::size_t most = ip::RouteExceptions::kMost;
  for (std::uint32_t i = 0; i < most + 10; ++i) {
    table.limit(headers::Ipv4Address{i}, way, {.mtu = 600}, kSecond);
  }
  CHECK(table.size() == most);
  CHECK_FALSE(table.find(headers::Ipv4Address{9}, way, 0).has_value());
  CHECK(table.find(headers::Ipv4Address{10}, way, 0)->mtu == 600);
  CHECK_FALSE(table.find(headers::Ipv4Address{10}, way, kSecond).has_value());
  CHECK_FALSE(table.find(headers::Ipv4Address{10}, {.device = nullptr, .next_hop = address_of(3)}, 0).has_value());
  table.redirect(headers::Ipv4Address{10}, way, address_of(8), kSecond);
  CHECK(table.find(headers::Ipv4Address{10}, way, 0)->mtu == 600);
  CHECK(table.find(headers::Ipv4Address{10}, way, 0)->gateway == address_of(8));
}
