// SPDX-License-Identifier: Apache-2.0
// Raw sockets over IPv6, and what members of a group hear of themselves.
#include <catch2/catch.hpp>

#include "host/base/byte_order.hpp"
#include "host/headers/checksum.hpp"
#include "tests/host/apps/packets.hpp"
#include "tests/host/ip6/world6.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using headers::Icmp6Type;
using headers::NextHeader;
using kernel::Process;
using kernel::Task;
using socket::SocketCalls;
using socket::SocketKind;

namespace {

constexpr std::uint8_t kOwn = 200;  // a protocol that nobody takes
constexpr std::uint8_t kIcmp6 = 58;

struct Raw6World : Lone6 {
  Raw6World() { introduce(); }
  SocketCalls& calls() { return station().host.sockets(); }
  int open(std::uint8_t protocol) {
    int fd = -1;
    run([&](Process& self) -> Task<void> {
      fd = *calls().raw6_socket(self, protocol);
      co_return;
    });
    return fd;
  }
  /// What waits; nothing: EAGAIN.
  std::optional<Frame> read(int fd, socket::SocketAddress* from = nullptr) {
    std::optional<Frame> bytes;
    run([&](Process& self) -> Task<void> {
      Frame buffer(2000);
      const auto got = co_await calls().recvfrom(self, fd, buffer, {.dont_wait = true});
      if (got.ok()) {
        bytes = Frame(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got->bytes));
        if (from != nullptr) *from = got->from;
      } else {
        CHECK(got.error() == Errno::again);
      }
    });
    return bytes;
  }
  Errno send(int fd, const headers::IpAddress& to, const Frame& payload, unsigned scope = 0, std::uint16_t port = 0) {
    Errno error{};
    run([&](Process& self) -> Task<void> {
      const auto sent = co_await calls().sendto(self, fd, payload, {{to, port, scope}});
      error = sent.ok() ? Errno{} : sent.error();
    });
    return error;
  }
};

std::uint16_t sum_of(const Frame& bytes, const headers::Ipv6Address& from, const headers::Ipv6Address& to) {
  auto sum = headers::pseudo_header(from, to, NextHeader{kOwn}, static_cast<std::uint32_t>(bytes.size()));
  sum.add(bytes);
  return sum.checksum();
}

}  // namespace

TEST_CASE("A raw socket over IPv6 hears its protocol behind the headers, beside whoever takes it",
          "[socket][raw][ip6]") {
  Raw6World world;
  const int fd = world.open(kIcmp6);
  const auto answers = world.answer_to(echo6_request(20));
  REQUIRE(answers.size() == 1);
  CHECK(icmp6_of(answers[0]).type() == Icmp6Type::echo_reply);
  socket::SocketAddress from;
  const auto heard = world.read(fd, &from);
  REQUIRE(heard);
  CHECK(heard->size() == 28);
  CHECK(heard->at(0) == std::byte{128});
  CHECK(from.address == headers::IpAddress(global_of(2)));

  ip6::Icmp6Filter filter;
  filter.set(128);
  REQUIRE(world.calls().set_icmp6_filter(fd, filter).ok());
  CHECK(world.answer_to(echo6_request(20)).size() == 1);
  CHECK_FALSE(world.read(fd));
  static_cast<void>(world.answer_to(icmp6_frame({.type = Icmp6Type::echo_reply}, Frame(4))));
  CHECK(world.read(fd));
}

TEST_CASE("An unknown protocol is nobody's fault when a raw socket hears it", "[socket][raw][ip6]") {
  Raw6World world;
  CHECK(world.answer_to(ipv6_frame(NextHeader{kOwn}, Frame(8))).size() == 1);  // a parameter problem
  const int fd = world.open(kOwn);
  CHECK(world.answer_to(ipv6_frame(NextHeader{kOwn}, Frame(8))).empty());
  CHECK(world.read(fd)->size() == 8);
  CHECK(world.counter("Ip6.InUnknownProtos") == 1);
  CHECK(world.counter("Ip6.InDelivers") >= 1);
}

TEST_CASE("IPV6_CHECKSUM is computed and checked where the application wants it", "[socket][raw][ip6]") {
  Raw6World world;
  const int fd = world.open(kOwn);
  CHECK(world.calls().set_checksum6(fd, 3).error() == Errno::invalid);
  REQUIRE(world.calls().set_checksum6(fd, 4).ok());
  CHECK(world.send(fd, global_of(2), Frame(12, std::byte{0x11})) == Errno{});
  const auto sent = world.take();
  REQUIRE(sent.size() == 1);
  const auto payload = ip6_of(sent[0]).payload();
  Frame bytes(payload.begin(), payload.end());
  CHECK(ip6_of(sent[0]).next_header() == NextHeader{kOwn});
  CHECK(sum_of(bytes, global_of(1), global_of(2)) == 0);
  CHECK(bytes[3] == std::byte{0x11});
  CHECK(world.send(fd, global_of(2), Frame(5)) == Errno::invalid);  // no room for it

  Frame good(12, std::byte{0x22});
  base::store_be16(good, 4, 0);
  base::store_be16(good, 4, sum_of(good, global_of(2), global_of(1)));
  static_cast<void>(world.answer_to(ipv6_frame(NextHeader{kOwn}, good)));
  CHECK(world.read(fd) == good);
  good[7] ^= std::byte{1};
  static_cast<void>(world.answer_to(ipv6_frame(NextHeader{kOwn}, good)));
  CHECK_FALSE(world.read(fd));

  const int icmp = world.open(kIcmp6);
  CHECK(world.calls().set_checksum6(icmp, 2).error() == Errno::invalid);
  CHECK(world.calls().set_icmp6_filter(fd, {}).error() == Errno::not_supported);
  Frame request(8);
  request[0] = std::byte{128};
  CHECK(world.send(icmp, global_of(2), request) == Errno{});
  const auto echo = world.take();
  REQUIRE(echo.size() == 1);
  CHECK(icmp6_of(echo[0]).checksum_ok(global_of(1), global_of(2)));
}

TEST_CASE("IPV6_MULTICAST_LOOP says whether members on this host hear what it sends", "[socket][multicast][ip6]") {
  Raw6World world;
  const auto group = headers::Ipv6Address::of(0xff02, 0, 0, 0, 0, 0, 0, 0x77);
  int sender = -1;
  int member = -1;
  world.run([&](Process& self) -> Task<void> {
    sender = *world.calls().socket(self, SocketKind::udp6);
    member = *world.calls().socket(self, SocketKind::udp6);
    CHECK(world.calls().bind(self, member, {{}, 1000}).ok());
    co_return;
  });
  const unsigned scope = world.eth0().ifindex();
  CHECK(world.send(sender, group, Frame(4), scope, 1000) == Errno{});
  CHECK(world.take().size() == 1);
  CHECK_FALSE(world.read(member));  // nobody here belongs to it
  world.run([&](Process& self) -> Task<void> {
    CHECK(world.calls().join_group6(self, member, group, "eth0").ok());
    co_return;
  });
  world.run_for(3 * kSecond);  // routers are told
  static_cast<void>(world.take());
  CHECK(world.send(sender, group, Frame(5), scope, 1000) == Errno{});
  CHECK(world.take().size() == 1);
  CHECK(world.read(member)->size() == 5);
  REQUIRE(world.calls().set_option(sender, socket::SocketOption::multicast_loop6, false).ok());
  CHECK(world.send(sender, group, Frame(6), scope, 1000) == Errno{});
  CHECK(world.take().size() == 1);
  CHECK_FALSE(world.read(member));
}
