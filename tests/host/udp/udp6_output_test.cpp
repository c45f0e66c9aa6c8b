// SPDX-License-Identifier: Apache-2.0
// UDP over both families on its way out: what stands in the packet, by which device, as whom.
#include <catch2/catch.hpp>

#include "host/base/byte_order.hpp"
#include "tests/host/udp/udp6_world.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using headers::AddressFamily;
using headers::IpAddress;
using headers::Ipv6Address;
using socket::SocketAddress;
using socket::SocketKind;
using socket::SocketOption;

namespace {

const Ipv6Address kGroup = Ipv6Address::of(0xff0e, 0, 0, 0, 0, 0, 0, 0x1234);
const std::vector<std::byte> kPayload(33, std::byte{0x77});

headers::UdpView udp_of(const Frame& frame) {
  return headers::UdpView::parse(ip6_of(frame).payload()).value();
}

}  // namespace

TEST_CASE("what is sent over IPv6 carries ports, length, checksum, hop limit and traffic class", "[udp][ip6][output]") {
  const bool offload = GENERATE(false, true);
  Udp6World world;
  if (offload) world.eth0().set_offloads({.checksum = true});
  udp::UdpSocket& socket = world.open({}, 1000);
  socket.inet6.unicast_hops = 9;
  socket.inet6.traffic_class = 0xb8;
  REQUIRE(udp_send(world.udp(), world.cpu(), socket, global_of(2), 9, kPayload).ok());
  const auto sent = world.take();
  REQUIRE(sent.size() == 1);
  const auto header = ip6_of(sent[0]);
  CHECK(header.source() == global_of(1));
  CHECK(header.destination() == global_of(2));
  CHECK(header.hop_limit() == 9);
  CHECK((base::load_be16(sent[0], kIp6At) & 0x0ff0) == 0xb80);
  CHECK(udp_of(sent[0]).fields().source_port == 1000);
  CHECK(udp_of(sent[0]).fields().destination_port == 9);
  CHECK(udp_of(sent[0]).payload().size() == 33);
  // A device that computes checksums finds the pseudo header's sum.
  CHECK(udp_of(sent[0]).checksum_ok(global_of(1), global_of(2)) == !offload);
  if (offload) {
    Frame whole(8 + kPayload.size());
    headers::write_udp_partial(whole, 1000, 9, global_of(1), global_of(2));
    CHECK(base::load_be16(sent[0], kTransport6At + 6) == base::load_be16(whole, 6));
  }
  CHECK(world.counter("Udp6.OutDatagrams") == 1);
  CHECK(world.counter("Udp.OutDatagrams") == 0);
}

TEST_CASE("a checksum that comes out as nothing is sent as all ones over IPv6", "[udp][ip6][output]") {
  // The word that makes the sum zero is found by asking for the checksum without it.
  Frame datagram(10);
  headers::write_udp(datagram, 1000, 9, global_of(1), global_of(2));
  base::store_be16(datagram, 8, base::load_be16(datagram, 6));
  headers::write_udp(datagram, 1000, 9, global_of(1), global_of(2));
  CHECK(base::load_be16(datagram, 6) == 0xffff);
  CHECK(headers::UdpView::parse(datagram)->checksum_ok(global_of(1), global_of(2)));
}

TEST_CASE("an IPv6 socket speaks IPv4 with mapped addresses, unless it says IPV6_V6ONLY", "[udp][ip6][dual]") {
  Udp6World world;
  udp::UdpSocket& socket = world.make();
  REQUIRE(udp_send(world.udp(), world.cpu(), socket, address_of(2), 9, kPayload).ok());
  const auto sent = world.take();
  REQUIRE(sent.size() == 1);
  CHECK(ip_of(sent[0]).source() == address_of(1));
  CHECK(headers::UdpView::parse(ip_of(sent[0]).payload())->checksum_ok(address_of(1), address_of(2)));
  CHECK(world.counter("Udp.OutDatagrams") == 1);
  CHECK(world.counter("Udp6.OutDatagrams") == 0);

  REQUIRE(udp_connect(world.udp(), world.cpu(), socket, address_of(2), 9).ok());
  CHECK(socket.endpoints.local == IpAddress(address_of(1)));
  CHECK(world.answer_to(udp_frame(9, socket.endpoints.local_port, 5)).empty());
  CHECK(socket.queue.packets() == 1);

  udp::UdpSocket& only = world.make();
  only.inet6.v6only = true;
  CHECK(udp_send(world.udp(), world.cpu(), only, address_of(2), 9, kPayload).error() == Errno::network_unreachable);
  CHECK(udp_connect(world.udp(), world.cpu(), only, address_of(2), 9).error() == Errno::network_unreachable);
  udp::UdpSocket& inet = world.make(AddressFamily::inet);
  CHECK(udp_send(world.udp(), world.cpu(), inet, global_of(2), 9, kPayload).error() == Errno::invalid);
  CHECK(udp_connect(world.udp(), world.cpu(), inet, global_of(2), 9).error() == Errno::invalid);
}

TEST_CASE("sending over IPv6 names why it cannot", "[udp][ip6][output]") {
  Udp6World world;
  udp::UdpSocket& socket = world.open({}, 1000);
  const auto send = [&](const Ipv6Address& to, std::uint16_t port, unsigned scope = 0) {
    const auto sent = udp_send(world.udp(), world.cpu(), socket, to, port, kPayload, scope);
    return sent.ok() ? std::optional<Errno>() : sent.error();
  };
  CHECK(send(global_of(2), 0) == Errno::invalid);
  CHECK(send(Ipv6Address::of(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 9) == Errno::network_unreachable);
  CHECK(world.counter("Ip6.OutNoRoutes") == 1);
  CHECK(send(link_local(2), 9) == Errno::invalid);
  CHECK(send(link_local(2), 9, 99) == Errno::no_device);
  CHECK_FALSE(send(link_local(2), 9, world.eth0().ifindex()));
  const std::vector<std::byte> large(65'528);
  CHECK(udp_send(world.udp(), world.cpu(), socket, global_of(2), 9, large).error() == Errno::message_size);
}

TEST_CASE("a link-local peer is known with his device, and a socket connected to him is bound to it",
          "[udp][ip6][scope]") {
  Udp6World world;
  const unsigned eth0 = world.eth0().ifindex();
  udp::UdpSocket& socket = world.open({}, 1000);
  static_cast<void>(
      world.answer_to(udp6_frame(4000, 1000, 5, {.source = link_local(2), .destination = link_local(1)})));
  REQUIRE(socket.queue.packets() == 1);
  const udp::Sender sender = udp::udp_sender(*socket.queue.pop());
  CHECK(sender.address == IpAddress(link_local(2)));
  CHECK(sender.scope == eth0);

  CHECK(udp_connect(world.udp(), world.cpu(), socket, link_local(2), 4000).error() == Errno::invalid);
  REQUIRE(udp_connect(world.udp(), world.cpu(), socket, link_local(2), 4000, eth0).ok());
  CHECK(socket.bound_ifindex == eth0);
  CHECK(socket.endpoints.local == IpAddress(link_local(1)));
  REQUIRE(udp_send(world.udp(), world.cpu(), socket, link_local(2), 4000, kPayload).ok());
  const auto sent = world.take();
  REQUIRE_FALSE(sent.empty());
  CHECK(ip6_of(sent.back()).source() == link_local(1));
}

TEST_CASE("to nobody in particular means to this host", "[udp][ip6][output]") {
  Udp6World world;
  udp::UdpSocket& server = world.open({}, 1000);
  udp::UdpSocket& client = world.make();
  REQUIRE(udp_connect(world.udp(), world.cpu(), client, {}, 1000).ok());
  CHECK(client.endpoints.peer == IpAddress(headers::kIpv6Loopback));
  REQUIRE(udp_send(world.udp(), world.cpu(), client, headers::kIpv6Loopback, 1000, kPayload).ok());
  world.run_for(kMillisecond);
  REQUIRE(server.queue.packets() == 1);
  CHECK(udp::udp_sender(*server.queue.front()).address == IpAddress(headers::kIpv6Loopback));
  REQUIRE(udp_send(world.udp(), world.cpu(), server, global_of(1), client.endpoints.local_port, kPayload).ok());
  CHECK(world.take().empty());  // our own address: not by the wire
}

TEST_CASE("a group is spoken to by the device that is told, one hop far", "[udp][ip6][multicast]") {
  Udp6World world;
  udp::UdpSocket& socket = world.open({}, 1000);
  const Ipv6Address of_a_link = Ipv6Address::of(0xff02, 0, 0, 0, 0, 0, 0, 0x123);
  CHECK(udp_send(world.udp(), world.cpu(), socket, of_a_link, 9, kPayload).error() == Errno::invalid);
  socket.inet6.multicast_ifindex = world.eth0().ifindex();
  socket.inet6.unicast_hops = 77;
  REQUIRE(udp_send(world.udp(), world.cpu(), socket, kGroup, 9, kPayload).ok());
  socket.inet6.multicast_hops = 5;
  REQUIRE(udp_send(world.udp(), world.cpu(), socket, kGroup, 9, kPayload).ok());
  const auto sent = world.take();
  REQUIRE(sent.size() == 2);
  CHECK(ip6_of(sent[0]).hop_limit() == 1);
  CHECK(ip6_of(sent[1]).hop_limit() == 5);
  CHECK(base::load_be16(sent[0], 0) == 0x3333);
}

TEST_CASE("the socket calls speak of both families", "[udp][ip6][socket]") {
  Udp6World world;
  world.set(1, "net.ipv6.bindv6only", 1);
  auto& calls = world.station().host.sockets();
  bool done = false;
  static_cast<void>(world.station().start("test", [&](kernel::Process& self) -> kernel::Task<void> {
    const int only = *calls.socket(self, SocketKind::udp6);
    CHECK(*calls.option(only, SocketOption::v6only));
    CHECK(calls.set_option(only, SocketOption::v6only, false).ok());
    CHECK(*calls.name(only) == SocketAddress{});
    CHECK(calls.bind(self, only, {{}, 1000}).ok());
    CHECK(calls.set_option(only, SocketOption::v6only, true).error() == Errno::invalid);
    CHECK(*calls.name(only) == SocketAddress{{}, 1000});
    const int inet = *calls.socket(self, SocketKind::udp);
    CHECK(*calls.name(inet) == SocketAddress{headers::kAnyAddress, 0});
    CHECK(calls.set_option(inet, SocketOption::v6only, true).error() == Errno::not_supported);
    CHECK(calls.set_traffic_class(inet, 1).error() == Errno::not_supported);
    CHECK(calls.set_unicast_hops(only, std::uint8_t{0}).error() == Errno::invalid);
    CHECK(calls.set_unicast_hops(only, std::uint8_t{3}).ok());
    CHECK(calls.join_group6(self, inet, kGroup).error() == Errno::not_supported);

    world.station().nic.deliver(udp6_frame(4000, 1000, 30, {.hop_limit = 44}));
    world.station().nic.deliver(udp_frame(4001, 1000, 31));
    std::array<std::byte, 100> buffer{};
    const auto first = co_await calls.recvfrom(self, only, buffer);
    CHECK(first->from == SocketAddress{global_of(2), 4000});
    CHECK(first->ttl == 44);
    const auto second = co_await calls.recvfrom(self, only, buffer);
    CHECK(second->from == SocketAddress{address_of(2), 4001});
    CHECK(second->bytes == 31);
    const auto sent = co_await calls.sendto(self, only, std::span(buffer).first(7), first->from);
    CHECK(sent.ok());
    CHECK(calls.connect(self, only, {global_of(2), 4000}).ok());
    CHECK(*calls.path_mtu(self, only) == 1500);
    CHECK(*calls.name(only) == SocketAddress{global_of(1), 1000});
    done = true;
  }));
  world.run_for(kMillisecond);
  CHECK(done);
  const auto sent = world.take();
  REQUIRE(sent.size() == 1);
  CHECK(ip6_of(sent[0]).hop_limit() == 3);
  CHECK(world.counter("Udp6.InDatagrams") == 1);
  CHECK(world.counter("Udp.InDatagrams") == 1);
}

TEST_CASE("sockets that share an IPv6 name share its flows, those of both families all flows", "[udp][ip6][reuse]") {
  Udp6World world;
  for (int i = 0; i < 4; ++i) {
    udp::UdpSocket& socket = world.make();
    socket.reuse_port = true;
    REQUIRE(udp_bind(world.udp(), socket, {}, 1000).ok());
  }
  CHECK(world.sockets[0]->group->size() == 4);
  for (std::uint16_t i = 0; i < 40; ++i) {
    CHECK(world.answer_to(udp6_frame(static_cast<std::uint16_t>(4000 + i), 1000, 5)).empty());
    CHECK(world.answer_to(udp_frame(static_cast<std::uint16_t>(4000 + i), 1000, 5)).empty());
  }
  std::size_t sum = 0;
  for (const auto& socket : world.sockets) {
    CHECK(socket->queue.packets() > 8);
    sum += socket->queue.packets();
  }
  CHECK(sum == 80);
}
