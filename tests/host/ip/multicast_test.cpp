// SPDX-License-Identifier: Apache-2.0
// Multicast and broadcast between sockets: who hears, who is refused, what the options change.
#include <catch2/catch.hpp>

#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using headers::Ipv4Address;
using socket::SocketAddress;
using socket::SocketKind;

namespace {

constexpr Ipv4Address kGroup{0xef01'0203};  // 239.1.2.3
constexpr std::uint16_t kPort = 5000;

/// A station with a process that makes calls one by one, and a default route for groups.
struct Groups : Lone {
  Groups() { REQUIRE(station().host.add_route({}, address_of(2)).ok()); }
  socket::SocketCalls& calls() { return station().host.sockets(); }
  kernel::Process& self() {
    if (process == nullptr) {
      process = &station().start(
          "idle", [](kernel::Process& me) -> kernel::Task<void> { co_await me.sleep_for(1'000'000 * kSecond); });
      run_for(kMicrosecond);
    }
    return *process;
  }
  int bound(Ipv4Address address = {}, std::uint16_t port = kPort) {
    const int fd = *calls().socket(self(), SocketKind::udp);
    REQUIRE(calls().set_option(fd, socket::SocketOption::reuse_address, true).ok());
    REQUIRE(calls().set_option(fd, socket::SocketOption::broadcast, true).ok());
    REQUIRE(calls().bind(self(), fd, {address, port}).ok());
    return fd;
  }
  std::size_t heard(int fd) {
    std::size_t count = 0;
    static_cast<void>(station().start("reader", [&](kernel::Process& me) -> kernel::Task<void> {
      Frame buffer(2000);
      for (bool more = true; more;) {
        const auto message = co_await calls().recvfrom(me, fd, buffer, {.dont_wait = true});
        more = message.ok();
        count += more ? 1 : 0;
      }
    }));
    run_for(kMillisecond);
    return count;
  }
  void send(int fd, Ipv4Address to, std::uint16_t port = kPort) {
    static_cast<void>(station().start("writer", [&](kernel::Process& me) -> kernel::Task<void> {
      const std::byte byte{};
      const auto sent = co_await calls().sendto(me, fd, {&byte, 1}, SocketAddress{to, port});
      CHECK(sent.ok());
    }));
    run_for(kMillisecond);
  }
  /// A datagram to the group comes by the wire.
  void arrive(Ipv4Address group = kGroup, Ipv4Address source = address_of(2)) {
    station().nic.deliver(udp_frame(
        4000, kPort, 10, {.destination_mac = headers::multicast_mac(group), .source = source, .destination = group}));
    run_for(kMillisecond);
  }
  std::vector<Frame> datagrams() {
    std::vector<Frame> found;
    for (Frame& frame : take()) {
      const bool ipv4 = headers::EthernetView::parse(frame)->type() == headers::EtherType::ipv4;
      if (ipv4 && ip_of(frame).protocol() == headers::IpProtocol::udp) found.push_back(std::move(frame));
    }
    return found;
  }

  kernel::Process* process = nullptr;
};

}  // namespace

TEST_CASE("a group's datagrams come in for members alone", "[ip][multicast]") {
  Groups world;
  const int fd = world.bound();
  world.arrive();
  CHECK(world.heard(fd) == 0);
  CHECK(world.counter("drop.ip_not_member") == 1);
  REQUIRE(world.calls().join_group(world.self(), fd, kGroup).ok());
  world.arrive();
  CHECK(world.heard(fd) == 1);
  CHECK(world.counter("IpExt.InMcastPkts") == 1);
  world.arrive(Ipv4Address{kGroup.value + 1});
  CHECK(world.heard(fd) == 0);
  world.arrive(kGroup, address_of(1));  // somebody says that he is us
  CHECK(world.counter("drop.ip_bad_source") == 1);
  REQUIRE(world.calls().leave_group(world.self(), fd, kGroup).ok());
  world.arrive();
  CHECK(world.heard(fd) == 0);
}

TEST_CASE("every member hears; who is none hears with IP_MULTICAST_ALL", "[ip][multicast]") {
  Groups world;
  const int first = world.bound();
  const int second = world.bound();
  const int stranger = world.bound();
  const int by_name = world.bound(kGroup);
  REQUIRE(world.calls().join_group(world.self(), first, kGroup, "eth0").ok());
  REQUIRE(world.calls().join_group(world.self(), second, kGroup, "eth0").ok());
  world.arrive();
  CHECK(world.heard(first) == 1);
  CHECK(world.heard(second) == 1);
  CHECK(world.heard(stranger) == 1);
  CHECK(world.heard(by_name) == 1);
  REQUIRE(world.calls().set_multicast(stranger, {.all = false}).ok());
  REQUIRE(world.calls().set_multicast(first, {.all = false}).ok());
  world.arrive();
  CHECK(world.heard(first) == 1);
  CHECK(world.heard(stranger) == 0);
  REQUIRE(world.calls().close(world.self(), first).ok());
  world.arrive();
  CHECK(world.heard(second) == 2);
  REQUIRE(world.calls().close(world.self(), second).ok());
  world.arrive();
  CHECK(world.heard(by_name) == 2);  // the last member took the group along
}

TEST_CASE("joining names why it cannot", "[ip][multicast][socket]") {
  Groups world;
  auto& calls = world.calls();
  const int fd = world.bound();
  CHECK(calls.join_group(world.self(), fd, address_of(9)).error() == Errno::invalid);
  CHECK(calls.join_group(world.self(), fd, kGroup, "eth9").error() == Errno::no_device);
  CHECK(calls.join_group(world.self(), 99, kGroup).error() == Errno::bad_descriptor);
  CHECK(calls.join_group(world.self(), fd, kGroup).ok());
  CHECK(calls.join_group(world.self(), fd, kGroup).error() == Errno::address_in_use);
  CHECK(calls.leave_group(world.self(), fd, Ipv4Address{kGroup.value + 1}).error() == Errno::address_not_available);
  REQUIRE(world.station().host.kernel().sysctl().set("net.ipv4.igmp_max_memberships", 3).ok());
  CHECK(calls.join_group(world.self(), fd, Ipv4Address{kGroup.value + 1}).ok());
  CHECK(calls.join_group(world.self(), fd, Ipv4Address{kGroup.value + 2}).ok());
  CHECK(calls.join_group(world.self(), fd, Ipv4Address{kGroup.value + 3}).error() == Errno::no_buffers);
}

TEST_CASE("what we send to a group goes one hop, and comes back to members here", "[ip][multicast]") {
  Groups world;
  const int member = world.bound();
  const int sender = world.bound({}, 6000);
  world.send(sender, kGroup);
  CHECK(world.heard(member) == 0);
  auto sent = world.datagrams();
  REQUIRE(sent.size() == 1);
  CHECK(ip_of(sent[0]).ttl() == 1);
  CHECK(headers::EthernetView::parse(sent[0])->destination() == headers::multicast_mac(kGroup));
  REQUIRE(world.calls().join_group(world.self(), member, kGroup).ok());
  world.send(sender, kGroup);
  CHECK(world.heard(member) == 1);
  CHECK(world.datagrams().size() == 1);
  REQUIRE(world.calls().set_multicast(sender, {.ttl = 7, .loop = false}).ok());
  world.send(sender, kGroup);
  CHECK(world.heard(member) == 0);
  sent = world.datagrams();
  REQUIRE(sent.size() == 1);
  CHECK(ip_of(sent[0]).ttl() == 7);
  REQUIRE(world.calls().set_multicast(sender, {.ttl = 0}).ok());
  world.send(sender, kGroup);
  CHECK(world.heard(member) == 1);
  CHECK(world.datagrams().empty());
}

TEST_CASE("our broadcasts are heard here too", "[ip][broadcast]") {
  Groups world;
  const int listener = world.bound();
  const int sender = world.bound({}, 6000);
  world.send(sender, address_of(255));
  CHECK(world.heard(listener) == 1);
  const auto sent = world.datagrams();
  REQUIRE(sent.size() == 1);
  CHECK(headers::EthernetView::parse(sent[0])->destination().is_broadcast());
  CHECK(world.counter("IpExt.OutBcastPkts") == 1);
  CHECK(world.counter("IpExt.InBcastPkts") == 1);
}

TEST_CASE("IP_MULTICAST_IF says by which device and as whom", "[ip][multicast][socket]") {
  Groups world;
  auto& host = world.station().host;
  CableNic second(host, world.station().irqs, base::MacAddress{{2, 0, 0, 0, 9, 9}}, 1500, "eth1");
  REQUIRE(host.add_address(second.device(), {Ipv4Address::of(192, 0, 2, 1), 24}).ok());
  const int sender = world.bound({}, 6000);
  REQUIRE(world.calls().set_multicast_device(sender, "eth1").ok());
  CHECK(world.calls().set_multicast_device(sender, "eth7").error() == Errno::no_device);
  world.send(sender, kGroup);
  CHECK(world.datagrams().empty());
  const auto sent = second.take_sent();
  REQUIRE(sent.size() == 1);
  CHECK(ip_of(sent[0]).source() == Ipv4Address::of(192, 0, 2, 1));
}
