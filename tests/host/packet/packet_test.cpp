// SPDX-License-Identifier: Apache-2.0
// Packet sockets receive: which frames, how much of them, how many of them.
#include "tests/host/packet/packet_world.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using kernel::Process;
using kernel::Task;
using packet::kEveryProtocol;
using packet::LinkAddress;
using packet::PacketKind;
using skb::PacketType;
using socket::SocketCalls;

namespace {

/// ret k
device::BpfProgram wants(std::uint32_t bytes) {
  return *device::BpfProgram::make(std::vector<device::BpfInstruction>{{0x06, 0, 0, bytes}});
}

constexpr std::uint16_t kArp = 0x806;
constexpr std::uint16_t kIpv4 = 0x800;
constexpr std::uint16_t kExperiment = 0x88b5;

/// Of a type that no protocol takes.
Frame experiment() {
  Frame frame(60);
  mac_of(1).store(frame, 0);
  mac_of(2).store(frame, 6);
  base::store_be16(frame, 12, kExperiment);
  return frame;
}

}  // namespace

TEST_CASE("A packet socket of every protocol sees both directions, from the Ethernet header on", "[packet]") {
  PacketWorld world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.packet_socket(self, PacketKind::raw, kEveryProtocol);
    const Frame request = echo_request(18);
    world.station().nic.deliver(request);
    co_await self.sleep_for(kMillisecond);
    const auto seen = co_await PacketWorld::read_all(self, calls, fd);
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].bytes == request);
    CHECK(seen[0].message.link.ifindex == world.eth0().ifindex());
    CHECK(seen[0].message.link.protocol == kIpv4);
    CHECK(seen[0].message.link.packet_type == PacketType::host);
    CHECK(seen[0].message.link.address == mac_of(2));
    CHECK(seen[0].message.original_bytes == request.size());
    CHECK(seen[1].bytes == world.station().nic.take_sent().at(0));
    CHECK(seen[1].message.link.packet_type == PacketType::outgoing);
    CHECK(seen[1].message.link.address == mac_of(1));
  });
}

TEST_CASE("A datagram packet socket begins behind the Ethernet header, and so does its filter", "[packet]") {
  PacketWorld world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.packet_socket(self, PacketKind::datagram, kIpv4);
    // ldb [0]; jeq 0x45: all, else nothing.
    CHECK(calls
              .attach_filter(fd, *device::BpfProgram::make(std::vector<device::BpfInstruction>{
                                     {0x30, 0, 0, 0}, {0x15, 0, 1, 0x45}, {0x06, 0, 0, 0xffff}, {0x06, 0, 0, 0}}))
              .ok());
    const Frame request = echo_request(18);
    world.station().nic.deliver(request);
    co_await self.sleep_for(kMillisecond);
    const auto seen = co_await PacketWorld::read_all(self, calls, fd);
    REQUIRE(seen.size() == 1);  // received ones alone
    CHECK(seen[0].bytes == Frame(request.begin() + 14, request.end()));
    CHECK(seen[0].message.link.address == mac_of(2));
  });
}

TEST_CASE("A packet socket of one protocol sees received frames of it, beside its handler or instead", "[packet]") {
  PacketWorld world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int arp = *calls.packet_socket(self, PacketKind::raw, kArp);
    const int mute = *calls.packet_socket(self, PacketKind::raw, 0);
    world.station().nic.deliver(experiment());
    world.station().nic.deliver(introduction(2));
    world.station().nic.deliver(echo_request(10));
    co_await self.sleep_for(kMillisecond);
    CHECK(world.counter("drop.unknown_protocol") == 1);
    auto seen = co_await PacketWorld::read_all(self, calls, arp);
    REQUIRE(seen.size() == 1);
    CHECK(ether_type_of(seen[0].bytes) == kArp);
    seen = co_await PacketWorld::read_all(self, calls, mute);
    CHECK(seen.empty());
    CHECK(world.station().nic.take_sent().size() == 2);  // the protocols answered

    CHECK(calls.bind_packet(self, mute, {.ifindex = 0, .protocol = kExperiment}).ok());
    world.station().nic.deliver(experiment());
    co_await self.sleep_for(kMillisecond);
    seen = co_await PacketWorld::read_all(self, calls, mute);
    CHECK(seen.size() == 1);
    CHECK(world.counter("drop.unknown_protocol") == 1);
  });
}

TEST_CASE("A bound packet socket sees its device alone; promiscuity is counted", "[packet]") {
  PacketWorld world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.packet_socket(self, PacketKind::raw, kEveryProtocol);
    CHECK(calls.bind_packet(self, fd, {.ifindex = world.lo().ifindex()}).ok());
    CHECK(calls.bind_packet(self, fd, {.ifindex = 77}).error() == Errno::no_device);
    world.station().nic.deliver(echo_request(10));
    co_await self.sleep_for(kMillisecond);
    const auto seen = co_await PacketWorld::read_all(self, calls, fd);
    CHECK(seen.empty());

    const auto promiscuous = packet::Membership::promiscuous;
    const int other = *calls.packet_socket(self, PacketKind::raw, 0);
    CHECK(calls.set_packet_membership(fd, "eth0", promiscuous, true).ok());
    CHECK(calls.set_packet_membership(fd, "eth0", promiscuous, true).ok());
    CHECK(calls.set_packet_membership(other, "eth0", promiscuous, true).ok());
    CHECK(world.eth0().promiscuity() == 2);
    CHECK(calls.set_packet_membership(fd, "eth0", promiscuous, false).ok());
    CHECK(world.eth0().promiscuity() == 2);
    CHECK(calls.set_packet_membership(fd, "eth0", promiscuous, false).ok());
    CHECK(world.eth0().promiscuity() == 1);
    CHECK(calls.set_packet_membership(fd, "eth0", promiscuous, false).error() == Errno::address_not_available);
    CHECK(calls.set_packet_membership(fd, "eth9", promiscuous, true).error() == Errno::no_device);
    CHECK(calls.close(self, other).ok());
    CHECK_FALSE(world.eth0().promiscuous());
  });
}

TEST_CASE("The filter runs before the clone, and cuts", "[packet]") {
  PacketWorld world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.packet_socket(self, PacketKind::raw, kEveryProtocol);
    const auto skbs_of_one_request = [&]() -> std::uint64_t {
      const auto before = world.station().host.pool().allocated();
      world.station().nic.deliver(echo_request(10));
      return before;
    };
    auto before = skbs_of_one_request();
    co_await self.sleep_for(kMillisecond);
    const auto with_clones = world.station().host.pool().allocated() - before;
    static_cast<void>(co_await PacketWorld::read_all(self, calls, fd));

    CHECK(calls.attach_filter(fd, wants(0)).ok());
    before = skbs_of_one_request();
    co_await self.sleep_for(kMillisecond);
    CHECK(world.station().host.pool().allocated() - before == with_clones - 2);
    auto seen = co_await PacketWorld::read_all(self, calls, fd);
    CHECK(seen.empty());
    CHECK(calls.packet_statistics(fd)->packets == 2);  // of the first request

    CHECK(calls.attach_filter(fd, wants(20)).ok());
    skbs_of_one_request();
    co_await self.sleep_for(kMillisecond);
    seen = co_await PacketWorld::read_all(self, calls, fd);
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].bytes.size() == 20);
    CHECK(seen[0].message.original_bytes == 60);
  });
}

TEST_CASE("What does not fit SO_RCVBUF is counted by the socket and by the host, and the stack goes on", "[packet]") {
  PacketWorld world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.packet_socket(self, PacketKind::raw, kIpv4);
    CHECK(calls.set_receive_buffer(fd, 1).ok());  // the smallest: one packet crosses it
    for (int i = 0; i < 5; ++i) world.station().nic.deliver(echo_request(10));
    co_await self.sleep_for(kMillisecond);
    const auto statistics = calls.packet_statistics(fd);
    CHECK(statistics->packets == 5);
    CHECK(statistics->drops == 4);
    CHECK(calls.packet_statistics(fd)->packets == 0);
    CHECK(world.counter("drop.tap_buffer_full") == 4);
    CHECK(world.station().nic.take_sent().size() == 5);
    const auto seen = co_await PacketWorld::read_all(self, calls, fd);
    CHECK(seen.size() == 1);
  });
}

TEST_CASE("A packet socket hears that its device goes down, and listens again when it comes up", "[packet]") {
  PacketWorld world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.packet_socket(self, PacketKind::raw, kEveryProtocol);
    CHECK(calls.bind_packet(self, fd, {.ifindex = world.eth0().ifindex()}).ok());
    world.eth0().close(self.cpu());
    Frame buffer(100);
    const auto down = co_await calls.recvfrom(self, fd, buffer, {.dont_wait = true});
    CHECK(down.error() == Errno::network_down);
    CHECK(calls.bind_packet(self, fd, {.ifindex = world.eth0().ifindex()}).error() == Errno::network_down);
    CHECK(world.eth0().open(self.cpu()).ok());
    world.station().nic.deliver(experiment());
    co_await self.sleep_for(kMillisecond);
    const auto seen = co_await PacketWorld::read_all(self, calls, fd);
    CHECK_FALSE(seen.empty());
  });
}

TEST_CASE("Unread frames of a packet socket are copies: closing loses nothing", "[packet]") {
  PacketWorld world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.packet_socket(self, PacketKind::raw, kEveryProtocol);
    world.station().nic.deliver(echo_request(10));
    co_await self.sleep_for(kMillisecond);
    const std::string listed = *world.station().host.kernel().files().read("/proc/net/packet");
    CHECK(
        listed.starts_with("sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"
                           "0000000000000000 3      3    0003   0     1 "));
    CHECK(calls.close(self, fd).ok());
  });
  CHECK(world.counter("drop.socket_closed") == 0);
  CHECK(world.station().host.pool().in_use() == 0);
  CHECK(world.station().host.packets().sockets.empty());
}
