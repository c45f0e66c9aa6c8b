// SPDX-License-Identifier: Apache-2.0
// What a message says of its way: IP_PKTINFO and IPV6_PKTINFO when sending.
#include <catch2/catch.hpp>

#include "host/headers/ipv4.hpp"
#include "host/headers/ipv6.hpp"
#include "tests/host/apps/packets.hpp"
#include "tests/host/ip6/world6.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using headers::IpAddress;
using headers::Ipv4Address;
using kernel::Process;
using kernel::Task;
using socket::PacketSource;
using socket::SocketAddress;
using socket::SocketCalls;
using socket::SocketKind;

namespace {

/// A second address of each family on eth0, and a device d0 that leads elsewhere.
struct SourceWorld : Lone6 {
  SourceWorld() {
    type("ip addr add 10.0.0.77/24 dev eth0; ip link add d0 up type dummy");
    type("ip addr add 10.9.0.1/24 dev d0; ip route add 10.2.0.0/16 dev d0; ip addr add fd00::77/64 dev eth0");
    run_for(5 * kSecond);  // duplicate detection
    introduce();
    static_cast<void>(answer_to(introduction(2)));
  }
  SocketCalls& calls() { return station().host.sockets(); }
  device::NetDevice& device(const char* name) { return *station().host.net().device_by_name(name); }
  unsigned index_of(const char* name) { return device(name).ifindex(); }
  void type(const std::string& line) {
    run([&](Process& self) -> Task<void> {
      const auto sink = [](console::Stream, std::string_view text) { UNSCOPED_INFO(text); };
      const int status = co_await station().host.console().run(self, line, sink);
      CHECK(status == 0);
    });
  }

  /// What leaves by eth0; no_entry: nothing; or why nothing does.
  base::Result<Frame> send(SocketKind kind, SocketAddress to, std::optional<PacketSource> source,
                           std::string_view bound = {}) {
    base::Result<Frame> result = Errno::no_entry;
    run([&](Process& self) -> Task<void> {
      const int fd = *calls().socket(self, kind);
      if (!bound.empty()) CHECK(calls().bind_to_device(fd, bound).ok());
      const Frame data(10);
      const auto sent = co_await calls().sendto(self, fd, data, to, {.source = source});
      if (!sent.ok()) result = sent.error();
      static_cast<void>(calls().close(self, fd));
    });
    const auto frames = take();
    return frames.empty() ? result : base::Result<Frame>(frames.front());
  }
};

IpAddress source_of(const Frame& frame) {
  const auto packet = std::span(frame).subspan(14);
  if (const auto header = headers::Ipv4View::parse_quoted(packet)) return header->source();
  return headers::Ipv6View::parse_quoted(packet)->source();
}

const auto kLinkLocal = headers::link_local_of(mac_of(1));
const Ipv4Address kOther = Ipv4Address::of(10, 0, 0, 77);

}  // namespace

TEST_CASE("IP_PKTINFO says as whom one datagram goes", "[socket][info]") {
  SourceWorld world;
  const SocketAddress peer{address_of(2), 9};
  auto sent = world.send(SocketKind::udp, peer, {});
  REQUIRE(sent.ok());
  CHECK(source_of(*sent) == IpAddress(address_of(1)));
  sent = world.send(SocketKind::udp, peer, PacketSource{.address = kOther});
  REQUIRE(sent.ok());
  CHECK(source_of(*sent) == IpAddress(kOther));
  // An IPv6 socket says it mapped, and has to say one.
  sent = world.send(SocketKind::udp6, peer, PacketSource{.address = kOther});
  REQUIRE(sent.ok());
  CHECK(source_of(*sent) == IpAddress(kOther));
  const PacketSource unspecified{.address = headers::kUnspecified, .ifindex = world.index_of("eth0")};
  CHECK(world.send(SocketKind::udp6, peer, unspecified).error() == Errno::invalid);

  const auto no_routes = world.counter("Ip.OutNoRoutes");
  CHECK(world.send(SocketKind::udp, peer, PacketSource{.address = address_of(2)}).error() == Errno::invalid);
  CHECK(world.send(SocketKind::udp, peer, PacketSource{.address = global_of(1)}).error() == Errno::invalid);
  CHECK(world.send(SocketKind::ping, peer, PacketSource{.address = kOther}).error() == Errno::not_supported);
  CHECK(world.counter("Ip.OutNoRoutes") == no_routes);
}

TEST_CASE("The device that IP_PKTINFO names goes before the socket's", "[socket][info]") {
  SourceWorld world;
  const SocketAddress peer{address_of(2), 9};
  const SocketAddress behind{Ipv4Address::of(10, 2, 0, 1), 9};
  CHECK(world.send(SocketKind::udp, peer, PacketSource{.ifindex = 99}).error() == Errno::no_device);
  const auto before = world.device("d0").stats().tx_packets;
  CHECK(world.send(SocketKind::udp, behind, PacketSource{.ifindex = world.index_of("d0")}).error() == Errno::no_entry);
  CHECK(world.device("d0").stats().tx_packets == before + 1);
  CHECK(world.send(SocketKind::udp, peer, PacketSource{.ifindex = world.index_of("eth0")}, "d0").ok());
  world.type("ip link set d0 down");
  const auto no_routes = world.counter("Ip.OutNoRoutes");
  const auto down = world.send(SocketKind::udp, behind, PacketSource{.ifindex = world.index_of("d0")});
  CHECK(down.error() == Errno::network_unreachable);
  CHECK(world.counter("Ip.OutNoRoutes") == no_routes + 1);
}

TEST_CASE("A socket's name does not outlive a message's IP_PKTINFO without address", "[socket][info]") {
  SourceWorld world;
  world.run([&](Process& self) -> Task<void> {
    const int fd = *world.calls().socket(self, SocketKind::udp);
    CHECK(world.calls().bind(self, fd, {kOther, 5000}).ok());
    const Frame data(10);
    const std::array<socket::Outgoing, 3> messages{
        {{data, {}, {}}, {data, {}, PacketSource{}}, {data, {}, PacketSource{.address = address_of(1)}}}};
    CHECK(world.calls().connect(self, fd, {address_of(2), 9}).ok());
    const auto plain = co_await world.calls().sendmmsg(self, fd, messages);
    const auto told = co_await world.calls().sendmmsg(self, fd, messages, {.source = PacketSource{.address = kOther}});
    CHECK(*plain == 3);
    CHECK(*told == 3);
  });
  const auto frames = world.take();
  REQUIRE(frames.size() == 6);
  CHECK(source_of(frames[0]) == IpAddress(kOther));
  CHECK(source_of(frames[1]) == IpAddress(address_of(1)));
  CHECK(source_of(frames[2]) == IpAddress(address_of(1)));
  CHECK(source_of(frames[3]) == IpAddress(kOther));
}

TEST_CASE("IPV6_PKTINFO says as whom and by which device one datagram goes", "[socket][info]") {
  SourceWorld world;
  const SocketAddress peer{global_of(2), 9};
  const auto other = *headers::Ipv6Address::parse("fd00::77");
  const unsigned eth0 = world.index_of("eth0");
  auto sent = world.send(SocketKind::udp6, peer, PacketSource{.address = other});
  REQUIRE(sent.ok());
  CHECK(source_of(*sent) == IpAddress(other));
  sent = world.send(SocketKind::udp6, peer, PacketSource{.address = kLinkLocal, .ifindex = eth0});
  REQUIRE(sent.ok());
  CHECK(source_of(*sent) == IpAddress(kLinkLocal));
  sent = world.send(SocketKind::udp6, peer, PacketSource{.ifindex = eth0}, "eth0");
  REQUIRE(sent.ok());
  CHECK(source_of(*sent) != IpAddress(kLinkLocal));

  const auto refused = [&](PacketSource source, std::string_view bound = {}) {
    return world.send(SocketKind::udp6, peer, source, bound).error();
  };
  CHECK(refused({.address = global_of(2)}) == Errno::invalid);
  CHECK(refused({.address = kOther}) == Errno::invalid);
  CHECK(refused({.address = kLinkLocal}) == Errno::invalid);
  CHECK(refused({.address = kLinkLocal, .ifindex = world.index_of("d0")}) == Errno::invalid);
  CHECK(refused({.ifindex = world.index_of("d0")}, "eth0") == Errno::invalid);
  CHECK(refused({.ifindex = 99}) == Errno::no_device);
}
