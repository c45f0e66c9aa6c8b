// SPDX-License-Identifier: Apache-2.0
// The socket calls as an application meets them: descriptors, sleeping, flags, options, errors.
#include <catch2/catch.hpp>

#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using kernel::Process;
using kernel::Task;
using socket::SocketAddress;
using socket::SocketCalls;
using socket::SocketKind;

TEST_CASE("descriptors are the lowest free and end with close", "[socket]") {
  World world({.stations = 1});
  world.run([](Process& self, SocketCalls& calls) -> Task<void> {
    CHECK(*calls.socket(self, SocketKind::udp) == 3);
    CHECK(*calls.socket(self, SocketKind::ping) == 4);
    CHECK(*calls.socket(self, SocketKind::udp) == 5);
    CHECK(calls.close(self, 4).ok());
    CHECK(*calls.socket(self, SocketKind::udp) == 4);
    CHECK(calls.close(self, 9).error() == Errno::bad_descriptor);
    CHECK(calls.bind(self, 9, {}).error() == Errno::bad_descriptor);
    std::byte byte{};
    const auto received = co_await calls.recvfrom(self, 9, {&byte, 1});
    CHECK(received.error() == Errno::bad_descriptor);
  });
}

TEST_CASE("descriptors run out as EMFILE", "[socket]") {
  World world({.stations = 1});
  world.run([](Process& self, SocketCalls& calls) -> Task<void> {
    for (std::size_t i = 0; i < SocketCalls::kMaxDescriptors; ++i) {
      REQUIRE(calls.socket(self, SocketKind::udp).ok());
    }
    CHECK(calls.socket(self, SocketKind::udp).error() == Errno::too_many_open);
    co_return;
  });
}

TEST_CASE("a port in use is EADDRINUSE until its socket is closed", "[socket]") {
  World world({.stations = 1});
  world.run([](Process& self, SocketCalls& calls) -> Task<void> {
    const int first = *calls.socket(self, SocketKind::udp);
    const int second = *calls.socket(self, SocketKind::udp);
    CHECK(calls.bind(self, first, {{}, 1000}).ok());
    CHECK(calls.bind(self, second, {{}, 1000}).error() == Errno::address_in_use);
    CHECK(calls.close(self, first).ok());
    CHECK(calls.bind(self, second, {{}, 1000}).ok());
    CHECK(calls.name(second)->port == 1000);
    co_return;
  });
}

TEST_CASE("recvfrom sleeps until a datagram comes, or not at all", "[socket]") {
  Lone world;
  world.run([&world](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    CHECK(calls.bind(self, fd, {{}, 1000}).ok());
    std::array<std::byte, 100> buffer{};
    const auto none = co_await calls.recvfrom(self, fd, buffer, {.dont_wait = true});
    CHECK(none.error() == Errno::again);
    CHECK(calls.set_blocking(fd, SocketCalls::Blocking::no).ok());
    const auto still_none = co_await calls.recvfrom(self, fd, buffer);
    CHECK(still_none.error() == Errno::again);
    CHECK(calls.set_blocking(fd, SocketCalls::Blocking::yes).ok());

    const auto before = self.cpu().now();
    CHECK(calls.set_receive_timeout(fd, 20 * kMillisecond).ok());
    const auto late = co_await calls.recvfrom(self, fd, buffer);
    CHECK(late.error() == Errno::again);
    CHECK(self.cpu().now() == before + 20 * kMillisecond);

    CHECK(calls.set_receive_timeout(fd, std::nullopt).ok());
    world.station().nic.deliver(udp_frame(4000, 1000, 30));
    const auto message = co_await calls.recvfrom(self, fd, buffer);
    REQUIRE(message.ok());
    CHECK(message->bytes == 30);
    CHECK(message->from == SocketAddress{address_of(2), 4000});
    CHECK_FALSE(message->truncated);
  });
}

TEST_CASE("peek leaves the datagram, truncation tells, the rest is lost", "[socket]") {
  Lone world;
  world.run_for(kMillisecond);
  world.run([&world](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    CHECK(calls.bind(self, fd, {{}, 1000}).ok());
    world.station().nic.deliver(udp_frame(4000, 1000, 30));
    world.station().nic.deliver(udp_frame(4000, 1000, 5));
    std::array<std::byte, 10> buffer{};
    const auto peeked = co_await calls.recvfrom(self, fd, buffer, {.peek = true, .truncate = true});
    CHECK(peeked->bytes == 30);
    CHECK(peeked->truncated);
    CHECK(world.counter("Udp.InDatagrams") == 0);
    const auto cut = co_await calls.recvfrom(self, fd, buffer);
    CHECK(cut->bytes == 10);
    CHECK(cut->truncated);
    CHECK(buffer[9] == std::byte{0x55});
    const auto next = co_await calls.recvfrom(self, fd, buffer);
    CHECK(next->bytes == 5);
    CHECK(world.counter("Udp.InDatagrams") == 2);
  });
}

TEST_CASE("closing wakes who sleeps on the socket, with EBADF", "[socket]") {
  World world({.stations = 1});
  int fd = -1;
  bool woken = false;
  static_cast<void>(world[1].start("sleeper", [&](Process& self) -> Task<void> {
    auto& calls = world[1].host.sockets();
    fd = *calls.socket(self, SocketKind::udp);
    std::byte byte{};
    const auto message = co_await calls.recvfrom(self, fd, {&byte, 1});
    CHECK(message.error() == Errno::bad_descriptor);
    woken = true;
  }));
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    co_await self.sleep_for(kMillisecond);
    CHECK(calls.close(self, fd).ok());
    CHECK(*calls.socket(self, SocketKind::udp) == fd);  // the number is taken again at once
  });
  CHECK(woken);
}

TEST_CASE("what was not read when a socket closes is a counted drop", "[socket]") {
  Lone world;
  world.run([&world](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    CHECK(calls.bind(self, fd, {{}, 1000}).ok());
    world.station().nic.deliver(udp_frame(4000, 1000, 30));
    co_await self.sleep_for(kMillisecond);
    CHECK(calls.close(self, fd).ok());
  });
  CHECK(world.counter("drop.socket_closed") == 1);
  CHECK(world.station().host.pool().in_use() == 0);
}

TEST_CASE("SO_RCVBUF is doubled and kept between its bounds", "[socket]") {
  World world({.stations = 1});
  world.run([](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    CHECK(*calls.receive_buffer(fd) == 212'992);
    CHECK(calls.set_receive_buffer(fd, 10'000).ok());
    CHECK(*calls.receive_buffer(fd) == 20'000);
    CHECK(calls.set_receive_buffer(fd, 1).ok());
    CHECK(*calls.receive_buffer(fd) == 2'304);
    CHECK(calls.set_receive_buffer(fd, 1'000'000'000).ok());
    CHECK(*calls.receive_buffer(fd) == 2 * 212'992);
    co_return;
  });
}

TEST_CASE("sendto names why it cannot", "[socket]") {
  Lone world;
  world.run([](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    const std::vector<std::byte> payload(1500);
    const auto nowhere = co_await calls.sendto(self, fd, payload);
    CHECK(nowhere.error() == Errno::destination_required);
    const SocketAddress near{address_of(2), 9};
    CHECK(calls.set_pmtu_discovery(fd, ip::PmtuDiscovery::do_).ok());
    const auto too_big = co_await calls.sendto(self, fd, payload, near);
    CHECK(too_big.error() == Errno::message_size);
    const SocketAddress far{headers::Ipv4Address::of(203, 0, 113, 1), 9};
    const auto unreachable = co_await calls.sendto(self, fd, payload, far);
    CHECK(unreachable.error() == Errno::network_unreachable);
    CHECK(calls.connect(self, fd, far).error() == Errno::network_unreachable);
    CHECK(calls.connect(self, fd, near).ok());
    CHECK(calls.name(fd)->address == address_of(1));
    const auto sent = co_await calls.sendto(self, fd, std::span(payload).first(100));
    CHECK(*sent == 100);
    CHECK(calls.disconnect(self, fd).ok());
    const auto again_nowhere = co_await calls.sendto(self, fd, std::span(payload).first(100));
    CHECK(again_nowhere.error() == Errno::destination_required);
  });
}

TEST_CASE("a connected socket hears ECONNREFUSED once, on whichever call comes next", "[socket]") {
  World world;
  world.run([](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    CHECK(calls.connect(self, fd, {address_of(2), 9}).ok());
    const std::vector<std::byte> payload(10);
    const auto sent = co_await calls.sendto(self, fd, payload);
    CHECK(sent.ok());
    co_await self.sleep_for(10 * kMillisecond);
    const auto refused = co_await calls.sendto(self, fd, payload);
    CHECK(refused.error() == Errno::connection_refused);
    const auto fresh = co_await calls.sendto(self, fd, payload);
    CHECK(fresh.ok());
    std::array<std::byte, 10> buffer{};
    const auto received = co_await calls.recvfrom(self, fd, buffer);
    CHECK(received.error() == Errno::connection_refused);
  });
}

TEST_CASE("a socket's type of service and priority say whose packet leaves first", "[socket][qdisc]") {
  Lone world;
  world.run([&world](Process& self, SocketCalls& calls) -> Task<void> {
    auto& device = world[1].nic.device();
    std::array<int, 3> fds{};
    for (int& fd : fds) {
      fd = *calls.socket(self, SocketKind::udp);
      CHECK(calls.connect(self, fd, {address_of(2), 9}).ok());
    }
    CHECK(calls.set_tos(fds[0], 0x08).ok());  // throughput: bulk
    CHECK(calls.set_tos(fds[1], 0x10).ok());  // low delay
    CHECK(calls.set_priority(fds[1], 0).ok());
    CHECK(calls.set_priority(fds[2], 7).ok());
    CHECK(calls.set_tos(99, 0).error() == Errno::bad_descriptor);
    CHECK(calls.set_priority(*calls.socket(self, SocketKind::ping), 0).error() == Errno::not_supported);
    device.stop_queue();
    const std::vector<std::byte> payload(10);
    for (const int fd : fds) {
      const auto sent = co_await calls.sendto(self, fd, payload);
      CHECK(sent.ok());
    }
    device.wake_queue(self.cpu());
    co_await self.sleep_for(kMillisecond);
    const auto frames = world.take();
    REQUIRE(frames.size() == 3);
    CHECK(ip_of(frames[0]).fields().tos == 0);
    CHECK(ip_of(frames[1]).fields().tos == 0x10);
    CHECK(ip_of(frames[2]).fields().tos == 0x08);
  });
}

TEST_CASE("a ping socket sends echo requests only, under its own identifier", "[socket][icmp]") {
  Lone world;
  world.run([&world](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::ping);
    std::vector<std::byte> message(20);
    headers::write_icmp(message, {.type = headers::IcmpType::echo_reply, .code = 0, .id = 77, .sequence = 5});
    const SocketAddress to{address_of(2), 0};
    const auto reply = co_await calls.sendto(self, fd, message, to);
    CHECK(reply.error() == Errno::invalid);
    headers::write_icmp(message, {.type = headers::IcmpType::echo_request, .code = 0, .id = 77, .sequence = 5});
    const auto sent = co_await calls.sendto(self, fd, message, to);
    CHECK(sent.ok());
    const std::uint16_t id = calls.name(fd)->port;
    const auto frames = world.take();
    REQUIRE(frames.size() == 1);
    CHECK(headers::IcmpView::parse(ip_of(frames[0]).payload())->fields().id == id);
    const int other = *calls.socket(self, SocketKind::ping);
    CHECK(calls.bind(self, other, {{}, id}).error() == Errno::address_in_use);
  });
}
