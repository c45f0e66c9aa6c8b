// SPDX-License-Identifier: Apache-2.0
// Ping sockets over ICMPv6.
#include <catch2/catch.hpp>

#include "host/base/byte_order.hpp"
#include "tests/host/apps/packets.hpp"
#include "tests/host/ip6/world6.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using headers::Icmp6Type;
using kernel::Process;
using kernel::Task;
using socket::SocketAddress;
using socket::SocketCalls;
using socket::SocketKind;

namespace {

/// An echo request as an application writes it, without identifier and checksum.
Frame request(std::uint16_t sequence, std::size_t payload) {
  Frame message(headers::kIcmp6HeaderBytes + payload, std::byte{0x42});
  headers::write_icmp6(message, {.type = Icmp6Type::echo_request, .code = 0, .word = sequence}, {}, {});
  return message;
}

struct PingWorld : Lone6 {
  PingWorld() : Lone6(1) { introduce(); }
  SocketCalls& calls() { return station().host.sockets(); }
  void run(const Process::Main& main) { run_in(1, kSecond, main); }
  /// The last message that the station sent.
  Frame sent() {
    const auto frames = take();
    REQUIRE_FALSE(frames.empty());
    return frames.back();
  }
};

}  // namespace

TEST_CASE("a ping socket of IPv6 sends requests under its own identifier and hears the replies",
          "[socket][ping][ip6]") {
  PingWorld world;
  int fd = -1;
  world.run([&](Process& self) -> Task<void> {
    fd = *world.calls().socket(self, SocketKind::ping6);
    CHECK(world.calls().bind(self, fd, {global_of(1), 0x1234}).ok());
    CHECK(world.calls().set_unicast_hops(fd, std::uint8_t{7}).ok());
    CHECK(world.calls().connect(self, fd, {global_of(2), 0}).ok());
    const auto count = co_await world.calls().sendto(self, fd, request(5, 20));
    CHECK(count.ok());
  });
  const Frame frame = world.sent();
  const auto message = icmp6_of(frame);
  CHECK(message.type() == Icmp6Type::echo_request);
  CHECK(message.word() == 0x1234'0005);
  CHECK(message.checksum_ok(global_of(1), global_of(2)));
  CHECK(message.payload().size() == 20);
  CHECK(ip6_of(frame).hop_limit() == 7);

  const auto reply = [](std::uint32_t word, const Packet6Options& options = {}) {
    return icmp6_frame({.type = Icmp6Type::echo_reply, .code = 0, .word = word}, Frame(9), options);
  };
  static_cast<void>(world.answer_to(reply(0x1235'0005)));                            // another's identifier
  static_cast<void>(world.answer_to(reply(0x1234'0005, {.source = global_of(3)})));  // not the peer
  CHECK(world.counter("drop.icmp_unhandled") == 2);
  static_cast<void>(world.answer_to(reply(0x1234'0005, {.hop_limit = 33})));
  world.run([&](Process& self) -> Task<void> {
    std::array<std::byte, 100> buffer{};
    const auto heard = co_await world.calls().recvfrom(self, fd, buffer, {.dont_wait = true});
    REQUIRE(heard.ok());
    CHECK(heard->bytes == 17);
    CHECK(heard->ttl == 33);
    CHECK(heard->from == SocketAddress{global_of(2), 0});
    CHECK(base::load_be32(buffer, 4) == 0x1234'0005);
    const auto none = co_await world.calls().recvfrom(self, fd, buffer, {.dont_wait = true});
    CHECK(none.error() == Errno::again);
  });
}

TEST_CASE("a ping socket of IPv6 names why it cannot", "[socket][ping][ip6]") {
  PingWorld world;
  world.run([&](Process& self) -> Task<void> {
    auto& calls = world.calls();
    const int fd = *calls.socket(self, SocketKind::ping6);
    const auto send = [&](SocketAddress to, Frame message) -> Task<base::Result<std::size_t>> {
      co_return co_await calls.sendto(self, fd, message, to);
    };
    const auto nobody = co_await calls.sendto(self, fd, request(1, 5));
    CHECK(nobody.error() == Errno::destination_required);
    CHECK(calls.bind(self, fd, {address_of(1), 0}).error() == Errno::invalid);
    CHECK(calls.bind(self, fd, {global_of(9), 0}).error() == Errno::address_not_available);
    const auto inet = co_await send({address_of(2), 0}, request(1, 5));
    CHECK(inet.error() == Errno::invalid);
    Frame wrong = request(1, 5);
    wrong[0] = std::byte{129};
    const auto reply = co_await send({global_of(2), 0}, wrong);
    CHECK(reply.error() == Errno::invalid);
    const auto link = co_await send({headers::link_local_of(mac_of(2)), 0}, request(1, 5));
    CHECK(link.error() == Errno::invalid);
    const auto device = co_await send({headers::link_local_of(mac_of(2)), 0, 77}, request(1, 5));
    CHECK(device.error() == Errno::no_device);
    const auto fine = co_await send({headers::link_local_of(mac_of(2)), 0, world.eth0().ifindex()}, request(1, 5));
    CHECK(fine.ok());
    const int other = *calls.socket(self, SocketKind::ping6);
    CHECK(calls.bind(self, other, {{}, calls.name(fd)->port}).error() == Errno::address_in_use);
    CHECK(calls.close(self, fd).ok());
    CHECK(calls.bind(self, other, {{}, 1}).ok());
  });
}

TEST_CASE("an error about its request ends a ping socket's next call", "[socket][ping][ip6]") {
  PingWorld world;
  int fd = -1;
  world.run([&](Process& self) -> Task<void> {
    fd = *world.calls().socket(self, SocketKind::ping6);
    const auto count = co_await world.calls().sendto(self, fd, request(5, 20), SocketAddress{global_of(2), 0});
    CHECK(count.ok());
  });
  const Frame ours = world.sent();
  const Frame quote(ours.begin() + kIp6At, ours.end());
  static_cast<void>(
      world.answer_to(icmp6_frame({.type = Icmp6Type::destination_unreachable, .code = 1, .word = 0}, quote)));
  world.run([&](Process& self) -> Task<void> {
    std::array<std::byte, 100> buffer{};
    const auto heard = co_await world.calls().recvfrom(self, fd, buffer, {.dont_wait = true});
    CHECK(heard.error() == Errno::access);
  });
}
