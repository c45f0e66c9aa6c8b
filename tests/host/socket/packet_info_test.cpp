// SPDX-License-Identifier: Apache-2.0
// What messages say of their headers: IP_PKTINFO and its like. Sizes over IPv6.
#include <catch2/catch.hpp>

#include "tests/host/apps/packets.hpp"
#include "tests/host/ip6/world6.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using kernel::Process;
using kernel::Task;
using socket::SocketCalls;
using socket::SocketKind;

namespace {

struct InfoWorld : Lone6 {
  InfoWorld() {
    introduce();
    static_cast<void>(answer_to(introduction(2)));
  }
  SocketCalls& calls() { return station().host.sockets(); }
  int open(SocketKind kind, std::uint16_t port) {
    int fd = -1;
    run([&](Process& self) -> Task<void> {
      fd = *calls().socket(self, kind);
      CHECK(calls().bind(self, fd, {{}, port}).ok());
      co_return;
    });
    return fd;
  }
  socket::Message read(int fd) {
    socket::Message message;
    run([&](Process& self) -> Task<void> {
      Frame buffer(3000);
      const auto got = co_await calls().recvfrom(self, fd, buffer, {.dont_wait = true});
      REQUIRE(got.ok());
      message = *got;
    });
    return message;
  }
};

}  // namespace

TEST_CASE("IP_PKTINFO, IP_RECVTTL and IP_RECVTOS tell of the header, to who asks", "[socket][info]") {
  InfoWorld world;
  const int fd = world.open(SocketKind::udp6, 1000);
  static_cast<void>(world.answer_to(udp_frame(4000, 1000, 5)));
  CHECK_FALSE(world.read(fd).info);
  REQUIRE(world.calls().set_packet_info(fd, true).ok());

  static_cast<void>(world.answer_to(udp_frame(4000, 1000, 5, {.ttl = 33})));
  auto info = world.read(fd).info;
  REQUIRE(info);
  CHECK(info->destination == headers::IpAddress(address_of(1)));
  CHECK(info->ttl == 33);
  CHECK(info->tos == 0);
  CHECK(info->ifindex == world.eth0().ifindex());

  Frame marked = udp6_frame(4000, 1000, 5, {.hop_limit = 7});
  marked[kIp6At] = std::byte{0x6b};  // traffic class 0xb8
  marked[kIp6At + 1] = std::byte{0x80};
  static_cast<void>(world.answer_to(marked));
  info = world.read(fd).info;
  REQUIRE(info);
  CHECK(info->destination == headers::IpAddress(global_of(1)));
  CHECK(info->ttl == 7);
  CHECK(info->tos == 0xb8);
}

TEST_CASE("SO_RXQ_OVFL counts what the socket had lost when the datagram came", "[socket][info]") {
  InfoWorld world;
  const int fd = world.open(SocketKind::udp, 1000);
  REQUIRE(world.calls().set_packet_info(fd, true).ok());
  REQUIRE(world.calls().set_receive_buffer(fd, 0).ok());
  for (int i = 0; i < 10; ++i) static_cast<void>(world.answer_to(udp_frame(4000, 1000, 1000)));
  const auto lost = world.counter("Udp.RcvbufErrors");
  REQUIRE(lost > 3);
  CHECK(world.read(fd).info->drops == 0);
  while (world.counter("Udp.InDatagrams") + lost < 10) CHECK(world.read(fd).info->drops == 0);
  static_cast<void>(world.answer_to(udp_frame(4000, 1000, 1)));
  CHECK(world.read(fd).info->drops == lost);
}

TEST_CASE("IPV6_MTU_DISCOVER says whether a datagram may go in pieces", "[socket][ip6]") {
  InfoWorld world;
  const int fd = world.open(SocketKind::udp6, 1000);
  const auto send = [&](std::size_t bytes) {
    Errno error{};
    world.run([&](Process& self) -> Task<void> {
      const Frame payload(bytes);
      const auto sent = co_await world.calls().sendto(self, fd, payload, {{global_of(2), 9}});
      error = sent.ok() ? Errno{} : sent.error();
    });
    return error;
  };
  CHECK(send(1453) == Errno{});
  CHECK(world.take().size() == 2);
  for (const auto discovery : {ip::PmtuDiscovery::do_, ip::PmtuDiscovery::probe}) {
    REQUIRE(world.calls().set_pmtu_discovery6(fd, discovery).ok());
    CHECK(send(1453) == Errno::message_size);
    CHECK(world.take().empty());
    CHECK(send(1452) == Errno{});
    CHECK(world.take().size() == 1);
  }
  REQUIRE(world.calls().set_pmtu_discovery6(fd, ip::PmtuDiscovery::dont).ok());
  CHECK(send(1453) == Errno{});
  CHECK(world.take().size() == 2);
  const int four = world.open(SocketKind::udp, 1001);
  CHECK(world.calls().set_pmtu_discovery6(four, ip::PmtuDiscovery::do_).error() == Errno::not_supported);
}
