// SPDX-License-Identifier: Apache-2.0
// What happens to an interface happens to the VLANs over it.
#include "host/device/veth.hpp"
#include "host/device/vlan.hpp"
#include "tests/host/device/wire_world.hpp"

using namespace host;
using base::Errno;
using device::NetDevice;
using host_test::kFarMac;
using host_test::kWireMac;
using host_test::WireWorld;

namespace {

struct VlanWorld : WireWorld {
  NetDevice& real = eth0.device;

  NetDevice& add(NetDevice& over, std::uint16_t id) {
    const auto added = core.vlans().add(over, id, over.name() + '.' + std::to_string(id));
    REQUIRE(added.ok());
    return **added;
  }
};

/// `1/2`: it came once and went twice.
std::string changes(const NetDevice& dev) {
  return std::to_string(dev.carrier_ups()) + '/' + std::to_string(dev.carrier_downs());
}

}  // namespace

TEST_CASE("VLANs go down with their interface, and all of them up", "[device][vlan]") {
  VlanWorld world;
  NetDevice& five = world.add(world.real, 5);
  NetDevice& six = world.add(world.real, 6);
  NetDevice& above = world.add(five, 7);
  NetDevice& other = world.add(world.eth1.device, 5);
  REQUIRE(five.open(world.cpu()).ok());
  REQUIRE(above.open(world.cpu()).ok());
  REQUIRE(other.open(world.cpu()).ok());
  std::vector<std::string> heard;
  const auto notifier = world.core.add_notifier([&](kernel::Cpu&, NetDevice& dev, device::DeviceEvent event) {
    heard.push_back(dev.name() + (event == device::DeviceEvent::down ? " down" : " up"));
  });
  world.real.close(world.cpu());
  CHECK(heard == std::vector<std::string>{"eth0 down", "eth0.5 down", "eth0.5.7 down"});
  CHECK_FALSE(five.is_up());
  CHECK_FALSE(above.is_up());
  CHECK(other.is_up());
  heard.clear();
  // Linux opens those, too, that were not up before.
  REQUIRE(world.real.open(world.cpu()).ok());
  CHECK(heard == std::vector<std::string>{"eth0 up", "eth0.5 up", "eth0.5.7 up", "eth0.6 up"});
  CHECK(six.is_up());
  CHECK(above.carrier_ok());
  world.core.remove_notifier(notifier);
}

TEST_CASE("A VLAN has its interface's carrier, and counts its coming and going", "[device][vlan]") {
  VlanWorld world;
  CHECK(changes(world.real) == "0/0");
  NetDevice& five = world.add(world.real, 5);
  NetDevice& above = world.add(five, 7);
  CHECK(changes(five) == "1/0");
  REQUIRE(five.open(world.cpu()).ok());
  REQUIRE(above.open(world.cpu()).ok());
  CHECK(above.carrier_ok());
  world.real.carrier_off();
  CHECK_FALSE(five.carrier_ok());
  CHECK_FALSE(above.carrier_ok());
  world.real.carrier_off();
  CHECK(changes(world.real) == "0/1");
  CHECK(changes(above) == "1/1");
  world.real.carrier_on();
  CHECK(above.carrier_ok());
  CHECK(changes(five) == "2/1");
  // An interface that goes down keeps its link; its VLAN loses it, and takes it again at once.
  world.real.close(world.cpu());
  CHECK_FALSE(world.real.carrier_ok());
  CHECK_FALSE(five.carrier_ok());
  CHECK(changes(world.real) == "1/1");
  CHECK(changes(five) == "3/2");
  REQUIRE(world.real.open(world.cpu()).ok());
  CHECK(five.carrier_ok());
  CHECK(changes(five) == "3/2");
  five.close(world.cpu());
  CHECK(changes(five) == "3/3");
  // Over an interface without a link there is none.
  world.real.carrier_off();
  NetDevice& nine = world.add(world.real, 9);
  REQUIRE(nine.open(world.cpu()).ok());
  CHECK_FALSE(nine.carrier_ok());
  CHECK(changes(nine) == "0/0");
}

TEST_CASE("A VLAN's packets are no larger than its interface's", "[device][vlan]") {
  VlanWorld world;
  NetDevice& five = world.add(world.real, 5);
  NetDevice& above = world.add(five, 7);
  NetDevice& small = world.add(world.real, 6);
  CHECK(five.mtu() == 1500);
  CHECK(five.set_mtu(1501).error() == Errno::range);
  CHECK(five.set_mtu(65'536).error() == Errno::invalid);
  REQUIRE(small.set_mtu(1200).ok());
  REQUIRE(world.real.set_mtu(1400).ok());
  CHECK(five.mtu() == 1400);
  CHECK(above.mtu() == 1400);
  CHECK(small.mtu() == 1200);
  CHECK(five.set_mtu(1401).error() == Errno::range);
  REQUIRE(world.real.set_mtu(1500).ok());
  CHECK(five.mtu() == 1400);  // it does not grow by itself
  CHECK(five.set_mtu(1500).ok());
}

/// As `cat /sys/class/net/*/carrier_changes` says on Linux.
TEST_CASE("The ends of a pair count as Linux's", "[device][veth]") {
  VlanWorld world;
  auto pair = device::VethPair::create(world.core, {"veth0", kFarMac}, {"veth1", kWireMac});
  REQUIRE(pair.ok());
  NetDevice& here = (*pair)->device(0);
  NetDevice& there = (*pair)->device(1);
  CHECK(changes(here) == "0/1");
  REQUIRE(here.open(world.cpu()).ok());
  CHECK(changes(here) == "0/1");
  REQUIRE(there.open(world.cpu()).ok());
  CHECK(changes(here) == "1/1");
  CHECK(changes(there) == "1/1");
  there.close(world.cpu());
  CHECK(changes(here) == "1/2");
  CHECK(changes(there) == "1/2");
  here.close(world.cpu());
  CHECK(changes(here) == "1/2");
}
