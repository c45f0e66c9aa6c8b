// SPDX-License-Identifier: Apache-2.0
// What connection tracking never mixes up: families, and first packets that race each other.
#include "tests/host/netfilter/passage6.hpp"

using namespace host;
using namespace host_test;
using netfilter::Hook;

namespace {

constexpr const char* kStates =
    "table ip t { chain c { type filter hook input priority 0; ct state new counter; ct state established counter; "
    "ct state related counter; ct state invalid counter } }";

}  // namespace

TEST_CASE("an error of one family is never about a connection of the other", "[conntrack][ip6]") {
  Passage passage;
  passage.rules(
      "table inet t { chain c { type filter hook input priority 0; ct state related counter; ct state invalid counter "
      "} "
      "}");
  const Frame sent = udp6_packet("fd00::1", 5000, "fd00::9", 53);
  CHECK(passage.goes(sent).has_value());
  Frame report = packet_of(icmp_frame({.type = headers::IcmpType::time_exceeded}, sent,
                                      {.source = address("10.0.0.7"), .destination = address("10.0.0.1")}));
  CHECK(passage.comes(report).has_value());
  CHECK(passage.counted("c", 0) == 0);
  CHECK(passage.counted("c", 1) == 1);
}

TEST_CASE("two first packets that race each other are of one connection", "[conntrack]") {
  Passage passage;
  passage.rules(kStates);
  auto& cpu = passage.host.kernel().cpu(0);
  const Frame packet = udp_packet("10.0.0.2", 1, "10.0.0.1", 2);
  auto* device = &passage.world[1].nic.device();
  const auto begin = [&] {
    skb::Skb skb = passage.host.pool().allocate(static_cast<std::uint32_t>(packet.size()));
    std::ranges::copy(packet, skb->put(static_cast<std::uint32_t>(packet.size())).begin());
    skb->reset_network_header();
    REQUIRE(passage.host.ip().hooks.pass(cpu, skb, {.hook = Hook::prerouting, .in = device}));
    return skb;
  };
  skb::Skb first = begin();
  skb::Skb second = begin();
  CHECK(passage.host.ip().hooks.pass(cpu, second, {.hook = Hook::input, .in = device}));
  CHECK(passage.host.ip().hooks.pass(cpu, first, {.hook = Hook::input, .in = device}));
  CHECK(passage.host.ip().conntrack.total().clashres == 1);
  CHECK(passage.host.ip().conntrack.count() == 1);
}
