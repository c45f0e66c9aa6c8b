// SPDX-License-Identifier: Apache-2.0
// Connections are of whole datagrams: fragments wait for each other before the hooks, and leave as they came.
#include "host/apps/udp_client.hpp"
#include "host/apps/udp_echo.hpp"
#include "tests/host/ip/fragments.hpp"
#include "tests/host/ip/router_world.hpp"
#include "tests/host/netfilter/passage.hpp"

using namespace host;
using namespace host_test;
using netfilter::Hook;

namespace {

constexpr const char* kMasquerade =
    "table ip t { chain n { type nat hook postrouting priority srcnat; oifname \"eth1\" masquerade } }";
constexpr const char* kTracked =
    "table ip t { chain c { type filter hook prerouting priority 0; ct state new counter; "
    "ct state invalid counter; udp dport 1000 counter } }";

/// What a device sends of IPv4.
struct Watch {
  explicit Watch(CableNic& nic) {
    nic.on_wire = [this](const Frame& frame) {
      if (headers::EthernetView::parse(frame)->type() == headers::EtherType::ipv4) frames.push_back(frame);
      return true;
    };
  }
  std::vector<Frame> frames;
};

/// A datagram of `payload` bytes from near to far, in pieces of `piece` bytes.
std::vector<Frame> pieces_of(std::size_t payload, std::size_t piece, bool dont_fragment) {
  Frame datagram(8 + payload, std::byte{0x42});
  headers::write_udp(datagram, 4000, 9, address_of(1), right_address(3));
  std::vector<Frame> frames;
  for (std::size_t at = 0; at < datagram.size(); at += piece) {
    const std::size_t end = std::min(at + piece, datagram.size());
    PacketOptions options = RouterWorld::through();
    options.fragment_offset = static_cast<std::uint16_t>(at);
    options.more_fragments = end < datagram.size();
    options.dont_fragment = dont_fragment;
    options.id = 77;
    frames.push_back(ipv4_frame(
        headers::IpProtocol::udp,
        Frame(datagram.begin() + static_cast<long>(at), datagram.begin() + static_cast<long>(end)), options));
  }
  return frames;
}

}  // namespace

TEST_CASE("fragmented datagrams pass a translating router both ways", "[conntrack][nat][fragment]") {
  RouterWorld world;
  put_in_force(world.router().host, kMasquerade);
  Watch out(world.right);
  Watch back(world.router().nic);
  apps::UdpEchoStats server;
  apps::UdpClientReport client;
  const std::vector<std::size_t> sizes{100, 1'472, 1'473, 5'000, 20'000};
  static_cast<void>(world.far().start("udp-echo", [&](kernel::Process& self) -> kernel::Task<void> {
    static_cast<void>(co_await apps::udp_echo(self, world.far().host.sockets(), server));
  }));
  static_cast<void>(world.near().start("udp-client", [&](kernel::Process& self) -> kernel::Task<void> {
    const apps::UdpClientOptions options{.server = {right_address(3), apps::kEchoPort}, .sizes = sizes};
    co_await apps::udp_client(self, world.near().host.sockets(), options, client);
  }));
  world.run_for(20 * kSecond);
  CHECK(client.echoed == sizes.size());
  CHECK(client.corrupted + client.errors + client.timeouts == 0);
  std::size_t later = 0;
  for (const Frame& frame : out.frames) {
    CHECK(ip_of(frame).source() == right_address(2));
    CHECK(ip_of(frame).packet().size() <= 1'500);
    later += ip_of(frame).fragment_offset() != 0 ? 1 : 0;
  }
  CHECK(later == 1 + 3 + 13);
  for (const Frame& frame : back.frames) CHECK(ip_of(frame).destination() == address_of(1));
  CHECK(world.router().host.ip().conntrack.count() == 1);
  CHECK(world.router().host.ip().conntrack.total().invalid == 0);
  CHECK(world.counter("Ip.ReasmOKs") == 6);
  CHECK(world.counter("Ip.FragOKs") == 6);
  for (Station* station : {&world.near(), &world.router(), &world.far()}) {
    CHECK(station->host.kernel().drops().total() == 0);
    CHECK(station->host.pool().in_use() == 0);
  }
}

TEST_CASE("what was gathered leaves in pieces no larger than it came in, DF and all", "[conntrack][fragment]") {
  struct Row {
    std::uint32_t mtu;
    bool dont_fragment;
    std::size_t largest;  // packet that leaves; 0: none does
  };
  for (const Row& row : {Row{1'500, false, 420}, Row{1'500, true, 420}, Row{300, false, 300}, Row{300, true, 0}}) {
    INFO(row.mtu << row.dont_fragment);
    RouterWorld world(row.mtu);
    put_in_force(world.router().host, kTracked);
    Watch out(world.right);
    std::vector<Frame> answers;
    for (const Frame& frame : pieces_of(1'000, 400, row.dont_fragment)) {
      for (Frame& answer : world.from_left(frame)) answers.push_back(std::move(answer));
    }
    world.run_for(kSecond);
    std::size_t largest = 0;
    std::size_t payload = 0;
    for (const Frame& frame : out.frames) {
      largest = std::max(largest, ip_of(frame).packet().size());
      payload += ip_of(frame).payload().size();
      CHECK(ip_of(frame).dont_fragment() == row.dont_fragment);
      CHECK(ip_of(frame).fields().id == 77);
    }
    CHECK(largest == row.largest);
    CHECK(payload == (row.largest != 0 ? 1'008 : 0));
    REQUIRE(answers.size() == 1);
    const auto message = ip_of(answers[0]).payload();
    CHECK(base::load_u8(message, 0) == 3);
    CHECK(base::load_u8(message, 1) == (row.largest == 0 ? 4 : 3));  // too big, or nobody at far's port
    CHECK(base::load_be16(message, 6) == (row.largest == 0 ? 300 : 0));
  }
}

TEST_CASE("no byte of a datagram that is gathered on its way is copied", "[conntrack][fragment]") {
  RouterWorld world;
  put_in_force(world.router().host, kTracked);
  Watch out(world.right);
  static_cast<void>(world.from_left(udp_frame(4000, 9, 10, RouterWorld::through())));  // who is far is known
  world.run_for(kSecond);
  out.frames.clear();
  const auto pieces = pieces_of(1'000, 400, false);
  const std::uint64_t before = world.router().host.pool().allocated();
  for (const Frame& frame : pieces) world.router().nic.deliver(frame);
  world.run_for(kMillisecond);
  CHECK(out.frames.size() == 3);
  // far says that nobody has the port, which is forwarded, too: a packet each
  CHECK(world.router().host.pool().allocated() == before + 3 + 1);
}

TEST_CASE("fragments are forwarded one by one where nobody tracks connections", "[conntrack][fragment]") {
  RouterWorld world;
  Watch out(world.right);
  auto pieces = pieces_of(1'000, 400, false);
  static_cast<void>(world.from_left(pieces[1]));
  world.run_for(kSecond);
  CHECK(out.frames.size() == 1);
  CHECK(world.counter("Ip.ReasmReqds") == 0);
  put_in_force(world.router().host, kTracked);
  static_cast<void>(world.from_left(pieces[1]));
  world.run_for(kSecond);
  CHECK(out.frames.size() == 1);
  CHECK(world.counter("Ip.ReasmReqds") == 1);
  static_cast<void>(world.from_left(pieces[0]));
  static_cast<void>(world.from_left(pieces[2]));
  world.run_for(kSecond);
  CHECK(out.frames.size() == 4);
}

TEST_CASE("rules see a fragmented datagram once, with its ports", "[conntrack][fragment]") {
  Reassembling world;
  put_in_force(world.station().host, kTracked);
  const Frame datagram = counting_datagram(Reassembling::kPort, 2'000);
  world.hear(fragment_of(datagram, 1'200, 2'008, false));
  world.hear(fragment_of(datagram, 0, 1'200, true));
  CHECK(world.received().has_value());
  for (const auto& [rule, packets] : {std::pair{0, 1}, std::pair{1, 0}, std::pair{2, 1}}) {
    CHECK(TestRules::counted(world.station().host.ip().nftables, "c", static_cast<std::size_t>(rule)) ==
          static_cast<std::uint64_t>(packets));
  }
  CHECK(world.station().host.ip().conntrack.count() == 1);
}

TEST_CASE("who only passes a router hears nothing of fragments that are missing", "[conntrack][fragment]") {
  const auto answers_after_time = [](Lone& world) {
    world.run_for(31 * kSecond);
    std::size_t answers = 0;
    for (const Frame& frame : world.take()) {
      answers += headers::EthernetView::parse(frame)->type() == headers::EtherType::ipv4 ? 1 : 0;
    }
    CHECK(world.counter("drop.ip_fragment_timeout") == 1);
    return answers;
  };
  Reassembling ours;
  put_in_force(ours.station().host, kTracked);
  ours.hear(fragment_of(counting_datagram(Reassembling::kPort, 2'000), 0, 1'200, true));
  CHECK(answers_after_time(ours) == 1);
  Lone passes;
  put_in_force(passes.station().host, kTracked);
  passes.station().nic.deliver(
      ipv4_frame(headers::IpProtocol::udp, Frame(16),
                 {.destination = headers::Ipv4Address::of(192, 0, 2, 1), .more_fragments = true}));
  CHECK(answers_after_time(passes) == 0);
}

TEST_CASE("a checksum is over what lies in fragments of the buffer too", "[conntrack]") {
  for (const bool damaged : {false, true}) {
    Passage passage;
    passage.rules(kTracked);
    const Frame packet = udp_packet("10.0.0.2", 5, "10.0.0.1", 1'000);
    constexpr std::uint32_t kLinear = 33;  // an odd number
    skb::Skb rest = passage.host.pool().allocate(100);
    const auto bytes = rest->put(static_cast<std::uint32_t>(packet.size()) - kLinear + 1);
    std::copy(packet.begin() + kLinear, packet.end(), bytes.begin());
    bytes[3] ^= static_cast<std::byte>(damaged);
    skb::Skb head = passage.host.pool().allocate(kLinear);
    std::copy_n(packet.begin(), kLinear, head->put(kLinear).begin());
    head->reset_network_header();
    const auto offset = static_cast<std::uint32_t>(rest->headroom());
    REQUIRE(head->add_fragment(rest->buffer(), offset, static_cast<std::uint32_t>(packet.size()) - kLinear).ok());
    CHECK(passage.host.ip().hooks.pass(passage.host.kernel().cpu(0), head,
                                       {.hook = Hook::prerouting, .in = &passage.world[1].nic.device()}));
    CHECK(passage.counted("c", 0) == (damaged ? 0 : 1));
    CHECK(passage.counted("c", 1) == (damaged ? 1 : 0));
  }
}
