// SPDX-License-Identifier: Apache-2.0
// tc egress: what is sent is asked for before the qdisc.
#include "host/device/bpf_code.hpp"
#include "host/device/ingress_filter.hpp"
#include "host/device/vlan.hpp"
#include "tests/host/device/wire_world.hpp"

using namespace host;
using base::DropReason;
using base::Errno;
using device::IngressAction;
using device::IngressRule;
using device::NetDevice;
using device::U32Match;
using host_test::tagged;
using host_test::wire_frame;
using host_test::WireFrame;
using host_test::WireWorld;

namespace {

struct EgressWorld : WireWorld {
  device::IngressFilter& egress = eth0.device.egress();

  void add(IngressRule rule) { REQUIRE(egress.add(std::move(rule)).ok()); }
  base::Result<void> send(NetDevice& dev, const WireFrame& frame) {
    skb::Skb skb = pool.allocate(static_cast<std::uint32_t>(frame.size()));
    std::ranges::copy(frame, skb->put(static_cast<std::uint32_t>(frame.size())).begin());
    skb->dev = &dev;
    return core.dev_queue_xmit(cpu(), std::move(skb));
  }
  base::Result<void> send(const WireFrame& frame) { return send(eth0.device, frame); }
};

IngressRule all_of(unsigned preference, IngressAction action) {
  return {.preference = preference, .match = U32Match{}, .action = action};
}

}  // namespace

TEST_CASE("A rule about what is sent drops it before the qdisc, and the sender hears of it", "[device][egress]") {
  EgressWorld world;
  // A byte of the payload: keys count from the network header.
  world.add({.preference = 1,
             .protocol = 0x800,
             .match = U32Match{{.offset = 0, .mask = 0x00ff0000, .value = 0x00420000}},
             .action = IngressAction::shot});
  auto marked = wire_frame(0x800);
  base::store_u8(marked, 15, 0x42);
  CHECK(world.send(marked).error() == Errno::no_buffers);
  CHECK(world.send(wire_frame(0x800)).ok());
  auto other = marked;
  base::store_be16(other, 12, 0x86dd);
  CHECK(world.send(other).ok());
  CHECK(world.send(world.eth1.device, marked).ok());  // has no rules
  CHECK(world.eth0.sent == std::vector<WireFrame>{wire_frame(0x800), other});
  CHECK(world.drops(DropReason::tc_egress) == 1);
  CHECK(world.drops(DropReason::tc_ingress) == 0);
  CHECK(world.egress.stats(1)->packets == 1);
  CHECK(world.egress.stats(1)->bytes == 60);
  CHECK(world.egress.stats(1)->dropped == 1);
  CHECK(world.eth0.device.qdisc_stats().packets == 2);
  CHECK(world.eth0.device.stats().tx_dropped == 0);
  // What is received is another list's.
  world.receive(world.eth0, marked);
  CHECK(world.taken.size() == 1);
}

TEST_CASE("What is sent leaves by another interface, or a copy does", "[device][egress]") {
  EgressWorld world;
  IngressRule mirror = all_of(1, IngressAction::mirror);
  mirror.target = &world.eth1.device;
  world.add(mirror);
  CHECK(world.send(wire_frame(0x800)).ok());
  CHECK(world.eth0.sent == std::vector<WireFrame>{wire_frame(0x800)});
  CHECK(world.eth1.sent == std::vector<WireFrame>{wire_frame(0x800)});
  REQUIRE(world.egress.remove(1).ok());
  IngressRule redirect = all_of(2, IngressAction::redirect);
  redirect.target = &world.eth1.device;
  world.add(redirect);
  CHECK(world.send(wire_frame(0x806)).ok());
  CHECK(world.eth0.sent.size() == 1);
  CHECK(world.eth1.sent.back() == wire_frame(0x806));
  // Its interface goes: what was for it is dropped.
  world.eth1.device.close(world.cpu());
  world.core.unregister_device(world.eth1.device);
  CHECK(world.send(wire_frame(0x806)).error() == Errno::no_buffers);
  CHECK(world.drops(DropReason::tc_egress) == 1);
}

TEST_CASE("Rules that send to one another end, as Linux's do, after four", "[device][egress]") {
  EgressWorld world;
  const bool copies = GENERATE(false, true);
  for (NetDevice* dev : {&world.eth0.device, &world.eth1.device}) {
    IngressRule rule = all_of(1, copies ? IngressAction::mirror : IngressAction::redirect);
    rule.target = dev == &world.eth0.device ? &world.eth1.device : &world.eth0.device;
    REQUIRE(dev->egress().add(rule).ok());
  }
  CHECK(world.send(wire_frame(0x800)).ok());
  CHECK(world.drops(DropReason::tc_egress) == 1);
  CHECK(world.eth0.sent.size() + world.eth1.sent.size() == (copies ? 4 : 0));
  // And each packet begins anew.
  CHECK(world.send(world.eth1.device, wire_frame(0x800)).ok());
  CHECK(world.eth1.device.egress().stats(1)->packets == 5);
}

TEST_CASE("A program sees the frame from its Ethernet header on, a tagged one behind its tag too", "[device][egress]") {
  using namespace device::bpf;
  EgressWorld world;
  const std::vector<device::BpfInstruction> program{
      {kLd | kH | kAbs, 0, 0, 12}, {kJmp | kJeq | kK, 0, 1, 0x0806}, {kRet | kK, 0, 0, 1}, {kRet | kK, 0, 0, 0}};
  world.add({.preference = 1,
             .match = *device::BpfProgram::make(program),
             .action = IngressAction::shot,
             .kind = device::IngressKind::bpf});
  CHECK(world.send(wire_frame(0x800)).ok());
  CHECK(world.send(wire_frame(0x806)).error() == Errno::no_buffers);
  // By its own EtherType a tagged frame is a VLAN's; its keys count from behind the tag.
  IngressRule vlan = {.preference = 2,
                      .protocol = 0x8100,
                      .match = U32Match{{.offset = 0, .mask = 0xff000000, .value = 0x0e000000}},
                      .action = IngressAction::shot};
  world.add(vlan);
  const auto five = world.core.vlans().add(world.eth0.device, 5, "eth0.5");
  REQUIRE(five.ok());
  REQUIRE((*five)->open(world.cpu()).ok());
  static_cast<void>(world.send(**five, wire_frame(0x800)));
  CHECK(world.drops(DropReason::tc_egress) == 2);
  CHECK((*five)->stats().tx_dropped == 1);
  CHECK(world.egress.stats(2)->bytes == 64);
  REQUIRE(world.egress.remove(2).ok());
  static_cast<void>(world.send(**five, wire_frame(0x800)));
  CHECK(world.eth0.sent.back() == tagged(wire_frame(0x800), 5));
}
