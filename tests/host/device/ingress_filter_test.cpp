// SPDX-License-Identifier: Apache-2.0
// tc ingress: what matches, what happens to it, how much may pass.
#include "host/device/ingress_filter.hpp"
#include "host/device/bpf_code.hpp"
#include "tests/host/device/wire_world.hpp"

using namespace host;
using base::DropReason;
using base::Errno;
using device::IngressAction;
using device::IngressRule;
using device::U32Match;
using host_test::wire_frame;
using host_test::WireWorld;

namespace {

void add(WireWorld& world, IngressRule rule) {
  REQUIRE(world.eth0.device.ingress().add(std::move(rule)).ok());
}

IngressRule all_of(unsigned preference, IngressAction action) {
  return {.preference = preference, .match = U32Match{}, .action = action};
}

}  // namespace

TEST_CASE("Rules are asked in the order of their preferences, and the first match decides", "[device][ingress]") {
  WireWorld world;
  add(world, all_of(20, IngressAction::shot));
  add(world, {.preference = 10, .match = U32Match{{.offset = 0, .mask = 0x00ff0000, .value = 0x00420000}}});
  auto marked = wire_frame(0x800);
  base::store_u8(marked, 15, 0x42);
  world.receive(world.eth0, marked);
  world.receive(world.eth0, wire_frame(0x800));
  world.receive(world.eth1, wire_frame(0x800));  // has no rules
  CHECK(world.taken.size() == 2);
  CHECK(world.taken.front() == marked);
  CHECK(world.drops(DropReason::tc_ingress) == 1);
  CHECK(world.eth0.device.ingress().stats(10)->packets == 1);
  CHECK(world.eth0.device.ingress().stats(20)->dropped == 1);
  CHECK(world.eth0.device.ingress().stats(20)->bytes == 60);
  CHECK(world.eth0.device.ingress().remove(20).ok());
  world.receive(world.eth0, wire_frame(0x800));
  CHECK(world.taken.size() == 3);
}

TEST_CASE("A rule is for one protocol or for all, and a key beyond the packet matches nothing", "[device][ingress]") {
  WireWorld world;
  IngressRule ipv6 = all_of(1, IngressAction::shot);
  ipv6.protocol = 0x86dd;
  add(world, ipv6);
  add(world, {.preference = 2, .match = U32Match{{.offset = 44}}, .action = IngressAction::shot});
  world.receive(world.eth0, wire_frame(0x800));
  world.receive(world.eth0, wire_frame(0x86dd));
  CHECK(world.taken.size() == 1);
  CHECK(world.eth0.device.ingress().stats(1)->packets == 1);
  CHECK(world.eth0.device.ingress().stats(2)->packets == 0);
}

TEST_CASE("A classic BPF program matches from the Ethernet header on", "[device][ingress]") {
  using namespace host::device::bpf;
  WireWorld world;
  const std::vector<device::BpfInstruction> program{
      {kLd | kH | kAbs, 0, 0, 12}, {kJmp | kJeq | kK, 0, 1, 0x800}, {kRet | kK, 0, 0, 1}, {kRet | kK, 0, 0, 0}};
  add(world, {.preference = 1, .match = *device::BpfProgram::make(program), .action = IngressAction::shot});
  world.receive(world.eth0, wire_frame(0x800));
  world.receive(world.eth0, wire_frame(0x86dd));
  CHECK(world.drops(DropReason::tc_ingress) == 1);
  CHECK(world.drops(DropReason::unknown_protocol) == 1);
}

TEST_CASE("A rule sends packets out of another interface as they came", "[device][ingress]") {
  WireWorld world;
  IngressRule rule = all_of(1, IngressAction::redirect);
  CHECK(world.eth0.device.ingress().add(rule).error() == Errno::invalid);
  rule.target = &world.eth1.device;
  add(world, rule);
  world.receive(world.eth0, wire_frame(0x800));
  CHECK(world.taken.empty());
  CHECK(world.eth1.sent == std::vector<host_test::WireFrame>{wire_frame(0x800)});
}

TEST_CASE("A mirror sends a copy and lets the packet go on; without its interface a rule drops", "[device][ingress]") {
  WireWorld world;
  IngressRule rule = all_of(1, IngressAction::mirror);
  CHECK(world.eth0.device.ingress().add(rule).error() == Errno::invalid);
  rule.target = &world.eth1.device;
  add(world, rule);
  world.receive(world.eth0, wire_frame(0x800));
  CHECK(world.taken == std::vector<host_test::WireFrame>{wire_frame(0x800)});
  CHECK(world.eth1.sent == std::vector<host_test::WireFrame>{wire_frame(0x800)});
  world.eth0.device.ingress().forget(world.eth1.device);
  world.receive(world.eth0, wire_frame(0x800));
  CHECK(world.taken.size() == 1);
  CHECK(world.eth1.sent.size() == 1);
  CHECK(world.drops(DropReason::tc_ingress) == 1);
}

TEST_CASE("A mirror without memory for the copy counts the copy that is lost", "[device][ingress]") {
  WireWorld world;
  IngressRule rule = all_of(1, IngressAction::mirror);
  rule.target = &world.eth1.device;
  add(world, rule);
  skb::Skb packet = world.made(world.eth0, wire_frame(0x800));
  std::vector<skb::Skb> all;
  while (skb::Skb skb = world.pool.allocate(1)) all.push_back(std::move(skb));
  world.receive(std::move(packet));
  CHECK(world.taken.size() == 1);
  CHECK(world.eth1.sent.empty());
  CHECK(world.drops(DropReason::tap_no_memory) == 1);
}

TEST_CASE("Rules of one preference are asked by their handles, and are of one kind and protocol", "[device][ingress]") {
  WireWorld world;
  auto& ingress = world.eth0.device.ingress();
  IngressRule rule = all_of(1, IngressAction::shot);
  rule.handle = 7;
  add(world, rule);
  CHECK(ingress.add(rule).error() == Errno::exists);
  rule.handle = 3;
  rule.action = IngressAction::ok;
  add(world, rule);
  rule.handle = 0;  // the next
  add(world, rule);
  REQUIRE(ingress.entries().size() == 3);
  CHECK(ingress.entries()[0].rule.handle == 3);
  CHECK(ingress.entries()[2].rule.handle == 8);
  world.receive(world.eth0, wire_frame(0x800));
  CHECK(world.taken.size() == 1);
  rule.protocol = 0x806;
  CHECK(ingress.add(rule).error() == Errno::invalid);
  rule.protocol = 0;
  rule.kind = device::IngressKind::matchall;
  CHECK(ingress.add(rule).error() == Errno::invalid);
  CHECK(ingress.remove(1).ok());
  CHECK(ingress.empty());
}

TEST_CASE("A police lets its burst pass, then its rate", "[device][ingress]") {
  WireWorld world;
  IngressRule rule = all_of(1, IngressAction::ok);
  rule.police = {.rate_bytes = 60'000, .burst_bytes = 600};  // ten frames at once, one a millisecond
  add(world, rule);
  for (int i = 0; i < 25; ++i) world.receive(world.eth0, wire_frame(0x800));
  CHECK(world.taken.size() == 10);
  CHECK(world.drops(DropReason::tc_ingress) == 15);
  for (int i = 1; i <= 400; ++i) {
    world.machine.cpus.at(i * 250'000, [&world] { world.receive(world.eth0, wire_frame(0x800)); });
  }
  world.kernel.run(0);
  CHECK(world.taken.size() == 10 + 100);
  CHECK(world.eth0.device.ingress().stats(1)->overlimits == 15 + 300);
  world.machine.cpus.at(1'000'000'000, [&world] {  // no more than a burst was saved up meanwhile
    for (int i = 0; i < 25; ++i) world.receive(world.eth0, wire_frame(0x800));
  });
  world.kernel.run(0);
  CHECK(world.taken.size() == 10 + 100 + 10);
  for (const device::Police& nothing : {device::Police{0, 600}, device::Police{600, 0}}) {
    rule.preference = 2;
    rule.police = nothing;
    CHECK(world.eth0.device.ingress().add(rule).error() == Errno::invalid);
  }
}

TEST_CASE("Rules are bounded", "[device][ingress]") {
  WireWorld world;
  auto& ingress = world.eth0.device.ingress();
  for (unsigned i = 0; i < device::IngressFilter::kMostRules; ++i) add(world, all_of(2 * i, IngressAction::ok));
  CHECK(ingress.add(all_of(1, IngressAction::ok)).error() == Errno::no_buffers);
  CHECK(ingress.remove(1).error() == Errno::no_entry);
  CHECK(ingress.remove(0).ok());
  CHECK(ingress.stats(0).error() == Errno::no_entry);
}
