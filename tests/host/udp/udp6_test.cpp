// SPDX-License-Identifier: Apache-2.0
// UDP over both families: which socket hears what, what is refused and counted.
#include <catch2/catch.hpp>

#include "host/base/byte_order.hpp"
#include "tests/host/udp/udp6_world.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using headers::AddressFamily;
using headers::IpAddress;
using headers::Ipv6Address;

namespace {

const Ipv6Address kGroup = Ipv6Address::of(0xff02, 0, 0, 0, 0, 0, 0, 0x1234);

}  // namespace

TEST_CASE("a datagram over IPv6 goes to the connected socket, else to the bound one, else to the wildcard",
          "[udp][ip6][lookup]") {
  Udp6World world;
  udp::UdpSocket& wildcard = world.open({}, 1000);
  udp::UdpSocket& bound = world.open(global_of(1), 2000);
  udp::UdpSocket& connected = world.open({}, 3000);
  REQUIRE(udp_connect(world.udp(), world.cpu(), connected, global_of(2), 9).ok());

  CHECK(world.answer_to(udp6_frame(4000, 1000, 5)).empty());
  CHECK(world.answer_to(udp6_frame(4000, 2000, 5)).empty());
  CHECK(world.answer_to(udp6_frame(9, 3000, 5)).empty());
  CHECK(wildcard.queue.packets() == 1);
  CHECK(bound.queue.packets() == 1);
  CHECK(connected.queue.packets() == 1);
  CHECK(world.answer_to(udp6_frame(4001, 3000, 5)).size() == 1);  // another peer: nobody's port
  CHECK(world.counter("Udp6.NoPorts") == 1);

  const skb::Skb packet = wildcard.queue.pop();
  CHECK(packet->len() == 5);
  CHECK(udp::udp_sender(*packet).address == IpAddress(global_of(2)));
  CHECK(udp::udp_sender(*packet).port == 4000);
  CHECK(udp::udp_sender(*packet).scope == 0);
}

TEST_CASE("a wildcard socket of IPv6 hears both families, unless it says IPV6_V6ONLY", "[udp][ip6][dual]") {
  const bool v6only = GENERATE(false, true);
  Udp6World world;
  udp::UdpSocket& socket = world.make();
  socket.inet6.v6only = v6only;
  REQUIRE(udp_bind(world.udp(), socket, {}, 1000).ok());
  CHECK(world.answer_to(udp6_frame(4000, 1000, 5)).empty());
  CHECK(socket.queue.packets() == 1);
  CHECK(world.answer_to(udp_frame(4000, 1000, 5)).size() == (v6only ? 1 : 0));
  CHECK(socket.queue.packets() == (v6only ? 1 : 2));
  CHECK(world.counter("Udp.NoPorts") == (v6only ? 1 : 0));
  CHECK(world.counter("Udp6.NoPorts") == 0);
  if (!v6only) {
    static_cast<void>(socket.queue.pop());
    CHECK(udp::udp_sender(*socket.queue.pop()).address == IpAddress(address_of(2)));
  }
}

TEST_CASE("IPv4's own socket comes before one of both families, whichever was bound last", "[udp][ip6][dual]") {
  const bool dual_last = GENERATE(false, true);
  Udp6World world;
  udp::UdpSocket& inet = world.make(AddressFamily::inet);
  udp::UdpSocket& dual = world.make();
  inet.reuse_address = dual.reuse_address = true;
  for (udp::UdpSocket* socket : dual_last ? std::array{&inet, &dual} : std::array{&dual, &inet}) {
    REQUIRE(udp_bind(world.udp(), *socket, {}, 1000).ok());
  }
  CHECK(world.answer_to(udp_frame(4000, 1000, 5)).empty());
  CHECK(world.answer_to(udp6_frame(4000, 1000, 5)).empty());
  CHECK(inet.queue.packets() == 1);
  CHECK(dual.queue.packets() == 1);
}

TEST_CASE("who may share a port is a matter of the datagrams that both would get", "[udp][ip6][bind]") {
  struct Name {
    AddressFamily family;
    IpAddress address;
    bool v6only = false;
  };
  const auto inet = AddressFamily::inet;
  const auto inet6 = AddressFamily::inet6;
  const Name any4{inet, {}};
  const Name one4{inet, address_of(1)};
  const Name any6{inet6, {}};
  const Name only6{inet6, {}, true};
  const Name one6{inet6, global_of(1)};
  const Name mapped{inet6, address_of(1)};
  const Name mapped_any{inet6, headers::kAnyAddress};
  struct Row {
    Name first;
    Name second;
    bool fits;
  };
  const std::vector<Row> rows{
      {any4, any6, false},      {any4, only6, true},       {any4, one6, true},        {any4, mapped, false},
      {one4, any6, false},      {one4, only6, true},       {one4, one6, true},        {one4, mapped, false},
      {one6, any6, false},      {one6, only6, false},      {one6, one6, false},       {one6, mapped, true},
      {any6, mapped, false},    {any6, only6, false},      {mapped_any, only6, true}, {mapped_any, any4, false},
      {mapped_any, one6, true}, {mapped_any, any6, false},
  };
  for (const Row& row : rows) {
    for (const bool turned : {false, true}) {
      INFO(&row - rows.data() << (turned ? " turned" : ""));
      Udp6World world;
      const auto bind = [&](const Name& name) {
        udp::UdpSocket& socket = world.make(name.family);
        socket.inet6.v6only = name.v6only;
        return udp_bind(world.udp(), socket, name.address, 1000);
      };
      REQUIRE(bind(turned ? row.second : row.first).ok());
      const auto second = bind(turned ? row.first : row.second);
      CHECK(second.ok() == row.fits);
      if (!second.ok()) CHECK(second.error() == Errno::address_in_use);
    }
  }
}

TEST_CASE("a socket is bound to what is there and what it speaks", "[udp][ip6][bind]") {
  Udp6World world;
  const unsigned eth0 = world.eth0().ifindex();
  const auto bind = [&](AddressFamily family, const IpAddress& address, unsigned scope = 0, bool v6only = false) {
    udp::UdpSocket& socket = world.make(family);
    socket.inet6.v6only = v6only;
    const auto bound = udp_bind(world.udp(), socket, address, 0, scope);
    return bound.ok() ? std::optional<Errno>() : bound.error();
  };
  const auto inet = AddressFamily::inet;
  const auto inet6 = AddressFamily::inet6;
  CHECK(bind(inet, global_of(1)) == Errno::invalid);
  CHECK(bind(inet6, global_of(9)) == Errno::address_not_available);
  CHECK(bind(inet6, address_of(9)) == Errno::address_not_available);
  CHECK(bind(inet6, address_of(1), 0, true) == Errno::invalid);
  CHECK_FALSE(bind(inet6, address_of(1)));
  CHECK_FALSE(bind(inet6, kGroup, eth0));
  CHECK(bind(inet6, kGroup) == Errno::invalid);
  CHECK(bind(inet6, link_local(1)) == Errno::invalid);
  CHECK_FALSE(bind(inet6, link_local(1), eth0));
  CHECK(bind(inet6, link_local(1), world.station().host.ip().loopback->ifindex()) == Errno::address_not_available);
  CHECK(world.sockets.back()->bound_ifindex == 0);  // it failed
}

TEST_CASE("a datagram over IPv6 has its right checksum or is dropped, also when it has none", "[udp][ip6][input]") {
  struct Row {
    const char* what;
    void (*bend)(Frame&);
    const char* counter;
    const char* reason;
  };
  const std::vector<Row> rows{
      {"payload", [](Frame& frame) { frame.back() ^= std::byte{1}; }, "Udp6.InCsumErrors", "drop.udp_bad_checksum"},
      {"none", [](Frame& frame) { base::store_be16(frame, kTransport6At + 6, 0); }, "Udp6.InCsumErrors",
       "drop.udp_bad_checksum"},
      {"length", [](Frame& frame) { base::store_be16(frame, kTransport6At + 4, 59); }, "Udp6.InErrors",
       "drop.udp_bad_length"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Udp6World world;
    const udp::UdpSocket& socket = world.open({}, 1000);
    Frame frame = udp6_frame(4000, 1000, 50);
    row.bend(frame);
    CHECK(world.answer_to(frame).empty());
    CHECK(world.counter(row.counter) == 1);
    CHECK(world.counter("Udp6.InErrors") == 1);
    CHECK(world.counter("Udp.InErrors") == 0);
    CHECK(world.counter(row.reason) == 1);
    CHECK(socket.queue.empty());
  }
}

TEST_CASE("a datagram without a checksum is dropped over IPv6 whatever the device says of it", "[udp][ip6][input]") {
  Udp6World world;
  const udp::UdpSocket& socket = world.open({}, 1000);
  Frame frame = udp6_frame(4000, 1000, 50);
  base::store_be16(frame, kTransport6At + 6, 0);
  for (const auto known : {skb::IpSummed::none, skb::IpSummed::unnecessary}) {
    skb::Skb packet = world.station().host.pool().allocate(static_cast<std::uint32_t>(frame.size()));
    std::ranges::copy(frame, packet->put(static_cast<std::uint32_t>(frame.size())).begin());
    packet->dev = &world.eth0();
    packet->ip_summed = known;
    packet->pull(kIp6At);
    packet->reset_network_header();
    packet->pull(headers::kIpv6HeaderBytes);
    udp::Endpoints name{.local = global_of(1), .peer = global_of(2)};
    udp::udp_rcv(world.udp(), world.cpu(), std::move(packet), name);
  }
  CHECK(world.counter("Udp6.InCsumErrors") == 2);
  CHECK(socket.queue.empty());
}

TEST_CASE("what finds a full buffer counts for its family", "[udp][ip6][input]") {
  Udp6World world;
  udp::UdpSocket& socket = world.open({}, 1000);
  socket.queue.set_limit(-1);
  CHECK(world.answer_to(udp6_frame(4000, 1000, 5)).empty());
  CHECK(world.counter("Udp6.RcvbufErrors") == 1);
  CHECK(world.counter("Udp6.InErrors") == 1);
  CHECK(world.answer_to(udp_frame(4000, 1000, 5)).empty());
  CHECK(world.counter("Udp6.RcvbufErrors") == 1);
  CHECK(world.counter("Udp.RcvbufErrors") == 1);
  CHECK(socket.drops == 2);
}

TEST_CASE("a closed port is answered by ICMPv6 that quotes the datagram", "[udp][ip6][input]") {
  Udp6World world;
  const auto answers = world.answer_to(udp6_frame(4000, 1000, 5));
  REQUIRE(answers.size() == 1);
  const auto message = icmp6_of(answers[0]);
  CHECK(message.type() == headers::Icmp6Type::destination_unreachable);
  CHECK(message.code() == 4);
  CHECK(ip6_of(answers[0]).destination() == global_of(2));
  CHECK(message.checksum_ok(global_of(1), global_of(2)));
  const auto quoted = headers::Ipv6View::parse_quoted(message.payload());
  REQUIRE(quoted);
  CHECK(quoted->source() == global_of(2));
  CHECK(quoted->packet().size() == headers::kIpv6HeaderBytes + 13);
  CHECK(world.counter("Udp6.NoPorts") == 1);
  CHECK(world.counter("drop.udp_no_port") == 1);
}

TEST_CASE("an unreachable port is an error to the socket connected over IPv6 alone", "[udp][ip6][error]") {
  Udp6World world;
  udp::UdpSocket& connected = world.open({}, 1000);
  udp::UdpSocket& free = world.open({}, 2000);
  REQUIRE(udp_connect(world.udp(), world.cpu(), connected, global_of(2), 9).ok());
  const auto tell = [&](std::uint16_t port, std::uint8_t code) {
    const Frame ours = udp6_frame(port, 9, 10, {.source = global_of(1), .destination = global_of(2)});
    const Frame quote(ours.begin() + kIp6At, ours.begin() + kTransport6At + 8);
    CHECK(world
              .answer_to(
                  icmp6_frame({.type = headers::Icmp6Type::destination_unreachable, .code = code, .word = 0}, quote))
              .empty());
  };
  tell(1000, 0);  // no route: may be for now only
  CHECK_FALSE(connected.queue.has_error());
  tell(1000, 4);
  tell(2000, 4);
  CHECK(connected.queue.take_error() == Errno::connection_refused);
  CHECK_FALSE(free.queue.has_error());
}

TEST_CASE("a group's datagrams reach those who joined, each with his own", "[udp][ip6][multicast]") {
  Udp6World world;
  auto& calls = world.station().host.sockets();
  auto& self = world.station().start("test", [](kernel::Process& me) -> kernel::Task<void> { co_await me.yield(); });
  const auto open = [&] {
    const int fd = *calls.socket(self, socket::SocketKind::udp6);
    REQUIRE(calls.set_option(fd, socket::SocketOption::reuse_address, true).ok());
    REQUIRE(calls.bind(self, fd, {{}, 1000}).ok());
    return fd;
  };
  const int member = open();
  const int listener = open();
  const int other = open();
  REQUIRE(calls.set_option(other, socket::SocketOption::multicast_all6, false).ok());
  const auto all = world.udp().table.sockets_of_port(1000);
  REQUIRE(all.size() == 3);
  const auto heard = [&] {
    return std::vector{all[0]->queue.packets(), all[1]->queue.packets(), all[2]->queue.packets()};
  };
  const Packet6Options to_group{.destination = kGroup};

  CHECK(world.answer_to(udp6_frame(4000, 1000, 5, to_group)).empty());
  CHECK(heard() == std::vector<std::size_t>{0, 0, 0});  // nobody here belongs to it

  REQUIRE(calls.join_group6(self, member, kGroup).ok());
  CHECK(calls.join_group6(self, member, kGroup).error() == Errno::address_in_use);
  CHECK(calls.join_group6(self, member, global_of(1)).error() == Errno::invalid);
  CHECK(calls.join_group6(self, member, kGroup, "eth7").error() == Errno::no_device);
  world.run_for(3 * kSecond);  // routers are told
  static_cast<void>(world.take());
  CHECK(world.answer_to(udp6_frame(4000, 1000, 5, to_group)).empty());
  CHECK(heard() == std::vector<std::size_t>{1, 1, 0});
  CHECK(world.answer_to(udp6_frame(4000, 1001, 5, to_group)).empty());  // nobody's port: no answer to a group
  CHECK(world.counter("Udp6.IgnoredMulti") == 1);
  CHECK(world.counter("Udp6.NoPorts") == 0);

  CHECK(calls.leave_group6(self, listener, kGroup).error() == Errno::address_not_available);
  REQUIRE(calls.close(self, member).ok());
  world.run_for(3 * kSecond);  // routers are told
  static_cast<void>(world.take());
  CHECK(world.answer_to(udp6_frame(4000, 1000, 5, to_group)).empty());
  CHECK(all[1]->queue.packets() == 1);
}

TEST_CASE("a lookup among 1000 sockets of IPv6 compares as few as among 10", "[udp][ip6][lookup]") {
  udp::UdpTable table(1);
  std::vector<std::unique_ptr<udp::UdpSocket>> sockets;
  const auto name = [](unsigned i) {
    return udp::Endpoints{.local = global_of(1),
                          .local_port = 1000,
                          .peer = Ipv6Address::of(0x2001, 0xdb8, i % 32, 0, 0, 0, i / 32, 7),
                          .peer_port = 9};
  };
  constexpr unsigned kCount = 1000;
  for (unsigned i = 0; i < kCount; ++i) {
    sockets.push_back(std::make_unique<udp::UdpSocket>(1, AddressFamily::inet6));
    sockets.back()->endpoints = name(i);
    sockets.back()->reuse_address = true;
    REQUIRE(table.insert(*sockets.back()).ok());
  }
  for (unsigned i = 0; i < kCount; ++i) REQUIRE(table.lookup(name(i)) == sockets[i].get());
  CHECK(static_cast<double>(table.probes()) / kCount < 2.5);
  for (const auto& socket : sockets) table.remove(*socket);
}
