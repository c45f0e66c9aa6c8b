// SPDX-License-Identifier: Apache-2.0
// UDP: which socket hears what, what is refused and counted, and that lookup stays O(1).
#include <catch2/catch.hpp>

#include "host/base/byte_order.hpp"
#include "host/udp/udp_input.hpp"
#include "host/udp/udp_output.hpp"
#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using headers::Ipv4Address;

namespace {

/// A lone station with bare UDP sockets, without applications.
struct UdpWorld : Lone {
  udp::UdpLayer& udp() { return station().host.udp(); }
  kernel::Cpu& cpu() { return station().host.kernel().cpu(0); }
  udp::UdpSocket& open(Ipv4Address local, std::uint16_t port) {
    sockets.push_back(std::make_unique<udp::UdpSocket>(limit));
    const auto bound = udp_bind(udp(), *sockets.back(), local, port);
    REQUIRE(bound.ok());
    return *sockets.back();
  }
  ~UdpWorld() {
    for (const auto& socket : sockets) {
      udp_close(udp(), cpu(), *socket);
    }
  }
  std::int64_t limit = 212'992;
  std::vector<std::unique_ptr<udp::UdpSocket>> sockets;
};

}  // namespace

TEST_CASE("a datagram goes to the connected socket, else to the bound one, else to the wildcard", "[udp][lookup]") {
  UdpWorld world;
  REQUIRE(world.station().host.add_address(world.station().nic.device(), {address_of(5), 24}).ok());
  udp::UdpSocket& wildcard = world.open({}, 1000);
  udp::UdpSocket& bound = world.open(address_of(1), 2000);
  udp::UdpSocket& other = world.open(address_of(5), 2000);
  udp::UdpSocket& connected = world.open({}, 3000);
  REQUIRE(udp_connect(world.udp(), world.cpu(), connected, address_of(2), 9).ok());

  CHECK(world.answer_to(udp_frame(4000, 1000, 5)).empty());
  CHECK(world.answer_to(udp_frame(4000, 2000, 5)).empty());
  CHECK(world.answer_to(udp_frame(4000, 2000, 5, {.destination = address_of(5)})).empty());
  CHECK(world.answer_to(udp_frame(9, 3000, 5)).empty());
  CHECK(wildcard.queue.packets() == 1);
  CHECK(bound.queue.packets() == 1);
  CHECK(other.queue.packets() == 1);
  CHECK(connected.queue.packets() == 1);

  CHECK(world.answer_to(udp_frame(4001, 3000, 5)).size() == 1);  // another peer: nobody's port
  CHECK(world.counter("Udp.NoPorts") == 1);
  udp_disconnect(world.udp(), connected);
  CHECK(world.answer_to(udp_frame(4001, 3000, 5)).empty());
  CHECK(connected.queue.packets() == 2);
}

TEST_CASE("a port belongs to one socket for each address", "[udp][bind]") {
  UdpWorld world;
  REQUIRE(world.station().host.add_address(world.station().nic.device(), {address_of(5), 24}).ok());
  world.open(address_of(1), 1000);
  world.open(address_of(5), 1000);
  udp::UdpSocket socket(1000);
  CHECK(udp_bind(world.udp(), socket, address_of(1), 1000).error() == Errno::address_in_use);
  CHECK(udp_bind(world.udp(), socket, {}, 1000).error() == Errno::address_in_use);
  CHECK(udp_bind(world.udp(), socket, address_of(9), 1001).error() == Errno::address_not_available);
  CHECK_FALSE(socket.is_bound());
}

TEST_CASE("ephemeral ports come from the range and run out as EADDRINUSE", "[udp][bind]") {
  UdpWorld world;
  auto& sysctl = world.station().host.kernel().sysctl();
  REQUIRE(sysctl.set_text("net.ipv4.ip_local_port_range", "40000 40009").ok());
  for (unsigned i = 0; i < 10; ++i) {
    const auto port = world.open({}, 0).endpoints.local_port;
    CHECK((port >= 40'000 && port <= 40'009));
  }
  udp::UdpSocket socket(1000);
  CHECK(udp_bind(world.udp(), socket, {}, 0).error() == Errno::address_in_use);
}

TEST_CASE("every bad datagram has its counter and its reason", "[udp][input]") {
  struct Row {
    const char* what;
    std::function<void(Frame&)> bend;
    const char* counter;
    const char* reason;
  };
  const Row rows[] = {
      {"length beyond the packet", [](Frame& f) { base::store_be16(f, kTransportAt + 4, 2000); }, "Udp.InErrors",
       "drop.udp_bad_length"},
      {"length below the header", [](Frame& f) { base::store_be16(f, kTransportAt + 4, 7); }, "Udp.InErrors",
       "drop.udp_bad_length"},
      {"checksum", [](Frame& f) { f.back() ^= std::byte{1}; }, "Udp.InCsumErrors", "drop.udp_bad_checksum"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    UdpWorld world;
    const udp::UdpSocket& socket = world.open({}, 1000);
    Frame frame = udp_frame(4000, 1000, 50);
    row.bend(frame);
    CHECK(world.answer_to(frame).empty());
    CHECK(world.counter(row.counter) == 1);
    CHECK(world.counter("Udp.InErrors") == 1);
    CHECK(world.counter(row.reason) == 1);
    CHECK(socket.queue.empty());
  }
  UdpWorld world;
  world.open({}, 1000);
  CHECK(world.answer_to(ipv4_frame(headers::IpProtocol::udp, Frame(5))).empty());
  CHECK(world.counter("drop.udp_too_short") == 1);
}

TEST_CASE("a datagram without a checksum is taken", "[udp][input]") {
  UdpWorld world;
  const udp::UdpSocket& socket = world.open({}, 1000);
  Frame frame = udp_frame(4000, 1000, 50);
  base::store_be16(frame, kTransportAt + 6, 0);
  frame.back() ^= std::byte{1};
  CHECK(world.answer_to(frame).empty());
  CHECK(socket.queue.packets() == 1);
}

TEST_CASE("padding is not payload, and an empty datagram is one", "[udp][input]") {
  UdpWorld world;
  udp::UdpSocket& socket = world.open({}, 1000);
  CHECK(world.answer_to(udp_frame(4000, 1000, 0)).empty());
  CHECK(world.answer_to(udp_frame(4000, 1000, 3)).empty());
  CHECK(socket.queue.pop()->len() == 0);
  const skb::Skb second = socket.queue.pop();
  CHECK(second->len() == 3);
  CHECK(udp::udp_sender(*second).address == address_of(2));
  CHECK(udp::udp_sender(*second).port == 4000);
}

TEST_CASE("a full receive buffer drops by memory and counts RcvbufErrors", "[udp][input]") {
  UdpWorld world;
  world.limit = 10'000;
  udp::UdpSocket& socket = world.open({}, 1000);
  for (unsigned i = 0; i < 20; ++i) {
    CHECK(world.answer_to(udp_frame(4000, 1000, 10)).empty());
  }
  const std::int64_t truesize = socket.queue.front()->truesize();
  const auto expected = static_cast<std::size_t>(10'000 / truesize + 1);
  CHECK(socket.queue.packets() == expected);
  CHECK(world.counter("Udp.RcvbufErrors") == 20 - expected);
  CHECK(world.counter("drop.socket_receive_buffer_full") == 20 - expected);
  while (socket.queue.pop() != nullptr) {
  }
  CHECK(socket.queue.charged() == 0);
}

TEST_CASE("a broadcast reaches every socket of the port, and nobody complains when there is none", "[udp][input]") {
  UdpWorld world;
  REQUIRE(world.station().host.add_address(world.station().nic.device(), {address_of(5), 24}).ok());
  const PacketOptions to_all{.destination_mac = base::MacAddress::broadcast(), .destination = address_of(255)};
  const udp::UdpSocket& wildcard = world.open({}, 1000);
  const udp::UdpSocket& specific = world.open(address_of(1), 2000);
  CHECK(world.answer_to(udp_frame(4000, 1000, 5, to_all)).empty());
  CHECK(world.answer_to(udp_frame(4000, 2000, 5, to_all)).empty());
  CHECK(world.answer_to(udp_frame(4000, 3000, 5, to_all)).empty());
  CHECK(wildcard.queue.packets() == 1);
  CHECK(specific.queue.packets() == 0);
  CHECK(world.counter("Udp.IgnoredMulti") == 2);
  CHECK(world.counter("Udp.NoPorts") == 0);
}

TEST_CASE("an unreachable port is an error to the connected socket alone", "[udp][error]") {
  UdpWorld world;
  udp::UdpSocket& connected = world.open({}, 1000);
  udp::UdpSocket& free = world.open({}, 2000);
  REQUIRE(udp_connect(world.udp(), world.cpu(), connected, address_of(2), 9).ok());
  for (const std::uint16_t port : {std::uint16_t{1000}, std::uint16_t{2000}}) {
    const Frame ours = udp_frame(port, 9, 10, {.source = address_of(1), .destination = address_of(2)});
    const Frame quote(ours.begin() + kIpAt, ours.begin() + kIpAt + 28);
    CHECK(world
              .answer_to(icmp_frame(
                  {.type = headers::IcmpType::destination_unreachable, .code = 3, .id = 0, .sequence = 0}, quote))
              .empty());
  }
  CHECK(connected.queue.take_error() == Errno::connection_refused);
  CHECK_FALSE(connected.queue.take_error().has_value());
  CHECK_FALSE(free.queue.has_error());
}

TEST_CASE("what is sent carries ports, length, checksum and an unfragmentable header", "[udp][output]") {
  UdpWorld world;
  udp::UdpSocket& socket = world.open({}, 1000);
  const std::vector<std::byte> payload(33, std::byte{0x77});
  REQUIRE(udp_send(world.udp(), world.cpu(), socket, address_of(2), 9, payload).ok());
  const auto sent = world.take();
  REQUIRE(sent.size() == 1);
  const auto header = ip_of(sent[0]);
  CHECK(header.fields().dont_fragment);
  CHECK(header.ttl() == 64);
  const auto datagram = headers::UdpView::parse(header.payload()).value();
  CHECK(datagram.checksum_ok(address_of(1), address_of(2)));
  CHECK(datagram.fields().source_port == 1000);
  CHECK(datagram.fields().destination_port == 9);
  CHECK(datagram.payload().size() == 33);
}

TEST_CASE("sending names why it cannot", "[udp][output]") {
  UdpWorld world;
  udp::UdpSocket& socket = world.open({}, 1000);
  const std::vector<std::byte> payload(65'508);
  const auto send = [&](Ipv4Address to, std::uint16_t port, std::size_t bytes) {
    return udp_send(world.udp(), world.cpu(), socket, to, port, std::span(payload).first(bytes));
  };
  CHECK(send(address_of(2), 9, 1472).ok());
  CHECK(send(address_of(2), 9, 65'508).error() == Errno::message_size);
  socket.inet.pmtu_discovery = ip::PmtuDiscovery::do_;
  CHECK(send(address_of(2), 9, 1473).error() == Errno::message_size);
  CHECK(send(address_of(2), 0, 1).error() == Errno::invalid);
  CHECK(send(Ipv4Address::of(203, 0, 113, 1), 9, 1).error() == Errno::network_unreachable);
  CHECK(world.counter("Ip.OutNoRoutes") == 1);
  CHECK(world.counter("Udp.OutDatagrams") == 1);
}

TEST_CASE("an exhausted pool is ENOMEM, counted and survived", "[udp][output]") {
  World world({.stations = 1, .cpus = 1, .mtu = 1500, .host = {.skbs = {.skbs = 4, .buffers = 4}}});
  auto& host = world[1].host;
  std::vector<skb::Skb> hoard;
  while (skb::Skb taken = host.pool().allocate(100)) {
    hoard.push_back(std::move(taken));
  }
  udp::UdpSocket socket(1000);
  const std::vector<std::byte> payload(10);
  CHECK(udp_send(host.udp(), host.kernel().cpu(0), socket, address_of(2), 9, payload).error() == Errno::no_memory);
  CHECK(world[1].counter("Udp.SndbufErrors") == 1);
  hoard.clear();
  CHECK(udp_send(host.udp(), host.kernel().cpu(0), socket, address_of(2), 9, payload).ok());
  udp_close(host.udp(), host.kernel().cpu(0), socket);
  host.forget_device(world[1].nic.device());
}

TEST_CASE("a lookup among 1000 sockets compares as few as among 10", "[udp][lookup]") {
  const auto probes_a_lookup = [](std::uint16_t count) {
    udp::UdpTable table(1);
    std::vector<std::unique_ptr<udp::UdpSocket>> sockets;
    for (std::uint16_t i = 0; i < count; ++i) {
      sockets.push_back(std::make_unique<udp::UdpSocket>(1));
      sockets.back()->endpoints = {
          .local = {}, .local_port = static_cast<std::uint16_t>(1000 + i), .peer = {}, .peer_port = 0};
      REQUIRE(table.insert(*sockets.back()).ok());
    }
    for (std::uint16_t i = 0; i < count; ++i) {
      const udp::Endpoints datagram{.local = address_of(1),
                                    .local_port = static_cast<std::uint16_t>(1000 + i),
                                    .peer = address_of(2),
                                    .peer_port = 4000};
      REQUIRE(table.lookup(datagram) == sockets[i].get());
    }
    const double average = static_cast<double>(table.probes()) / count;
    for (const auto& socket : sockets) {
      table.remove(*socket);
    }
    REQUIRE(table.size() == 0);
    return average;
  };
  CHECK(probes_a_lookup(10) < 2.0);
  CHECK(probes_a_lookup(1000) < 4.5);
  CHECK(probes_a_lookup(20'000) < 4.5);
}
