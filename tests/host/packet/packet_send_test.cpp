// SPDX-License-Identifier: Apache-2.0
// Packet sockets send; and what bounds a sender.
#include "tests/host/packet/packet_world.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using kernel::Process;
using kernel::Task;
using packet::kEveryProtocol;
using packet::LinkAddress;
using packet::PacketKind;
using socket::SocketCalls;

namespace {

Frame frame_of(std::size_t bytes) {
  Frame frame(bytes, std::byte{0x33});
  mac_of(2).store(frame, 0);
  mac_of(1).store(frame, 6);
  base::store_be16(frame, 12, 0x88b5);
  return frame;
}

}  // namespace

TEST_CASE("A raw packet socket sends its frame as it is; others see it, it does not", "[packet]") {
  PacketWorld world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.packet_socket(self, PacketKind::raw, kEveryProtocol);
    const int other = *calls.packet_socket(self, PacketKind::raw, kEveryProtocol);
    const auto sent =
        co_await calls.send_packet(self, fd, frame_of(70), LinkAddress{.ifindex = world.eth0().ifindex()});
    CHECK(*sent == 70);
    CHECK(world.take() == std::vector<Frame>{frame_of(70)});
    auto seen = co_await PacketWorld::read_all(self, calls, fd);
    CHECK(seen.empty());
    seen = co_await PacketWorld::read_all(self, calls, other);
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].bytes == frame_of(70));
    CHECK(seen[0].message.link.protocol == 0x88b5);
    CHECK(seen[0].message.link.packet_type == skb::PacketType::outgoing);
    CHECK(*calls.send_queue(fd) == 0);
  });
}

TEST_CASE("A datagram packet socket has the header written for it", "[packet]") {
  PacketWorld world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.packet_socket(self, PacketKind::datagram, 0);
    const Frame payload(60, std::byte{7});
    const auto sent = co_await calls.send_packet(
        self, fd, payload, LinkAddress{.ifindex = world.eth0().ifindex(), .protocol = 0x88b5, .address = mac_of(9)});
    CHECK(*sent == 60);
    const Frame frame = world.take().at(0);
    CHECK(base::MacAddress::load(frame, 0) == mac_of(9));
    CHECK(base::MacAddress::load(frame, 6) == mac_of(1));
    CHECK(ether_type_of(frame) == 0x88b5);
    CHECK(Frame(frame.begin() + 14, frame.end()) == payload);
  });
}

TEST_CASE("A packet socket says why it cannot send", "[packet]") {
  PacketWorld world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.packet_socket(self, PacketKind::raw, kEveryProtocol);
    const auto unbound = co_await calls.sendto(self, fd, frame_of(60));
    CHECK(unbound.error() == Errno::no_address);
    CHECK(calls.bind_packet(self, fd, {.ifindex = world.eth0().ifindex()}).ok());
    const auto largest = co_await calls.sendto(self, fd, frame_of(1514));
    CHECK(largest.ok());
    const auto too_long = co_await calls.sendto(self, fd, frame_of(1515));
    CHECK(too_long.error() == Errno::message_size);
    Frame tagged = frame_of(1518);
    base::store_be16(tagged, 12, 0x8100);
    const auto with_tag = co_await calls.sendto(self, fd, tagged);
    CHECK(with_tag.ok());
    const auto too_short = co_await calls.sendto(self, fd, Frame(13));
    CHECK(too_short.error() == Errno::invalid);
    world.lo().close(self.cpu());
    const auto down = co_await calls.send_packet(self, fd, frame_of(60), LinkAddress{.ifindex = world.lo().ifindex()});
    CHECK(down.error() == Errno::network_down);
    const int udp = *calls.socket(self, socket::SocketKind::udp);
    const auto no_packet = co_await calls.send_packet(self, udp, frame_of(60));
    CHECK(no_packet.error() == Errno::not_supported);
  });
}

TEST_CASE("A sender waits while SO_SNDBUF is full, until half of it has gone", "[packet][sndbuf]") {
  PacketWorld world;
  CableNic& nic = world.station().nic;
  nic.ring = 0;  // nothing leaves
  int sent = 0;
  int fd = -1;
  std::vector<std::string> order;
  static_cast<void>(world.station().start("sender", [&](Process& self) -> Task<void> {
    SocketCalls& calls = world.station().host.sockets();
    fd = *calls.packet_socket(self, PacketKind::raw, kEveryProtocol);
    CHECK(calls.bind_packet(self, fd, {.ifindex = world.eth0().ifindex()}).ok());
    CHECK(calls.set_send_buffer(fd, 10'000).ok());
    CHECK(*calls.send_buffer(fd) == 20'000);
    for (; sent < 100; ++sent) {
      const auto done = co_await calls.sendto(self, fd, frame_of(60));
      REQUIRE(done.ok());
    }
  }));
  world.run_for(kMillisecond);
  const int first = sent;
  const SocketCalls& calls = world.station().host.sockets();
  CHECK(first > 2);
  CHECK(first < 20);
  CHECK(*calls.send_queue(fd) >= 20'000);
  CHECK(*calls.send_queue(fd) < 20'000 + 4'000);  // the packet that crossed it
  // One after the other leaves: he sleeps until half is free.
  const auto let_go = [&](std::size_t frames) {
    nic.ring = frames;
    nic.drain(frames);
    nic.device().wake_queue(world.station().host.kernel().cpu(0));
    world.run_for(kMillisecond);
  };
  let_go(1);
  CHECK(sent == first);
  let_go(static_cast<std::size_t>(first));
  CHECK(sent > first);
  nic.ring = SIZE_MAX;
  nic.device().wake_queue(world.station().host.kernel().cpu(0));
  world.run_for(kMillisecond);
  CHECK(sent == 100);
  CHECK(*calls.send_queue(fd) == 0);
  CHECK(world.take().size() == 100);
}

TEST_CASE("A full send buffer is EAGAIN, then EPOLLOUT", "[packet][sndbuf]") {
  PacketWorld world;
  world.station().nic.ring = 0;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.packet_socket(self, PacketKind::raw, kEveryProtocol);
    CHECK(calls.bind_packet(self, fd, {.ifindex = world.eth0().ifindex()}).ok());
    CHECK(calls.set_send_buffer(fd, 10'000).ok());
    const int epfd = *calls.epoll_create(self);
    CHECK(calls.epoll_ctl(self, epfd, socket::EpollControl::add, fd, {socket::kPollOut, 1}).ok());
    std::array<socket::EpollEvent, 4> events{};
    const auto at_first = co_await calls.epoll_wait(self, epfd, events, 0);
    CHECK(*at_first == 1);

    CHECK(calls.set_blocking(fd, SocketCalls::Blocking::no).ok());
    base::Result<std::size_t> last = Errno::busy;
    do {
      last = co_await calls.sendto(self, fd, frame_of(60));
    } while (last.ok());
    CHECK(last.error() == Errno::again);
    const auto none = co_await calls.epoll_wait(self, epfd, events, 0);
    CHECK(*none == 0);

    CHECK(calls.set_blocking(fd, SocketCalls::Blocking::yes).ok());
    CHECK(calls.set_send_timeout(fd, kMillisecond).ok());
    const auto before = self.cpu().now();
    const auto late = co_await calls.sendto(self, fd, frame_of(60));
    CHECK(late.error() == Errno::again);
    CHECK(self.cpu().now() == before + kMillisecond);

    world.station().nic.ring = SIZE_MAX;
    world.station().nic.device().wake_queue(self.cpu());
    const auto later = co_await calls.epoll_wait(self, epfd, events, kSecond);
    CHECK(*later == 1);
    CHECK(self.cpu().now() < before + 2 * kMillisecond);
  });
}

TEST_CASE("Packets outlive the socket that sent them", "[packet][sndbuf]") {
  PacketWorld world;
  world.station().nic.ring = 0;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.packet_socket(self, PacketKind::raw, kEveryProtocol);
    CHECK(calls.bind_packet(self, fd, {.ifindex = world.eth0().ifindex()}).ok());
    const auto sent = co_await calls.sendto(self, fd, frame_of(60));
    CHECK(sent.ok());
    CHECK(calls.close(self, fd).ok());
    world.station().nic.ring = SIZE_MAX;
    world.station().nic.device().wake_queue(self.cpu());
  });
  CHECK(world.take().size() == 1);
  CHECK(world.station().host.pool().in_use() == 0);
}
