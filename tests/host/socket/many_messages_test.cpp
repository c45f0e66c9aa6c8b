// SPDX-License-Identifier: Apache-2.0
// sendmmsg and recvmmsg, and what SO_SNDBUF does to a UDP sender.
#include <catch2/catch.hpp>

#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using kernel::Process;
using kernel::Task;
using socket::Outgoing;
using socket::SocketAddress;
using socket::SocketCalls;
using socket::SocketKind;

namespace {

/// Buffers of 100 bytes.
struct Buffers {
  explicit Buffers(std::size_t count) : memory(count, Frame(100)) {
    for (Frame& each : memory) spans.emplace_back(each);
  }
  std::vector<Frame> memory;
  std::vector<headers::MutableBytes> spans;
};

}  // namespace

TEST_CASE("sendmmsg sends many datagrams, each where it belongs, for one entry into the kernel", "[socket][mmsg]") {
  Lone world({.costs = kernel::CostTable::typical()});
  platform::Nanoseconds together = 0;
  platform::Nanoseconds apart = 0;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    const Frame payload(50);
    std::vector<Outgoing> messages;
    for (std::uint16_t i = 0; i < 8; ++i) {
      messages.push_back({.payload = payload, .to = SocketAddress{address_of(2), static_cast<std::uint16_t>(100 + i)}});
    }
    const auto start = self.cpu().now();
    const auto sent = co_await calls.sendmmsg(self, fd, messages);
    CHECK(*sent == 8);
    together = self.cpu().now() - start;
    const auto frames = world.take();
    REQUIRE(frames.size() == 8);
    for (std::uint16_t i = 0; i < 8; ++i) CHECK(base::load_be16(frames[i], kTransportAt + 2) == 100 + i);
    const auto again = self.cpu().now();
    for (const Outgoing& message : messages) {
      const auto one = co_await calls.sendto(self, fd, message.payload, message.to);
      CHECK(one.ok());
    }
    apart = self.cpu().now() - again;

    messages[3].to = SocketAddress{headers::Ipv4Address::of(203, 0, 113, 1), 9};
    const auto some = co_await calls.sendmmsg(self, fd, messages);
    CHECK(*some == 3);
    const auto none = co_await calls.sendmmsg(self, fd, std::span(messages).subspan(3));
    CHECK(none.error() == Errno::network_unreachable);
  });
  const auto syscall = kernel::CostTable::typical().picoseconds(kernel::Op::syscall) / 1000;
  CHECK(apart - together >= 7 * syscall - 10);
}

TEST_CASE("recvmmsg takes what has come, or waits for all of it", "[socket][mmsg]") {
  Lone world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    CHECK(calls.bind(self, fd, {{}, 1000}).ok());
    for (std::size_t i = 1; i <= 3; ++i) world.station().nic.deliver(udp_frame(4000, 1000, 10 * i));
    co_await self.sleep_for(kMillisecond);
    Buffers buffers(5);
    const auto three = co_await calls.recvmmsg(self, fd, buffers.spans, {});
    REQUIRE(three->size() == 3);
    CHECK((*three)[0].bytes == 10);
    CHECK((*three)[2].bytes == 30);
    CHECK((*three)[2].from == SocketAddress{address_of(2), 4000});
    const auto none = co_await calls.recvmmsg(self, fd, buffers.spans, {.flags = {.dont_wait = true}});
    CHECK(none.error() == Errno::again);
    const auto no_room = co_await calls.recvmmsg(self, fd, {}, {});
    CHECK(no_room.error() == Errno::invalid);

    for (int i = 0; i < 2; ++i) world.station().nic.deliver(udp_frame(4000, 1000, 20));
    CHECK(calls.set_receive_timeout(fd, 5 * kMillisecond).ok());
    const auto before = self.cpu().now();
    const auto two = co_await calls.recvmmsg(self, fd, buffers.spans, {.wait_for_one = false});
    CHECK(two->size() == 2);  // and five milliseconds later nothing more
    CHECK(self.cpu().now() >= before + 5 * kMillisecond);
  });
  CHECK(world.counter("Udp.InDatagrams") == 5);
}

TEST_CASE("A UDP sender waits while SO_SNDBUF is full, and hears EAGAIN when he must not", "[socket][sndbuf]") {
  Lone world;
  world.station().nic.ring = 0;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    CHECK(calls.set_send_buffer(fd, 20'000).ok());
    const SocketAddress to{address_of(2), 9};
    const Frame payload(1000);
    unsigned sent = 0;
    base::Result<std::size_t> last = std::size_t{0};
    while (last.ok()) {
      last = co_await calls.sendto(self, fd, payload, to, {.dont_wait = true});
      sent += last.ok() ? 1 : 0;
    }
    CHECK(last.error() == Errno::again);
    CHECK(sent > 5);
    CHECK(sent < 40);
    const auto held = *calls.send_queue(fd);
    CHECK(held >= 40'000);
    CHECK(calls.set_send_buffer(fd, 100'000).ok());
    const auto more = co_await calls.sendto(self, fd, payload, to, {.dont_wait = true});
    CHECK(more.ok());
    world.station().nic.ring = SIZE_MAX;
    world.station().nic.device().wake_queue(self.cpu());
    co_await self.sleep_for(kMillisecond);
    CHECK(*calls.send_queue(fd) == 0);
  });
}

TEST_CASE("wmem_default is a socket's first send buffer, wmem_max the most it may ask for", "[socket][sndbuf]") {
  World world({.stations = 1});
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    auto& sysctl = world[1].host.kernel().sysctl();
    const int before = *calls.socket(self, SocketKind::udp);
    CHECK(*calls.send_buffer(before) == 212'992);
    CHECK(sysctl.set("net.core.wmem_default", 30'000).ok());
    CHECK(sysctl.set("net.core.wmem_max", 50'000).ok());
    const int fd = *calls.socket(self, SocketKind::udp);
    CHECK(*calls.send_buffer(fd) == 30'000);
    CHECK(calls.set_send_buffer(fd, 1'000'000).ok());
    CHECK(*calls.send_buffer(fd) == 100'000);
    CHECK(calls.set_send_buffer(fd, 1).ok());
    CHECK(*calls.send_buffer(fd) == 4'608);
    const int packet = *calls.packet_socket(self, packet::PacketKind::raw, 0);
    CHECK(*calls.send_buffer(packet) == 30'000);
    co_return;
  });
}

TEST_CASE("SO_MARK is on every packet of the socket", "[socket]") {
  Lone world;
  std::vector<std::uint32_t> marks;
  const auto tap = world.station().host.net().add_tap([&](kernel::Cpu&, skb::Skb skb) {
    if (skb->protocol == 0x800) marks.push_back(skb->mark);  // routers of IPv6 are solicited meanwhile
  });
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    CHECK(calls.set_mark(fd, 77).ok());
    const auto sent = co_await calls.sendto(self, fd, Frame(10), SocketAddress{address_of(2), 9});
    CHECK(sent.ok());
  });
  world.station().host.net().remove_tap(tap);
  CHECK(marks == std::vector<std::uint32_t>{77});
}

TEST_CASE("fq sends a socket's packets no faster than SO_MAX_PACING_RATE", "[socket][qdisc]") {
  Lone world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const auto nobody = [](console::Stream, std::string_view) {};
    const int status = co_await world.station().host.console().run(self, "tc qdisc replace dev eth0 root fq", nobody);
    REQUIRE(status == 0);
    CHECK(calls.set_max_pacing_rate(99, 1).error() == Errno::bad_descriptor);
    for (const bool paced : {true, false}) {
      INFO(paced);
      const int fd = *calls.socket(self, SocketKind::udp);
      CHECK(calls.set_max_pacing_rate(fd, paced ? 1'000'000 : UINT64_MAX).ok());
      CHECK(calls.connect(self, fd, {address_of(2), 9}).ok());
      const Frame payload(1'000 - 42);
      for (unsigned i = 0; i < 60; ++i) {
        const auto sent = co_await calls.sendto(self, fd, payload);
        CHECK(sent.ok());
      }
      co_await self.sleep_for(10 * kMillisecond);
      const std::size_t left = world.take().size();
      // its first turn, of 10 * 1,514 bytes, goes at once; then a turn of two packets is paid for
      CHECK(left >= (paced ? 22 : 60));
      CHECK(left <= (paced ? 30 : 60));
      co_await self.sleep_for(kSecond);
      CHECK(left + world.take().size() == 60);
    }
  });
}

TEST_CASE("A sender who waits goes on when there is room, and no longer than SO_SNDTIMEO", "[socket][sndbuf][epoll]") {
  Lone world;
  world.station().nic.ring = 0;
  const auto open_ring = [&](kernel::Cpu& cpu) {
    world.station().nic.ring = SIZE_MAX;
    world.station().nic.device().wake_queue(cpu);
  };
  const Frame payload(1000);
  const SocketAddress to{address_of(2), 9};
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    CHECK(calls.set_send_buffer(fd, 20'000).ok());
    base::Result<std::size_t> last = std::size_t{0};
    while (last.ok()) last = co_await calls.sendto(self, fd, payload, to, {.dont_wait = true});
    CHECK(calls.set_send_timeout(fd, 5 * kMillisecond).ok());
    const auto before = self.cpu().now();
    const auto timed_out = co_await calls.sendto(self, fd, payload, to);
    CHECK(timed_out.error() == Errno::again);
    CHECK(self.cpu().now() - before >= 5 * kMillisecond);
    CHECK(self.cpu().now() - before < 6 * kMillisecond);

    const int epfd = *calls.epoll_create(self);
    CHECK(calls.epoll_ctl(self, epfd, socket::EpollControl::add, fd, {socket::kPollOut, 1}).ok());
    std::array<socket::EpollEvent, 1> events{};
    const auto full = co_await calls.epoll_wait(self, epfd, events, kMillisecond);
    CHECK(*full == 0);
    CHECK(calls.set_send_timeout(fd, std::nullopt).ok());
    kernel::Timer opener(open_ring);
    opener.start(self.cpu(), self.cpu().now() + 3 * kMillisecond);
    const auto from = self.cpu().now();
    const auto sent = co_await calls.sendto(self, fd, payload, to);
    CHECK(sent.ok());
    CHECK(self.cpu().now() - from >= 3 * kMillisecond);
    CHECK(self.cpu().now() - from < 4 * kMillisecond);
  });
}

TEST_CASE("epoll tells who waits for room that there is some", "[socket][sndbuf][epoll]") {
  Lone world;
  world.station().nic.ring = 0;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    CHECK(calls.set_send_buffer(fd, 20'000).ok());
    base::Result<std::size_t> last = std::size_t{0};
    while (last.ok())
      last = co_await calls.sendto(self, fd, Frame(1000), SocketAddress{address_of(2), 9}, {.dont_wait = true});
    const int epfd = *calls.epoll_create(self);
    CHECK(calls.epoll_ctl(self, epfd, socket::EpollControl::add, fd, {socket::kPollOut, 1}).ok());
    kernel::Timer opener([&](kernel::Cpu& cpu) {
      world.station().nic.ring = SIZE_MAX;
      world.station().nic.device().wake_queue(cpu);
    });
    opener.start(self.cpu(), self.cpu().now() + 3 * kMillisecond);
    const auto from = self.cpu().now();
    std::array<socket::EpollEvent, 1> events{};
    const auto told = co_await calls.epoll_wait(self, epfd, events, kSecond);
    CHECK(*told == 1);
    CHECK(events[0].events == socket::kPollOut);
    CHECK(self.cpu().now() - from < 4 * kMillisecond);
  });
}
