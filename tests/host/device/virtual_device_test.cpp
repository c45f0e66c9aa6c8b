// SPDX-License-Identifier: Apache-2.0
// Interfaces without hardware: VLANs over another one, and pairs with a cable between them.
#include "host/device/veth.hpp"
#include "host/device/vlan.hpp"
#include "tests/host/device/wire_world.hpp"

using namespace host;
using base::DropReason;
using base::Errno;
using device::NetDevice;
using host_test::kFarMac;
using host_test::kWireMac;
using host_test::tagged;
using host_test::wire_frame;
using host_test::WireFrame;
using host_test::WireWorld;

namespace {

NetDevice& add_vlan(WireWorld& world, std::uint16_t id) {
  const auto added = world.core.vlans().add(world.eth0.device, id, "eth0." + std::to_string(id));
  REQUIRE(added.ok());
  REQUIRE((*added)->open(world.cpu()).ok());
  return **added;
}

base::Result<void> send(WireWorld& world, NetDevice& dev, const WireFrame& frame, std::uint32_t priority = 0) {
  skb::Skb skb = world.pool.allocate(static_cast<std::uint32_t>(frame.size()));
  std::ranges::copy(frame, skb->put(static_cast<std::uint32_t>(frame.size())).begin());
  skb->dev = &dev;
  skb->priority = priority;
  return world.core.dev_queue_xmit(world.cpu(), std::move(skb));
}

}  // namespace

TEST_CASE("A VLAN's interface receives what has its tag, without the tag", "[device][vlan]") {
  WireWorld world;
  NetDevice& five = add_vlan(world, 5);
  static_cast<void>(add_vlan(world, 4094));
  world.receive(world.eth0, tagged(wire_frame(0x800), 5));
  world.receive(world.eth0, tagged(wire_frame(0x800), 0xe000 | 4094));  // with a priority
  world.receive(world.eth0, wire_frame(0x800));
  CHECK(world.taken == std::vector<WireFrame>(3, wire_frame(0x800)));
  CHECK(world.taken_by == std::vector<std::string>{"eth0.5", "eth0.4094", "eth0"});
  CHECK(five.stats().rx_packets == 1);
  CHECK(five.stats().rx_bytes == 46);
}

TEST_CASE("Frames of a VLAN that nobody has are somebody else's; a tag of priority only goes off", "[device][vlan]") {
  WireWorld world;
  NetDevice& five = add_vlan(world, 5);
  world.receive(world.eth0, tagged(wire_frame(0x800), 6));
  world.receive(world.eth1, tagged(wire_frame(0x800), 5));  // another interface's five
  five.close(world.cpu());
  world.receive(world.eth0, tagged(wire_frame(0x800), 5));
  CHECK(world.drops(DropReason::other_host) == 3);
  CHECK(world.taken.empty());
  world.receive(world.eth0, tagged(wire_frame(0x800), 0x6000));
  CHECK(world.taken == std::vector<host_test::WireFrame>{wire_frame(0x800)});
  CHECK(world.taken_by == std::vector<std::string>{"eth0"});
}

TEST_CASE("What a VLAN's interface sends gets its tag, with the packet's priority", "[device][vlan]") {
  WireWorld world;
  NetDevice& five = add_vlan(world, 5);
  REQUIRE(send(world, five, wire_frame(0x800)).ok());
  REQUIRE(send(world, five, wire_frame(0x800), 3).ok());
  CHECK(world.eth0.sent ==
        std::vector<host_test::WireFrame>{tagged(wire_frame(0x800), 5), tagged(wire_frame(0x800), 0x6005)});
  CHECK(five.stats().tx_packets == 2);
  world.eth0.device.close(world.cpu());
  static_cast<void>(send(world, five, wire_frame(0x800)));
  CHECK(five.stats().tx_dropped == 1);
  CHECK(world.drops(DropReason::interface_down) == 1);
}

TEST_CASE("A tap sees a tagged frame twice: as it came, and as its VLAN gets it", "[device][vlan]") {
  WireWorld world;
  static_cast<void>(add_vlan(world, 5));
  std::vector<std::pair<std::string, std::uint32_t>> seen;
  const auto tap =
      world.core.add_tap([&](kernel::Cpu&, skb::Skb skb) { seen.emplace_back(skb->dev->name(), skb->len()); });
  world.receive(world.eth0, tagged(wire_frame(0x800), 5));
  CHECK(seen == std::vector<std::pair<std::string, std::uint32_t>>{{"eth0", 64}, {"eth0.5", 60}});
  world.core.remove_tap(tap);
}

TEST_CASE("VLAN identifiers are 1 to 4094, each once over an interface", "[device][vlan]") {
  WireWorld world;
  auto& vlans = world.core.vlans();
  CHECK(vlans.add(world.eth0.device, 0, "a").error() == Errno::invalid);
  CHECK(vlans.add(world.eth0.device, 4095, "a").error() == Errno::invalid);
  REQUIRE(vlans.add(world.eth0.device, 7, "a").ok());
  CHECK(vlans.add(world.eth0.device, 7, "b").error() == Errno::exists);
  CHECK(vlans.add(world.eth0.device, 8, "a").error() == Errno::exists);
  CHECK(vlans.add(world.eth1.device, 7, "b").ok());
  CHECK(vlans.remove(world.cpu(), *world.core.device_by_name("a")).ok());
  CHECK(world.core.device_by_name("a") == nullptr);
  CHECK(vlans.remove(world.cpu(), world.eth0.device).error() == Errno::no_entry);
  NetDevice& up = add_vlan(world, 9);
  CHECK(up.is_up());
  world.eth0.device.close(world.cpu());
  world.core.unregister_device(world.eth0.device);
  CHECK(world.core.device_by_name("eth0.9") == nullptr);
  CHECK(world.core.device_by_name("b") != nullptr);
}

TEST_CASE("A VLAN over an interface that is down cannot be opened", "[device][vlan]") {
  WireWorld world;
  const auto five = world.core.vlans().add(world.eth0.device, 5, "eth0.5");
  REQUIRE(five.ok());
  world.eth0.device.close(world.cpu());
  CHECK((*five)->open(world.cpu()).error() == Errno::network_down);
}

TEST_CASE("What one end of a veth pair sends the other receives, through its backlog", "[device][veth]") {
  WireWorld world;
  auto pair = device::VethPair::create(world.core, {"veth0", kFarMac}, {"veth1", kWireMac});
  REQUIRE(pair.ok());
  NetDevice& here = (*pair)->device(0);
  NetDevice& there = (*pair)->device(1);
  REQUIRE(here.open(world.cpu()).ok());
  CHECK_FALSE(here.carrier_ok());
  REQUIRE(there.open(world.cpu()).ok());
  CHECK(here.carrier_ok());
  REQUIRE(send(world, here, wire_frame(0x800)).ok());
  world.kernel.run(0);
  CHECK(world.taken == std::vector<host_test::WireFrame>{wire_frame(0x800)});
  CHECK(world.taken_by == std::vector<std::string>{"veth1"});
  CHECK(there.stats().rx_packets == 1);
  CHECK(here.stats().tx_packets == 1);
  there.close(world.cpu());
  CHECK_FALSE(here.carrier_ok());
  CHECK(send(world, here, wire_frame(0x800)).error() == Errno::network_down);
  here.close(world.cpu());
}

TEST_CASE("A frame that is too long for the other end is dropped there and counted", "[device][veth]") {
  WireWorld world;
  auto pair = device::VethPair::create(world.core, {"veth0", kFarMac}, {"veth1", kWireMac}, 600);
  REQUIRE(pair.ok());
  for (unsigned end : {0u, 1u}) REQUIRE((*pair)->device(end).open(world.cpu()).ok());
  static_cast<void>(send(world, (*pair)->device(0), wire_frame(0x800, 600 + 14)));
  static_cast<void>(send(world, (*pair)->device(0), wire_frame(0x800, 600 + 14 + 5)));
  world.kernel.run(0);
  CHECK(world.taken.size() == 1);
  CHECK(world.drops(DropReason::veth_refused) == 1);
  CHECK((*pair)->device(0).stats().tx_dropped == 1);
  CHECK(device::VethPair::create(world.core, {"veth2", kFarMac}, {"veth1", kWireMac}).error() == Errno::exists);
  CHECK(world.core.device_by_name("veth2") == nullptr);
  for (unsigned end : {0u, 1u}) (*pair)->device(end).close(world.cpu());
}
