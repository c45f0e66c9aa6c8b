// SPDX-License-Identifier: Apache-2.0
// UDP_SEGMENT: one call and one packet for many datagrams.
#include <catch2/catch.hpp>
#include <set>

#include "host/headers/udp.hpp"
#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using kernel::Process;
using kernel::Task;
using socket::SocketAddress;
using socket::SocketCalls;
using socket::SocketKind;

namespace {

Frame counting(std::size_t bytes) {
  Frame payload(bytes);
  for (std::size_t i = 0; i < bytes; ++i) payload[i] = static_cast<std::byte>(i * 7 + (i >> 8));
  return payload;
}

std::span<const std::byte> udp_of(const Frame& frame) {
  return ip_of(frame).payload();
}

const SocketAddress kPeer{address_of(2), 9};

/// What it sent over IPv4: routers of IPv6 are solicited meanwhile.
std::vector<Frame> take_ipv4(Lone& world) {
  std::vector<Frame> frames = world.take();
  std::erase_if(frames, [](const Frame& frame) { return host::base::load_be16(frame, 12) != 0x800; });
  return frames;
}

}  // namespace

TEST_CASE("UDP_SEGMENT sends datagrams that are whole, in order, and each a packet of its own", "[udp][segment]") {
  Lone world;
  const Frame payload = counting(2500);
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    CHECK(calls.set_udp_segment(fd, 1000).ok());
    const auto sent = co_await calls.sendto(self, fd, payload, kPeer);
    CHECK(*sent == 2500);
    CHECK(*calls.send_queue(fd) == 0);
  });
  const auto frames = take_ipv4(world);
  REQUIRE(frames.size() == 3);
  Frame joined;
  std::set<std::uint16_t> ids;
  for (const Frame& frame : frames) {
    const auto ip = ip_of(frame);
    const auto datagram = headers::UdpView::parse(udp_of(frame));
    REQUIRE(datagram);
    CHECK(datagram->fields().destination_port == 9);
    CHECK(datagram->has_checksum());
    CHECK(datagram->checksum_ok(ip.source(), ip.destination()));
    ids.insert(base::load_be16(std::span(frame).subspan(kIpAt), 4));
    joined.insert(joined.end(), datagram->payload().begin(), datagram->payload().end());
  }
  CHECK(ids.size() == 3);
  CHECK(joined == payload);
  CHECK(udp_of(frames[0]).size() == 1008);
  CHECK(udp_of(frames[2]).size() == 508);
  CHECK(world.counter("Udp.OutDatagrams") == 1);  // as in Linux: calls
  CHECK(world.counter("Ip.FragCreates") == 0);
}

TEST_CASE("A control message's UDP_SEGMENT goes before the socket's, and no identifier is used twice",
          "[udp][segment]") {
  Lone world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    CHECK(calls.set_udp_segment(fd, 1000).ok());
    const auto halves = co_await calls.sendto(self, fd, counting(1000), kPeer, {.segment_bytes = 500});
    CHECK(halves.ok());
    const auto whole = co_await calls.sendto(self, fd, counting(1400), kPeer, {.segment_bytes = 0});
    CHECK(whole.ok());
    const auto small = co_await calls.sendto(self, fd, counting(1000), kPeer);
    CHECK(small.ok());
    const int ping = *calls.socket(self, SocketKind::ping);
    CHECK(calls.set_udp_segment(ping, 100).error() == Errno::not_supported);
  });
  const auto frames = take_ipv4(world);
  REQUIRE(frames.size() == 4);
  std::set<std::uint16_t> ids;
  for (const Frame& frame : frames) ids.insert(base::load_be16(std::span(frame).subspan(kIpAt), 4));
  CHECK(ids.size() == 4);
  CHECK(udp_of(frames[0]).size() == 508);
  CHECK(udp_of(frames[2]).size() == 1408);
  CHECK(udp_of(frames[3]).size() == 1008);
}

TEST_CASE("UDP_SEGMENT knows Linux's limits", "[udp][segment]") {
  Lone world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    const auto most = co_await calls.sendto(self, fd, counting(64 * 100), kPeer, {.segment_bytes = 100});
    CHECK(most.ok());
    const auto too_many = co_await calls.sendto(self, fd, counting(64 * 100 + 1), kPeer, {.segment_bytes = 100});
    CHECK(too_many.error() == Errno::invalid);
    const auto largest = co_await calls.sendto(self, fd, counting(3000), kPeer, {.segment_bytes = 1472});
    CHECK(largest.ok());
    const auto too_large = co_await calls.sendto(self, fd, counting(3000), kPeer, {.segment_bytes = 1473});
    CHECK(too_large.error() == Errno::invalid);
    const auto too_long = co_await calls.sendto(self, fd, counting(65'508), kPeer, {.segment_bytes = 1472});
    CHECK(too_long.error() == Errno::message_size);
  });
  CHECK(take_ipv4(world).size() == 64 + 3);
}

TEST_CASE("What one host sends with UDP_SEGMENT another reads one by one", "[udp][segment]") {
  World world;
  const Frame payload = counting(10'000);
  Frame read;
  unsigned datagrams = 0;
  static_cast<void>(world[2].start("reader", [&](Process& self) -> Task<void> {
    auto& calls = world[2].host.sockets();
    const int fd = *calls.socket(self, SocketKind::udp);
    CHECK(calls.bind(self, fd, {{}, 9}).ok());
    while (read.size() < payload.size()) {
      Frame buffer(2000);
      const auto message = co_await calls.recvfrom(self, fd, buffer);
      if (!message.ok()) break;
      ++datagrams;
      read.insert(read.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(message->bytes));
    }
  }));
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    co_await self.sleep_for(kMillisecond);
    const auto sent = co_await calls.sendto(self, fd, payload, kPeer, {.segment_bytes = 1200});
    CHECK(sent.ok());
  });
  CHECK(datagrams == 9);
  CHECK(read == payload);
  CHECK(world[1].host.pool().in_use() == 0);
}

TEST_CASE("UDP_SEGMENT costs the sender less time a datagram", "[udp][segment]") {
  Lone world({.costs = kernel::CostTable::typical()});
  platform::Nanoseconds one_by_one = 0;
  platform::Nanoseconds together = 0;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    const Frame payload = counting(40 * 100);
    const auto start = self.cpu().now();
    for (std::size_t i = 0; i < 40; ++i) {
      const auto sent = co_await calls.sendto(self, fd, std::span(payload).subspan(i * 100, 100), kPeer);
      CHECK(sent.ok());
    }
    const auto middle = self.cpu().now();
    const auto sent = co_await calls.sendto(self, fd, payload, kPeer, {.segment_bytes = 100});
    CHECK(sent.ok());
    one_by_one = middle - start;
    together = self.cpu().now() - middle;
  });
  CHECK(take_ipv4(world).size() == 80);
  CHECK(together * 4 < one_by_one);
}
