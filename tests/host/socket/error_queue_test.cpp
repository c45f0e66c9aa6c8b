// SPDX-License-Identifier: Apache-2.0
// What sockets hear of packets that they sent: errors with their cause, and when they left.
#include <catch2/catch.hpp>

#include "host/base/byte_order.hpp"
#include "tests/host/apps/packets.hpp"
#include "tests/host/ip6/world6.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using headers::IcmpType;
using headers::IpProtocol;
using headers::Ipv4Address;
using ip::ErrorOrigin;
using kernel::Process;
using kernel::Task;
using socket::SocketCalls;
using socket::SocketKind;

namespace {

constexpr std::uint16_t kPort = 9;

/// A station that knows its neighbour by both families, and one socket.
struct ErrorWorld : Lone6 {
  ErrorWorld() {
    introduce();
    static_cast<void>(answer_to(introduction(2)));
  }
  SocketCalls& calls() { return station().host.sockets(); }
  int open(SocketKind kind) {
    int fd = -1;
    run([&](Process& self) -> Task<void> {
      fd = *calls().socket(self, kind);
      co_return;
    });
    return fd;
  }
  /// Sends so many bytes to the neighbour's port 9; the frame, or none.
  Frame send(int fd, const headers::IpAddress& to, std::size_t bytes, std::optional<Errno> error = std::nullopt) {
    run([&](Process& self) -> Task<void> {
      const Frame payload(bytes, std::byte{0x42});
      const auto sent = co_await calls().sendto(self, fd, payload, {{to, kPort}});
      CHECK(sent.ok() == !error);
      if (error) CHECK(sent.error() == *error);
    });
    const auto frames = take();
    return frames.empty() ? Frame{} : frames.back();
  }
  std::optional<socket::QueuedError> error(int fd, Frame& payload) {
    std::optional<socket::QueuedError> found;
    run([&](Process& self) -> Task<void> {
      payload.assign(2000, std::byte{0});
      auto told = calls().receive_error(self, fd, payload);
      if (told.ok()) {
        found = std::move(*told);
        payload.resize(found->bytes);
      } else {
        CHECK(told.error() == Errno::again);
      }
      co_return;
    });
    return found;
  }
  /// What recvfrom() says without waiting.
  Errno receive(int fd) {
    Errno said{};
    run([&](Process& self) -> Task<void> {
      Frame buffer(100);
      const auto got = co_await calls().recvfrom(self, fd, buffer, {.dont_wait = true});
      REQUIRE_FALSE(got.ok());
      said = got.error();
    });
    return said;
  }
};

/// Station 9, a router, says something of a frame.
Frame report(const Frame& about, headers::IcmpFields fields) {
  const Frame quote(about.begin() + kIpAt, about.end());
  return icmp_frame(fields, quote, {.source = address_of(9)});
}

Frame report6(const Frame& about, headers::Icmp6Fields fields) {
  const Frame quote(about.begin() + kIp6At, about.end());
  return icmp6_frame(fields, quote, {.source = global_of(9)});
}

constexpr headers::IcmpFields kExpired{.type = IcmpType::time_exceeded};

}  // namespace

TEST_CASE("With IP_RECVERR each ICMP error waits with its cause, its sender and the datagram", "[socket][errors]") {
  ErrorWorld world;
  const int fd = world.open(SocketKind::udp);
  Frame payload;

  // Who did not ask and is not connected hears nothing.
  static_cast<void>(world.answer_to(report(world.send(fd, address_of(2), 40), kExpired)));
  CHECK_FALSE(world.error(fd, payload));
  CHECK(world.receive(fd) == Errno::again);

  REQUIRE(world.calls().set_receive_errors(fd, true).ok());
  const Frame first = world.send(fd, address_of(2), 40);
  const Frame second = world.send(fd, address_of(2), 50);
  static_cast<void>(world.answer_to(report(first, kExpired)));
  static_cast<void>(world.answer_to(report(second, {.type = IcmpType::destination_unreachable, .code = 13})));
  CHECK(world.receive(fd) == Errno::host_unreachable);
  auto told = world.error(fd, payload);
  REQUIRE(told);
  CHECK(told->error.error == Errno::host_unreachable);
  CHECK(told->error.origin == ErrorOrigin::icmp);
  CHECK(told->error.type == 11);
  CHECK(told->error.code == 0);
  CHECK(told->error.offender == headers::IpAddress(address_of(9)));
  CHECK(told->error.destination == headers::IpAddress(address_of(2)));
  CHECK(told->error.port == kPort);
  CHECK(payload == Frame(40, std::byte{0x42}));
  told = world.error(fd, payload);
  REQUIRE(told);
  CHECK(told->error.code == 13);
  CHECK(payload.size() == 50);
  CHECK_FALSE(world.error(fd, payload));
  CHECK(world.receive(fd) == Errno::again);  // the error has gone with its cause
}

TEST_CASE("IPV6_RECVERR does the same for IPv6, and ping sockets have it too", "[socket][errors][ip6]") {
  ErrorWorld world;
  const int fd = world.open(SocketKind::udp6);
  REQUIRE(world.calls().set_receive_errors(fd, true).ok());
  Frame payload;
  const Frame sent = world.send(fd, global_of(2), 33);
  static_cast<void>(world.answer_to(report6(sent, {.type = headers::Icmp6Type::destination_unreachable, .code = 4})));
  const auto told = world.error(fd, payload);
  REQUIRE(told);
  CHECK(told->error.error == Errno::connection_refused);
  CHECK(told->error.origin == ErrorOrigin::icmp6);
  CHECK(told->error.type == 1);
  CHECK(told->error.code == 4);
  CHECK(told->error.offender == headers::IpAddress(global_of(9)));
  CHECK(told->error.destination == headers::IpAddress(global_of(2)));
  CHECK(payload.size() == 33);

  const int ping = world.open(SocketKind::ping);
  REQUIRE(world.calls().set_receive_errors(ping, true).ok());
  world.run([&](Process& self) -> Task<void> {
    Frame request(28);
    headers::write_icmp(request, {.type = IcmpType::echo_request});
    const auto count = co_await world.calls().sendto(self, ping, request, {{address_of(2), 0}});
    CHECK(count.ok());
  });
  const auto frames = world.take();
  REQUIRE_FALSE(frames.empty());
  static_cast<void>(world.answer_to(report(frames.back(), kExpired)));
  const auto expired = world.error(ping, payload);
  REQUIRE(expired);
  CHECK(expired->error.type == 11);
  CHECK(expired->error.offender == headers::IpAddress(address_of(9)));
}

TEST_CASE("What does not fit is told with the MTU, by routers and by this host", "[socket][errors]") {
  ErrorWorld world;
  const int fd = world.open(SocketKind::udp);
  REQUIRE(world.calls().set_receive_errors(fd, true).ok());
  REQUIRE(world.calls().set_pmtu_discovery(fd, ip::PmtuDiscovery::do_).ok());
  Frame payload;
  static_cast<void>(world.send(fd, address_of(2), 1473, Errno::message_size));
  auto told = world.error(fd, payload);
  REQUIRE(told);
  CHECK(told->error.error == Errno::message_size);
  CHECK(told->error.origin == ErrorOrigin::local);
  CHECK(told->error.info == 1500);
  CHECK(payload.size() == 1473);

  const Frame sent = world.send(fd, address_of(2), 1400);
  static_cast<void>(
      world.answer_to(report(sent, {.type = IcmpType::destination_unreachable, .code = 4, .id = 0, .sequence = 1200})));
  told = world.error(fd, payload);
  REQUIRE(told);
  CHECK(told->error.error == Errno::message_size);
  CHECK(told->error.origin == ErrorOrigin::icmp);
  CHECK(told->error.info == 1200);
}

TEST_CASE("The error queue is bounded by SO_RCVBUF", "[socket][errors]") {
  ErrorWorld world;
  const int fd = world.open(SocketKind::udp);
  REQUIRE(world.calls().set_receive_errors(fd, true).ok());
  REQUIRE(world.calls().set_receive_buffer(fd, 2000).ok());
  for (int i = 0; i < 30; ++i) {
    static_cast<void>(world.answer_to(report(world.send(fd, address_of(2), 400), kExpired)));
    CHECK(world.receive(fd) == Errno::host_unreachable);
  }
  unsigned queued = 0;
  for (Frame payload; world.error(fd, payload);) ++queued;
  CHECK((queued > 2 && queued < 12));
}

TEST_CASE("SO_TIMESTAMPING tells when each datagram went to its driver", "[socket][timestamps]") {
  ErrorWorld world;
  const int fd = world.open(SocketKind::udp);
  const int other = world.open(SocketKind::udp);
  Frame payload;
  static_cast<void>(world.send(fd, address_of(2), 10));
  CHECK_FALSE(world.error(fd, payload));  // not asked for yet
  REQUIRE(world.calls().set_tx_timestamps(fd, true).ok());
  static_cast<void>(world.send(other, address_of(2), 10));
  for (std::uint32_t number = 0; number < 3; ++number) {
    const auto before = world.now();
    static_cast<void>(world.send(fd, address_of(2), 10));
    const auto told = world.error(fd, payload);
    REQUIRE(told);
    CHECK_FALSE(told->error.error);
    CHECK(told->error.origin == ErrorOrigin::timestamping);
    CHECK(told->error.data == number);
    CHECK(told->error.timestamp >= before);
    CHECK(told->error.timestamp < before + kSecond);
    CHECK_FALSE(world.error(fd, payload));
  }
  CHECK_FALSE(world.error(other, payload));
  REQUIRE(world.calls().set_tx_timestamps(fd, false).ok());
  static_cast<void>(world.send(fd, address_of(2), 10));
  CHECK_FALSE(world.error(fd, payload));
}

TEST_CASE("A datagram that waits in a qdisc has the time when it left it", "[socket][timestamps]") {
  ErrorWorld world;
  const int fd = world.open(SocketKind::udp);
  REQUIRE(world.calls().set_tx_timestamps(fd, true).ok());
  world.station().nic.ring = 1;
  Frame payload;
  static_cast<void>(world.send(fd, address_of(2), 10));
  CHECK(world.error(fd, payload));
  static_cast<void>(world.send(fd, address_of(2), 10));  // the ring is full, as the driver finds when it is asked
  CHECK(world.error(fd, payload));
  static_cast<void>(world.send(fd, address_of(2), 10));  // it is not asked any more
  CHECK_FALSE(world.error(fd, payload));
  const auto before = world.now();
  world.station().nic.ring = 10;
  world.station().nic.drain(1);
  world.run_for(kMillisecond);
  const auto told = world.error(fd, payload);
  REQUIRE(told);
  CHECK(told->error.data == 2);
  CHECK(told->error.timestamp >= before);
}
