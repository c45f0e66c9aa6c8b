// SPDX-License-Identifier: Apache-2.0
// Thousands of damaged frames: nothing breaks, and every frame is accounted for exactly once.
#include <catch2/catch.hpp>

#include <random>
#include <set>

#include "host/apps/udp_echo.hpp"
#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;

namespace {

/// No packet may end twice.
class DropWatcher final : public kernel::JourneyObserver {
 public:
  void step(const kernel::JourneyEvent& event) override {
    if (event.step == kernel::JourneyStep::arp_rcv) {
      ++arps;
    }
  }
  void drop(kernel::SkbId skb, base::DropReason, unsigned, platform::Nanoseconds) override {
    REQUIRE(dropped.insert(skb).second);
  }
  void derived(kernel::SkbId, kernel::SkbId) override {}

  std::set<kernel::SkbId> dropped;
  std::uint64_t arps = 0;
};

std::vector<Frame> seeds() {
  Frame quoted(28);
  headers::write_ipv4(quoted, {.total_length = 28,
                               .protocol = headers::IpProtocol::udp,
                               .source = address_of(1),
                               .destination = address_of(2)});
  return {udp_frame(4000, apps::kEchoPort, 100),
          udp_frame(4000, 9, 10),
          udp_frame(4000, apps::kEchoPort, 20,
                    {.destination_mac = base::MacAddress::broadcast(), .destination = address_of(255)}),
          echo_request(56),
          icmp_frame({.type = headers::IcmpType::echo_reply, .code = 0, .id = 1, .sequence = 1}, Frame(20)),
          icmp_frame({.type = headers::IcmpType::timestamp_request, .code = 0, .id = 1, .sequence = 1}, Frame(12)),
          icmp_frame({.type = headers::IcmpType::destination_unreachable, .code = 3, .id = 0, .sequence = 0}, quoted),
          ipv4_frame(headers::IpProtocol::tcp, Frame(20)),
          udp_frame(1, apps::kEchoPort, 64, {.more_fragments = true}),
          introduction(2)};
}

/// Flips bits, cuts, grows, or mends the IP checksum so that damage reaches deeper layers.
Frame mutate(Frame frame, std::mt19937& random) {
  const unsigned flips = static_cast<unsigned>(random() % 4);
  for (unsigned i = 0; i < flips; ++i) {
    frame[random() % frame.size()] ^= static_cast<std::byte>(1U << random() % 8);
  }
  if (random() % 8 == 0) {
    frame.resize(random() % (frame.size() + 1));
  }
  if (random() % 8 == 0) {
    frame.resize(frame.size() + random() % 64, std::byte{0xa5});
  }
  if (random() % 2 == 0 && frame.size() >= kTransportAt) {
    base::store_be16(frame, kIpAt + 10, 0);
    const std::size_t header = std::min<std::size_t>((base::load_u8(frame, kIpAt) & 0xfU) * 4U, frame.size() - kIpAt);
    base::store_be16(frame, kIpAt + 10, base::internet_checksum(std::span(frame).subspan(kIpAt, header)));
  }
  return frame;
}

/// Layer by layer: what entered equals what left upwards plus what ended there.
void check_conservation(Station& station, const DropWatcher& watcher) {
  const auto c = station.host.counters();
  const auto sum = [&](std::initializer_list<const char*> names) {
    std::uint64_t total = 0;
    for (const char* name : names) {
      total += c.at(name);
    }
    return total;
  };
  CHECK(c.at("eth0.rx_packets") ==
        sum({"drop.short_ethernet", "drop.unknown_protocol", "drop.other_host", "Ip.InReceives"}) + watcher.arps);
  // A reassembled datagram has come as fragments, and goes on as one packet more.
  CHECK(c.at("Ip.InReceives") + c.at("Ip.ReasmOKs") ==
        sum({"Ip.InHdrErrors", "IpExt.InTruncatedPkts", "Ip.InAddrErrors", "Ip.InDiscards", "drop.ip_bad_source",
             "drop.ip_bad_destination", "drop.ip_source_route", "drop.ip_not_member", "Ip.ReasmReqds",
             "Ip.InUnknownProtos", "Ip.InDelivers"}));
  CHECK(c.at("Ip.InDelivers") == sum({"Icmp.InMsgs", "Udp.InErrors", "Udp.NoPorts", "Udp.IgnoredMulti",
                                      "Udp.InDatagrams", "drop.igmp_malformed"}));
  CHECK(watcher.dropped.size() == station.host.kernel().drops().total());
  CHECK(station.host.pool().in_use() == 0);
}

}  // namespace

TEST_CASE("mutated frames break nothing and are all accounted for", "[apps][fuzz]") {
  const auto seed = GENERATE(range(1U, 9U));
  std::mt19937 random(seed);
  DropWatcher watcher;
  World world({.stations = 1});
  world[1].host.kernel().observe(&watcher);
  apps::UdpEchoStats server;
  static_cast<void>(world[1].start("udp-echo", [&](kernel::Process& self) -> kernel::Task<void> {
    static_cast<void>(co_await apps::udp_echo(self, world[1].host.sockets(), server));
  }));
  const auto originals = seeds();
  for (unsigned i = 0; i < 4000; ++i) {
    world[1].nic.deliver(mutate(originals[random() % originals.size()], random));
    if (i % 16 == 0) {
      world.run_for(kMillisecond);
    }
  }
  world.run_for(60 * kSecond);  // every question to a neighbour has been given up
  CHECK(server.received > 100);
  check_conservation(world[1], watcher);
}

TEST_CASE("frames of pure noise break nothing and are all accounted for", "[apps][fuzz]") {
  std::mt19937 random(99);
  DropWatcher watcher;
  World world({.stations = 1});
  world[1].host.kernel().observe(&watcher);
  for (unsigned i = 0; i < 5000; ++i) {
    Frame frame(random() % 1515);
    for (auto& byte : frame) {
      byte = static_cast<std::byte>(random());
    }
    if (frame.size() >= 14 && random() % 2 == 0) {
      headers::write_ethernet(frame, {.destination = mac_of(1),
                                      .source = mac_of(2),
                                      .type = random() % 2 == 0 ? headers::EtherType::ipv4 : headers::EtherType::arp});
    }
    world[1].nic.deliver(std::move(frame));
  }
  world.run_for(60 * kSecond);
  check_conservation(world[1], watcher);
}
