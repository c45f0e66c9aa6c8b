// SPDX-License-Identifier: Apache-2.0
// Fragmenting on the way out: our datagrams and forwarded packets, and who may not be fragmented.
#include <catch2/catch.hpp>

#include <random>

#include "host/apps/udp_client.hpp"
#include "host/apps/udp_echo.hpp"
#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/ip/fragment_piece.hpp"
#include "tests/host/ip/router_world.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using headers::Ipv4View;

namespace {

struct Sent {
  std::vector<Frame> frames;
  void watch(CableNic& nic) {
    nic.on_wire = [this](const Frame& frame) {
      if (headers::EthernetView::parse(frame)->type() == headers::EtherType::ipv4) frames.push_back(frame);
      return true;
    };
  }
};

}  // namespace

TEST_CASE("datagrams of every size come through every MTU unharmed", "[ip][fragment]") {
  const std::uint32_t mtu = GENERATE(68U, 576U, 1004U, 1500U, 9000U);
  World world({.stations = 2, .cpus = 1, .mtu = mtu, .host = {}});
  apps::UdpEchoStats server;
  apps::UdpClientReport client;
  static_cast<void>(world[1].start("udp-echo", [&](kernel::Process& self) -> kernel::Task<void> {
    static_cast<void>(co_await apps::udp_echo(self, world[1].host.sockets(), server));
  }));
  std::vector<std::size_t> sizes{1, mtu - 28, mtu - 27, mtu - 20, 2 * mtu, 5000, 40'000};
  if (mtu > 100) {
    sizes.push_back(65'507);  // more pieces than that fit into ipfrag_high_thresh
  }
  static_cast<void>(world[2].start("udp-client", [&](kernel::Process& self) -> kernel::Task<void> {
    const apps::UdpClientOptions options{.server = {address_of(1), apps::kEchoPort}, .sizes = sizes};
    co_await apps::udp_client(self, world[2].host.sockets(), options, client);
  }));
  world.run_for(20 * kSecond);
  CHECK(client.echoed == sizes.size());
  CHECK(client.corrupted + client.errors + client.timeouts == 0);
  std::uint64_t pieces = 0;
  std::uint64_t fragmented = 0;
  const std::size_t room = (mtu - 20) / 8 * 8;
  for (const std::size_t size : sizes) {
    const std::size_t transport = size + 8;
    if (transport > mtu - 20) {
      ++fragmented;
      pieces += transport <= mtu - 20 ? 1 : (transport - (mtu - 20) + room - 1) / room + 1;
    }
  }
  for (Station* station : {&world[1], &world[2]}) {
    CHECK(station->counter("Ip.FragOKs") == fragmented);
    CHECK(station->counter("Ip.FragCreates") == pieces);
    CHECK(station->counter("Ip.FragFails") == 0);
    CHECK(station->counter("Ip.ReasmReqds") == pieces);
    CHECK(station->counter("Ip.ReasmOKs") == fragmented);
    CHECK(station->counter("Ip.OutTransmits") == pieces + sizes.size() - fragmented);
    CHECK(station->host.kernel().drops().total() == 0);
    CHECK(station->host.pool().in_use() == 0);
  }
}

TEST_CASE("IP_MTU_DISCOVER decides about DF, fragments and EMSGSIZE", "[ip][fragment][socket]") {
  using ip::PmtuDiscovery;
  struct Row {
    PmtuDiscovery discovery;
    bool df;
    bool fragments;
  };
  const Row rows[] = {{PmtuDiscovery::dont, false, true},       {PmtuDiscovery::want, true, true},
                      {PmtuDiscovery::do_, true, false},        {PmtuDiscovery::probe, true, false},
                      {PmtuDiscovery::interface, false, false}, {PmtuDiscovery::omit, false, true}};
  for (const Row& row : rows) {
    for (const auto kind : {socket::SocketKind::udp, socket::SocketKind::ping}) {
      Lone world;
      std::optional<Errno> error;
      static_cast<void>(world.station().start("sender", [&](kernel::Process& self) -> kernel::Task<void> {
        auto& calls = world.station().host.sockets();
        const int fd = *calls.socket(self, kind);
        CHECK(calls.set_pmtu_discovery(fd, row.discovery).ok());
        Frame payload(2000);
        payload[0] = std::byte{8};
        const socket::SocketAddress to{address_of(2), 9};
        const auto small = co_await calls.sendto(self, fd, std::span(payload).first(100), to);
        CHECK(small.ok());
        const auto large = co_await calls.sendto(self, fd, payload, to);
        error = large.ok() ? std::nullopt : std::optional(large.error());
      }));
      world.run_for(kMillisecond);
      const auto sent = world.take();
      INFO(static_cast<int>(row.discovery));
      REQUIRE(sent.size() == (row.fragments ? 3 : 1));
      CHECK(ip_of(sent[0]).dont_fragment() == row.df);
      CHECK(error == (row.fragments ? std::nullopt : std::optional(Errno::message_size)));
      if (row.fragments) {
        CHECK_FALSE(ip_of(sent[1]).dont_fragment());
        CHECK(ip_of(sent[1]).more_fragments());
        CHECK(ip_of(sent[2]).fragment_offset() == 1480);
        CHECK(ip_of(sent[1]).fields().id == ip_of(sent[2]).fields().id);
      }
    }
  }
}

TEST_CASE("a router fragments what may be fragmented, fragments too, and keeps options in their place",
          "[ip][fragment][forward]") {
  RouterWorld world(300);
  Sent sent;
  sent.watch(world.right);
  PacketOptions options = RouterWorld::through();
  options.more_fragments = true;
  options.fragment_offset = 800;
  static_cast<void>(world.from_left(udp_frame(4000, 9, 592, options)));  // 600 bytes of transport
  world.run_for(kSecond);
  REQUIRE(sent.frames.size() == 3);
  const std::size_t offsets[] = {800, 1080, 1360};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(ip_of(sent.frames[i]).fragment_offset() == offsets[i]);
    CHECK(ip_of(sent.frames[i]).more_fragments());
    CHECK(ip_of(sent.frames[i]).ttl() == 63);
  }
  CHECK(world.counter("Ip.FragCreates") == 3);
  CHECK(world.counter("Ip.ForwDatagrams") == 1);

  sent.frames.clear();
  Frame frame = udp_frame(4000, 9, 392, RouterWorld::through());
  const unsigned route_and_stream[] = {7, 7, 4, 0, 0, 0, 0, 1, 136, 4, 1, 2};
  Frame bytes;
  for (const unsigned byte : route_and_stream) bytes.push_back(static_cast<std::byte>(byte));
  frame.insert(frame.begin() + kTransportAt, bytes.begin(), bytes.end());
  base::store_u8(frame, kIpAt, 0x48);
  base::store_be16(frame, kIpAt + 2, 432);
  base::store_be16(frame, kIpAt + 10, 0);
  base::store_be16(frame, kIpAt + 10, base::internet_checksum(std::span(frame).subspan(kIpAt, 32)));
  static_cast<void>(world.from_left(frame));
  REQUIRE(sent.frames.size() == 2);
  CHECK(base::load_u8(ip_of(sent.frames[0]).options(), 0) == 7);
  CHECK(base::load_u8(ip_of(sent.frames[1]).options(), 0) == 1);  // recorded in the first piece alone
  CHECK(base::load_u8(ip_of(sent.frames[1]).options(), 8) == 136);
  CHECK(ip_of(sent.frames[0]).payload().size() == 264);
  CHECK(ip_of(sent.frames[1]).payload().size() == 136);
}

TEST_CASE("fragments for which there is no memory are a counted failure", "[ip][fragment]") {
  Lone world({.skbs = {.skbs = 4}});
  auto& host = world.station().host;
  std::optional<Errno> error;
  static_cast<void>(world.station().start("sender", [&](kernel::Process& self) -> kernel::Task<void> {
    const int fd = *host.sockets().socket(self, socket::SocketKind::udp);
    const Frame payload(9000);
    world.station().nic.ring = 0;  // what is sent stays in the qdisc
    const auto sent = co_await host.sockets().sendto(self, fd, payload, socket::SocketAddress{address_of(2), 9});
    error = sent.ok() ? std::nullopt : std::optional(sent.error());
  }));
  world.run_for(kMillisecond);
  CHECK(error == Errno::no_memory);
  CHECK(world.counter("Ip.FragFails") == 1);
  CHECK(world.counter("Ip.FragOKs") == 0);
  CHECK(world.counter("Ip.FragCreates") == 3);
  CHECK(world.counter("drop.ip_fragment_failed") == 1);
}

namespace {

/// A packet with a header of 20 bytes and 24 + 16 + 9 bytes behind it, which came in three pieces.
skb::Skb gathered(Lone& world, std::uint32_t headroom = 128) {
  skb::SkbPool& pool = world.station().host.pool();
  unsigned value = 0;
  const auto packet_of = [&](std::uint32_t bytes) {
    skb::Skb packet = pool.allocate(bytes, headroom);
    for (auto& byte : packet->put(bytes)) byte = static_cast<std::byte>(value++);
    return packet;
  };
  skb::Skb whole = packet_of(20 + 24);
  skb::SkbList rest;
  rest.push_back(packet_of(16));
  rest.push_back(packet_of(9));
  whole->set_frag_list(std::move(rest));
  whole->mark = 7;
  whole->priority = 3;
  whole->dev = &world.station().nic.device();
  return whole;
}

/// The pieces' sizes; each is checked against the whole.
std::vector<std::uint32_t> cut(Lone& world, skb::Skb whole, const ip::PiecePlan& plan) {
  ip::Pieces pieces(std::move(whole), plan);
  std::vector<std::uint32_t> sizes;
  unsigned value = 20;
  while (!pieces.done()) {
    const auto piece = pieces.next(world.station().host.kernel().cpu(0));
    REQUIRE(piece.packet != nullptr);
    CHECK(piece.offset == value - 20);
    CHECK(piece.last == pieces.done());
    CHECK(piece.packet->mark == 7);
    CHECK(piece.packet->priority == 3);
    CHECK(piece.packet->dev == &world.station().nic.device());
    CHECK(piece.packet->headroom() >= plan.room_in_front);
    for (const std::byte byte : piece.packet->bytes()) CHECK(byte == static_cast<std::byte>(value++));
    sizes.push_back(piece.packet->len());
  }
  CHECK(value == 20 + 24 + 16 + 9);
  return sizes;
}

}  // namespace

TEST_CASE("What came in pieces leaves in them without a copy, if they may leave so", "[ip][fragment]") {
  using Sizes = std::vector<std::uint32_t>;
  Lone world;
  skb::SkbPool& pool = world.station().host.pool();
  skb::Skb whole = gathered(world);
  const std::uint64_t before = pool.allocated();
  SECTION("as they came") {
    CHECK(cut(world, std::move(whole), {20, 34, 24}) == Sizes{24, 16, 9});
    CHECK(pool.allocated() == before);
  }
  SECTION("one of them is too long for the way") {
    CHECK(cut(world, std::move(whole), {20, 34, 23}) == Sizes{16, 16, 17});
    CHECK(pool.allocated() == before + 3);
  }
  SECTION("no room in front of them") {
    CHECK(cut(world, gathered(world, 33), {20, 34, 48}) == Sizes{48, 1});
    CHECK(cut(world, gathered(world, 34), {20, 34, 48}) == Sizes{24, 16, 9});
  }
  SECTION("somebody else reads one of them") {
    skb::SkbList list = whole->take_frag_list();
    const skb::Skb twin = list.front()->clone();
    whole->set_frag_list(std::move(list));
    CHECK(cut(world, std::move(whole), {20, 34, 32}) == Sizes{32, 17});
  }
  SECTION("its end was cut off") {
    whole->trim(20 + 24 + 16 + 8);
    ip::Pieces pieces(std::move(whole), {20, 34, 48});
    CHECK(pieces.next(world.station().host.kernel().cpu(0)).packet->len() == 48);
    pieces.drop_rest(world.station().host.kernel().cpu(0), base::DropReason::ip_fragment_failed);
    CHECK(world.counter("drop.ip_fragment_failed") == 1);
  }
  whole.reset();
  CHECK(pool.in_use() == 0);
}

TEST_CASE("What cannot leave after all is dropped piece by piece", "[ip][fragment]") {
  Lone world;
  auto& cpu = world.station().host.kernel().cpu(0);
  ip::Pieces pieces(gathered(world), {20, 34, 24});
  static_cast<void>(pieces.next(cpu));
  pieces.drop_rest(cpu, base::DropReason::ip_fragment_failed);
  CHECK(pieces.done());
  CHECK(world.counter("drop.ip_fragment_failed") == 2);
  CHECK(world.station().host.pool().in_use() == 0);
}
