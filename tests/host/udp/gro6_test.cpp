// SPDX-License-Identifier: Apache-2.0
// UDP_GRO over IPv6: which datagrams become one packet, and who gets it whole or in pieces.
#include <catch2/catch.hpp>

#include "host/base/byte_order.hpp"
#include "tests/host/udp/udp6_world.hpp"

using namespace host;
using namespace host_test;
using headers::AddressFamily;

namespace {

constexpr std::uint16_t kPort = 5000;
constexpr std::uint16_t kFrom = 10'000;

struct Gro6World : Udp6World {
  udp::UdpSocket& open_gro(bool gro) {
    udp::UdpSocket& socket = open({}, kPort);
    udp_set_gro(udp(), socket, gro);
    return socket;
  }
  /// A datagram whose payload counts on.
  Frame datagram(std::size_t payload, const Packet6Options& options = {}) {
    Frame bytes(8 + payload);
    for (std::size_t i = 0; i < payload; ++i) bytes[8 + i] = static_cast<std::byte>(next_byte_++ % 251);
    headers::write_udp(bytes, kFrom, kPort, options.source, options.destination);
    return ipv6_frame(headers::NextHeader::udp, bytes, options);
  }
  /// All in one poll; how many packets went up.
  std::uint64_t burst(const std::vector<Frame>& frames) {
    const std::uint64_t before = counter("Ip6.InReceives");
    for (const Frame& frame : frames) station().nic.deliver(frame);
    run_for(kMillisecond);
    return counter("Ip6.InReceives") - before;
  }
  /// Bytes of each packet that waits, with its segments' size; takes them. The bytes have to count on.
  std::vector<std::pair<std::size_t, unsigned>> waiting(udp::UdpSocket& socket) {
    std::vector<std::pair<std::size_t, unsigned>> all;
    bool in_order = true;
    std::size_t expected = 0;
    while (const skb::Skb packet = socket.queue.pop()) {
      Frame bytes(packet->len());
      CHECK(packet->copy_bits(0, bytes));
      for (const std::byte byte : bytes) in_order = in_order && byte == static_cast<std::byte>(expected++ % 251);
      CHECK(udp::udp_sender(*packet).address == headers::IpAddress(global_of(2)));
      all.emplace_back(packet->len(), packet->gso_size);
    }
    CHECK(in_order);
    return all;
  }

 private:
  std::size_t next_byte_ = 0;
};

using Packets = std::vector<std::pair<std::size_t, unsigned>>;

}  // namespace

TEST_CASE("Datagrams over IPv6 that come together are one packet for who asked for it", "[udp][gro][ip6]") {
  Gro6World world;
  udp::UdpSocket& socket = world.open_gro(true);
  CHECK(world.burst({world.datagram(1000), world.datagram(1000), world.datagram(1000), world.datagram(300)}) == 1);
  CHECK(world.waiting(socket) == Packets{{3300, 1000}});
  CHECK(world.counter("Udp6.InErrors") == 0);
}

TEST_CASE("Without UDP_GRO datagrams over IPv6 stay what they are", "[udp][gro][ip6]") {
  Gro6World world;
  udp::UdpSocket& socket = world.open_gro(false);
  CHECK(world.burst({world.datagram(1000), world.datagram(1000)}) == 2);
  CHECK(world.waiting(socket) == Packets{{1000, 0}, {1000, 0}});
}

TEST_CASE("A packet merged over IPv6 is taken apart for who did not ask for it", "[udp][gro][ip6]") {
  Gro6World world;
  udp::UdpSocket& socket = world.open_gro(true);
  CHECK(world.burst({world.datagram(700), world.datagram(700), world.datagram(5)}) == 1);
  skb::Skb packet = socket.queue.pop();
  REQUIRE(packet->len() == 1405);
  CHECK(packet->fragments().size() == 2);  // as they were merged: nobody on the way made a copy
  packet->restore(headers::kUdpHeaderBytes);
  udp_set_gro(world.udp(), socket, false);
  udp::Endpoints name{.local = global_of(1), .peer = global_of(2)};
  udp::udp_rcv(world.udp(), world.cpu(), std::move(packet), name);
  REQUIRE(socket.queue.packets() == 3);
  for (const std::uint32_t bytes : {700U, 700U, 5U}) {
    const skb::Skb piece = socket.queue.pop();
    CHECK(piece->len() == bytes);
    const auto header = headers::Ipv6View::parse_quoted(piece->network_header());
    REQUIRE(header);
    CHECK(header->packet().size() == headers::kIpv6HeaderBytes + headers::kUdpHeaderBytes + bytes);
    CHECK(headers::UdpView::parse(piece->transport_header())->checksum_ok(global_of(2), global_of(1)));
  }
}

TEST_CASE("IPv6 headers that segmenting could not give back are not merged", "[udp][gro][ip6]") {
  Gro6World world;
  udp::UdpSocket& socket = world.open_gro(true);
  SECTION("another hop limit") {
    CHECK(world.burst({world.datagram(500), world.datagram(500, {.hop_limit = 63}),
                       world.datagram(500, {.hop_limit = 63})}) == 2);
    CHECK(world.waiting(socket) == Packets{{500, 0}, {1000, 500}});
  }
  SECTION("another traffic class") {
    Frame first = world.datagram(500);
    Frame second = world.datagram(500);
    second[kIp6At + 1] ^= std::byte{0x10};
    CHECK(world.burst({first, second}) == 2);
  }
  SECTION("another flow label: another flow") {
    std::vector<Frame> frames;
    for (int i = 0; i < 6; ++i) {
      frames.push_back(world.datagram(500));
      frames.back()[kIp6At + 3] = static_cast<std::byte>(i % 2);
    }
    CHECK(world.burst(frames) == 2);
  }
  SECTION("no checksum") {
    Frame first = world.datagram(500);
    Frame second = world.datagram(500);
    for (Frame* frame : {&first, &second}) base::store_be16(*frame, kTransport6At + 6, 0);
    CHECK(world.burst({first, second}) == 2);
    CHECK(world.counter("Udp6.InCsumErrors") == 2);
  }
  SECTION("a wrong checksum") {
    Frame wrong = world.datagram(500);
    wrong.back() ^= std::byte{1};
    CHECK(world.burst({wrong, wrong}) == 2);
    CHECK(world.counter("Udp6.InCsumErrors") == 2);
  }
  SECTION("padded by Ethernet, or shorter than the packet says") {
    Frame longer = world.datagram(500);
    base::store_be16(longer, kIp6At + 4, 480);
    CHECK(world.burst({longer, longer}) == 2);
    CHECK(world.counter("drop.udp_bad_length") == 2);
  }
}
