// SPDX-License-Identifier: Apache-2.0
// UDP_GRO: which datagrams become one packet, when it goes up, and who gets it whole or in pieces.
#include <catch2/catch.hpp>

#include "host/base/byte_order.hpp"
#include "host/device/bpf_code.hpp"
#include "tests/host/apps/packets.hpp"
#include "tests/host/ip/router_world.hpp"

using namespace host;
using namespace host_test;
using socket::SocketCalls;
using socket::SocketKind;
using socket::SocketOption;

namespace {

constexpr std::uint16_t kPort = 5000;
constexpr std::uint16_t kFrom = 10'000;

/// What one recvfrom gave.
struct Read {
  std::size_t bytes = 0;
  std::uint16_t segment = 0;
  friend bool operator==(const Read&, const Read&) = default;
};

std::ostream& operator<<(std::ostream& out, const Read& read) {
  return out << read.bytes << '/' << read.segment;
}

struct GroWorld : Lone {
  SocketCalls& calls() { return station().host.sockets(); }
  kernel::Kernel& kernel() { return station().host.kernel(); }
  int open(bool gro) {
    auto& process = station().start("test", [](kernel::Process& me) -> kernel::Task<void> { co_await me.yield(); });
    const int fd = *calls().socket(process, SocketKind::udp);
    REQUIRE(calls().set_option(fd, SocketOption::reuse_address, true).ok());
    REQUIRE(calls().set_option(fd, SocketOption::udp_gro, gro).ok());
    REQUIRE(calls().bind(process, fd, {{}, kPort}).ok());
    return fd;
  }
  /// A datagram with an identifier that counts up, and a payload that counts on.
  Frame datagram(std::size_t payload, const PacketOptions& options = {}, std::uint16_t from = kFrom) {
    Frame bytes(8 + payload);
    for (std::size_t i = 0; i < payload; ++i) bytes[8 + i] = static_cast<std::byte>(next_byte_++ % 251);
    headers::write_udp(bytes, from, kPort, options.source, options.destination);
    PacketOptions with_id = options;
    with_id.id = options.id != 1 ? options.id : ++id_;
    return ipv4_frame(headers::IpProtocol::udp, bytes, with_id);
  }
  /// All in one poll.
  void burst(const std::vector<Frame>& frames) {
    for (const Frame& frame : frames) station().nic.deliver(frame);
    run_for(kMillisecond);
  }
  void send(const std::vector<std::size_t>& payloads) {
    std::vector<Frame> frames;
    for (const std::size_t payload : payloads) frames.push_back(datagram(payload));
    burst(frames);
  }
  /// Takes all that waits in the socket; its bytes must count on without a gap.
  std::vector<Read> reads(int fd) {
    std::vector<Read> all;
    static_cast<void>(station().start("reader", [&, fd](kernel::Process& me) -> kernel::Task<void> {
      std::vector<std::byte> buffer(65'536);
      std::size_t expected = 0;
      while (true) {
        const auto message = co_await calls().recvfrom(me, fd, buffer, {.dont_wait = true});
        if (!message.ok()) break;
        all.push_back({message->bytes, message->segment_bytes});
        CHECK(message->from == socket::SocketAddress{address_of(2), kFrom});
        for (std::size_t i = 0; i < message->bytes; ++i) {
          in_order = in_order && buffer[i] == static_cast<std::byte>(expected++ % 251);
        }
      }
    }));
    run_for(kMillisecond);
    CHECK(in_order);
    return all;
  }
  std::uint64_t packets_up() { return counter("Ip.InReceives"); }

  bool in_order = true;

 private:
  std::size_t next_byte_ = 0;
  std::uint16_t id_ = 100;
};

using Reads = std::vector<Read>;

}  // namespace

TEST_CASE("Datagrams of one length that come together are read in one call", "[udp][gro]") {
  GroWorld world;
  const int fd = world.open(true);
  world.send({1000, 1000, 1000, 1000, 1000});
  CHECK(world.packets_up() == 1);
  CHECK(world.counter("eth0.rx_packets") == 6);  // and an ARP request
  CHECK(world.reads(fd) == Reads{{5000, 1000}});
  CHECK(world.counter("skb.in_use") == 0);
}

TEST_CASE("Without UDP_GRO nothing is merged", "[udp][gro]") {
  GroWorld world;
  const int fd = world.open(false);
  world.send({1000, 1000, 1000});
  CHECK(world.packets_up() == 3);
  CHECK(world.reads(fd) == Reads{{1000, 0}, {1000, 0}, {1000, 0}});
}

TEST_CASE("With the interface's GRO off nothing is merged", "[udp][gro]") {
  GroWorld world;
  const int fd = world.open(true);
  world.station().nic.device().set_gro(false);
  world.send({1000, 1000});
  CHECK(world.reads(fd) == Reads{{1000, 0}, {1000, 0}});
}

TEST_CASE("A shorter datagram is the last of its packet, a longer one the first of the next", "[udp][gro]") {
  GroWorld world;
  const int fd = world.open(true);
  world.send({1000, 1000, 300, 1000, 1400, 1400});
  CHECK(world.reads(fd) == Reads{{2300, 1000}, {1000, 0}, {2800, 1400}});
}

TEST_CASE("A packet goes on in its frag list when its fragments are full", "[udp][gro]") {
  GroWorld world;
  const int fd = world.open(true);
  SECTION("as large as the datagrams are") {
    world.send(std::vector<std::size_t>(60, 100));
    CHECK(world.packets_up() == 1);
    CHECK(world.reads(fd) == Reads{{6000, 100}});
  }
  SECTION("until a shorter one ends it") {
    std::vector<std::size_t> payloads(40, 100);
    payloads[29] = 20;
    world.send(payloads);
    CHECK(world.reads(fd) == Reads{{2920, 100}, {1000, 100}});
  }
  CHECK(world.counter("skb.in_use") == 0);
}

TEST_CASE("Who did not ask for merged datagrams gets those of a frag list one by one", "[udp][gro]") {
  GroWorld world;
  const int fd = world.open(false);
  auto& host = world.station().host;
  host.net().set_link_flags(host.kernel().cpu(0), world.station().nic.device(), {.udp_gro_forwarding = true});
  world.send(std::vector<std::size_t>(40, 100));
  CHECK(world.packets_up() == 1);
  CHECK(world.reads(fd) == Reads(40, {100, 0}));
  CHECK(world.counter("skb.in_use") == 0);
}

TEST_CASE("Headers that segmenting could not give back are not merged", "[udp][gro]") {
  GroWorld world;
  const int fd = world.open(true);
  SECTION("another time to live") {
    world.burst({world.datagram(500), world.datagram(500, {.ttl = 63}), world.datagram(500, {.ttl = 63})});
    CHECK(world.reads(fd) == Reads{{500, 0}, {1000, 500}});
  }
  SECTION("an identifier is missing") {
    world.burst({world.datagram(500, {.id = 7}), world.datagram(500, {.id = 8}), world.datagram(500, {.id = 10})});
    CHECK(world.reads(fd) == Reads{{1000, 500}, {500, 0}});
  }
  SECTION("the same identifier: only with DF") {
    world.burst({world.datagram(500, {.id = 7}), world.datagram(500, {.id = 7}),
                 world.datagram(500, {.id = 7, .dont_fragment = true}),
                 world.datagram(500, {.id = 7, .dont_fragment = true})});
    CHECK(world.reads(fd) == Reads{{500, 0}, {500, 0}, {1000, 500}});
  }
}

TEST_CASE("Flows are merged each for itself", "[udp][gro]") {
  GroWorld world;
  static_cast<void>(world.open(true));
  std::vector<Frame> frames;
  for (std::uint16_t i = 0; i < 30; ++i) {
    const auto flow = static_cast<std::uint16_t>(i % 3);
    frames.push_back(
        world.datagram(200, {.id = static_cast<std::uint16_t>(50 + i / 3)}, static_cast<std::uint16_t>(kFrom + flow)));
  }
  world.burst(frames);
  CHECK(world.packets_up() == 3);
}

TEST_CASE("More flows than are held: the oldest goes up", "[udp][gro]") {
  GroWorld world;
  static_cast<void>(world.open(true));
  std::vector<Frame> frames;
  for (std::uint16_t round = 0; round < 2; ++round) {
    for (std::uint16_t flow = 0; flow < 9; ++flow) {
      frames.push_back(world.datagram(200, {.id = static_cast<std::uint16_t>(50 + round)},
                                      static_cast<std::uint16_t>(kFrom + flow)));
    }
  }
  world.burst(frames);
  CHECK(world.packets_up() == 18);  // each had gone when the next of its flow came
}

TEST_CASE("What is not whole and right is not merged", "[udp][gro]") {
  GroWorld world;
  const int fd = world.open(true);
  SECTION("a wrong checksum ends as the lone datagram that it is") {
    Frame wrong = world.datagram(500, {.id = 9});
    wrong.back() ^= std::byte{1};
    world.burst({wrong, wrong});
    CHECK(world.counter("Udp.InCsumErrors") == 2);
    CHECK(world.counter("drop.udp_bad_checksum") == 2);
    CHECK(world.reads(fd).empty());
  }
  SECTION("no checksum") {
    Frame first = world.datagram(500);
    Frame second = world.datagram(500);
    for (Frame* frame : {&first, &second}) base::store_be16(*frame, kTransportAt + 6, 0);
    world.burst({first, second});
    CHECK(world.reads(fd) == Reads{{500, 0}, {500, 0}});
  }
  SECTION("padded by Ethernet") {
    world.send({10, 10});
    CHECK(world.reads(fd) == Reads{{10, 0}, {10, 0}});
  }
}

TEST_CASE("A socket that did not ask gets a merged packet's datagrams one by one", "[udp][gro]") {
  GroWorld world;
  const int plain = world.open(false);
  const int merged = world.open(true);  // the last that was bound decides
  std::vector<Frame> frames;
  const PacketOptions to_all{.destination = headers::Ipv4Address::of(10, 0, 0, 255)};
  for (const std::size_t payload : {700U, 700U, 100U}) frames.push_back(world.datagram(payload, to_all));
  world.burst(frames);
  CHECK(world.packets_up() == 1);
  CHECK(world.reads(plain) == Reads{{700, 0}, {700, 0}, {100, 0}});
  CHECK(world.reads(merged) == Reads{{1500, 700}});
  CHECK(world.counter("Udp.InDatagrams") == 4);
  CHECK(world.counter("skb.in_use") == 0);
}

TEST_CASE("A socket's filter sees what the socket would get", "[udp][gro]") {
  using namespace host::device::bpf;
  GroWorld world;
  const int plain = world.open(false);
  const int merged = world.open(true);
  // Only what is 700 bytes of payload, or more: its UDP length.
  const std::vector<device::BpfInstruction> program{
      {kLd | kH | kAbs, 0, 0, 4}, {kJmp | kJge | kK, 0, 1, 708}, {kRet | kK, 0, 0, 0xffff}, {kRet | kK, 0, 0, 0}};
  for (const int fd : {plain, merged}) {
    REQUIRE(world.calls().attach_filter(fd, *device::BpfProgram::make(program)).ok());
  }
  std::vector<Frame> frames;
  const PacketOptions to_all{.destination = headers::Ipv4Address::of(10, 0, 0, 255)};
  for (const std::size_t payload : {700U, 700U, 100U}) frames.push_back(world.datagram(payload, to_all));
  world.burst(frames);
  CHECK(world.reads(plain) == Reads{{700, 0}, {700, 0}});
  CHECK(world.reads(merged) == Reads{{1500, 700}});
  CHECK(world.counter("drop.socket_filter") == 1);
}

TEST_CASE("gro_flush_timeout holds packets beyond the poll, for so long", "[udp][gro]") {
  const auto packets = [](const char* nanoseconds) {
    GroWorld world;
    const int fd = world.open(true);
    auto& kernel = world.kernel();
    REQUIRE(kernel.files().write(kernel.cpu(0), "/sys/class/net/eth0/gro_flush_timeout", nanoseconds).ok());
    for (int i = 0; i < 3; ++i) {
      world.station().nic.deliver(world.datagram(500));
      world.run_for(5 * kMicrosecond);
    }
    const auto before = world.packets_up();
    world.run_for(kMillisecond);
    CHECK(world.counter("skb.in_use") == world.packets_up());
    return std::pair(before, world.reads(fd));
  };
  CHECK(packets("0") == std::pair(std::uint64_t{3}, Reads{{500, 0}, {500, 0}, {500, 0}}));
  CHECK(packets("20000") == std::pair(std::uint64_t{0}, Reads{{1500, 500}}));
}

TEST_CASE("What is held when the interface goes down is dropped and counted", "[udp][gro]") {
  GroWorld world;
  static_cast<void>(world.open(true));
  auto& kernel = world.kernel();
  REQUIRE(kernel.files().write(kernel.cpu(0), "/sys/class/net/eth0/gro_flush_timeout", "1000000").ok());
  world.station().nic.deliver(world.datagram(500));
  world.run_for(5 * kMicrosecond);
  CHECK(world.counter("skb.in_use") == 1);
  world.station().nic.device().close(kernel.cpu(0));
  CHECK(world.counter("skb.in_use") == 0);
  CHECK(world.counter("drop.interface_down") == 1);
}

TEST_CASE("With rx-udp-gro-forwarding a router handles a burst as one packet and sends it as it came", "[udp][gro]") {
  struct Seen {
    std::uint64_t forwarded = 0;
    std::vector<Frame> frames = {};
  };
  const auto count = GENERATE(std::uint16_t{8}, std::uint16_t{40});
  const auto through_router = [count](bool on) {
    RouterWorld world;
    static_cast<void>(world.from_left(udp_frame(1, 9, 10, RouterWorld::through())));  // neighbours are known then
    world.run_for(kSecond);
    auto& router = world.router();
    router.host.net().set_link_flags(router.host.kernel().cpu(0), router.nic.device(), {.udp_gro_forwarding = on});
    Seen seen;
    const auto before = world.counter("Ip.ForwDatagrams");
    world.right.on_wire = [&](const Frame& frame) {
      seen.frames.push_back(frame);
      return false;
    };
    for (std::uint16_t i = 0; i < count; ++i) {
      PacketOptions options = RouterWorld::through();
      options.id = static_cast<std::uint16_t>(100 + i);
      world.router().nic.deliver(udp_frame(kFrom, kPort, 200, options));
    }
    world.run_for(kMillisecond);
    world.right.on_wire = nullptr;
    seen.forwarded = world.counter("Ip.ForwDatagrams") - before;
    return seen;
  };
  const Seen each = through_router(false);
  const Seen merged = through_router(true);
  CHECK(each.forwarded == count);
  CHECK(merged.forwarded == 1);
  REQUIRE(each.frames.size() == count);
  REQUIRE(merged.frames.size() == count);
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(merged.frames[i].size() == each.frames[i].size());
    CHECK(std::equal(merged.frames[i].begin() + 34, merged.frames[i].end(), each.frames[i].begin() + 34));
  }
}
