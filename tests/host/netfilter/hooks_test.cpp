// SPDX-License-Identifier: Apache-2.0
// Functions at the five hooks: in order, with the devices, and their word is final.
#include <catch2/catch.hpp>

#include "host/ip/ip_output.hpp"
#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using netfilter::Hook;
using netfilter::HookCall;
using netfilter::Verdict;

namespace {

netfilter::HookFunction always(Verdict verdict) {
  return [verdict](HookCall&, skb::Skb&) { return verdict; };
}

/// Time that a lone station's CPU spends on `count` echo requests.
Nanoseconds softirq_time(Lone& world, int count) {
  auto& cpu = world.station().host.kernel().cpu(0);
  const Nanoseconds before = cpu.time_in(kernel::CpuState::softirq);
  for (int i = 0; i < count; ++i) {
    CHECK(world.answer_to(echo_request(20)).size() == 1);
  }
  return cpu.time_in(kernel::CpuState::softirq) - before;
}

}  // namespace

TEST_CASE("an echo passes four hooks, each by priority, then by registration", "[netfilter][hooks]") {
  Lone world;
  auto& hooks = world.station().host.ip().hooks;
  std::vector<std::string> seen;
  const auto note = [&](const char* name) {
    return [&seen, name](HookCall& call, skb::Skb&) {
      seen.push_back(std::string(netfilter::hook_name(call.hook)) + ' ' + name + ' ' +
                     (call.in != nullptr ? call.in->name() : "-") + ' ' +
                     (call.out != nullptr ? call.out->name() : "-"));
      return Verdict::accept;
    };
  };
  for (const Hook hook : {Hook::postrouting, Hook::output, Hook::input, Hook::forward}) {
    static_cast<void>(hooks.add(hook, 0, note("a")));
  }
  static_cast<void>(hooks.add(Hook::prerouting, 5, note("late")));
  static_cast<void>(hooks.add(Hook::prerouting, -5, note("early")));
  static_cast<void>(hooks.add(Hook::prerouting, 5, note("later")));
  const unsigned gone = hooks.add(Hook::prerouting, 0, note("gone"));
  hooks.remove(gone);
  CHECK(world.answer_to(echo_request(20)).size() == 1);
  CHECK(seen == std::vector<std::string>{"prerouting early eth0 -", "prerouting late eth0 -", "prerouting later eth0 -",
                                         "input a eth0 -", "output a - eth0", "postrouting a - eth0"});
}

TEST_CASE("a dropped packet goes no further, whatever the hook", "[netfilter][hooks]") {
  struct Row {
    Hook hook;
    std::uint64_t delivered;
    std::uint64_t transmitted;
  };
  for (const Row& row :
       {Row{Hook::prerouting, 0, 0}, Row{Hook::input, 0, 0}, Row{Hook::output, 1, 0}, Row{Hook::postrouting, 1, 0}}) {
    INFO(netfilter::hook_name(row.hook));
    Lone world;
    auto& hooks = world.station().host.ip().hooks;
    bool heard = false;
    static_cast<void>(hooks.add(row.hook, 0, always(Verdict::drop)));
    static_cast<void>(hooks.add(row.hook, 1, [&heard](HookCall&, skb::Skb&) {
      heard = true;
      return Verdict::accept;
    }));
    CHECK(world.answer_to(echo_request(20)).empty());
    CHECK_FALSE(heard);
    CHECK(world.counter("drop.netfilter_drop") == 1);
    CHECK(world.station().host.kernel().drops().total() == 1);
    CHECK(world.counter("Ip.InDelivers") == row.delivered);
    CHECK(world.counter("Ip.OutTransmits") == row.transmitted);
  }
}

TEST_CASE("whoever steals a packet has it, and nothing is counted", "[netfilter][hooks]") {
  Lone world;
  skb::Skb kept;
  static_cast<void>(world.station().host.ip().hooks.add(Hook::input, 0, [&kept](HookCall&, skb::Skb& packet) {
    kept = std::move(packet);
    return Verdict::stolen;
  }));
  CHECK(world.answer_to(echo_request(20)).empty());
  REQUIRE(kept != nullptr);
  CHECK(kept->len() == 48);
  CHECK(world.station().host.kernel().drops().total() == 0);
}

TEST_CASE("the sender hears that netfilter does not permit it", "[netfilter][hooks]") {
  for (const Hook hook : {Hook::output, Hook::postrouting}) {
    World world({.stations = 1});
    auto& host = world[1].host;
    static_cast<void>(host.ip().hooks.add(hook, 0, always(Verdict::drop)));
    auto& cpu = host.kernel().cpu(0);
    const auto route = ip_route_output(host.ip(), cpu, address_of(2)).value();
    skb::Skb packet = host.pool().allocate(100);
    packet->put(20);
    const auto sent = ip_queue_xmit(host.ip(), cpu, std::move(packet), route, {.protocol = headers::IpProtocol::udp});
    REQUIRE_FALSE(sent.ok());
    CHECK(sent.error() == base::Errno::not_permitted);
  }
}

TEST_CASE("a packet that a hook sends elsewhere is routed again", "[netfilter][hooks]") {
  Lone world;
  auto& host = world.station().host;
  REQUIRE(host.add_address(world.station().nic.device(), *headers::Ipv4Prefix::parse("192.0.2.1/24")).ok());
  const auto redirect_to = [&](const char* address) {
    return host.ip().hooks.add(Hook::output, 0, [address](HookCall&, skb::Skb& packet) {
      const auto fields = headers::Ipv4View::parse_quoted(packet->bytes())->fields();
      auto changed = fields;
      changed.destination = *headers::Ipv4Address::parse(address);
      headers::write_ipv4(packet->writable(), changed);
      return Verdict::accept;
    });
  };
  const unsigned reachable = redirect_to("192.0.2.2");
  const auto sent = world.answer_to(echo_request(20));
  REQUIRE(sent.size() == 1);
  CHECK(headers::EthernetView::parse(sent[0])->type() == headers::EtherType::arp);  // who has 192.0.2.2?
  host.ip().hooks.remove(reachable);
  static_cast<void>(redirect_to("203.0.113.1"));
  CHECK(world.answer_to(echo_request(20)).empty());
  CHECK(world.counter("drop.ip_no_route") == 1);
}

TEST_CASE("hooks cost time only where something hangs on them", "[netfilter][hooks]") {
  constexpr int kPackets = 10;
  kernel::CostTable costs = kernel::CostTable::typical();
  Lone plain({.costs = costs});
  const Nanoseconds before = softirq_time(plain, kPackets);
  auto& hooks = plain.station().host.ip().hooks;
  const unsigned input = hooks.add(Hook::input, 0, always(Verdict::accept));
  const Nanoseconds more = kPackets * costs.picoseconds(kernel::Op::nf_hook) / 1'000;
  // The rest of a nanosecond is carried on.
  CHECK(std::abs(softirq_time(plain, kPackets) - before - more) <= 1);
  hooks.remove(input);
  CHECK(std::abs(softirq_time(plain, kPackets) - before) <= 1);
}
