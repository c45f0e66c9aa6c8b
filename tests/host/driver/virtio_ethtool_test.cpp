// SPDX-License-Identifier: Apache-2.0
// What ethtool asks of the driver, down to the device's registers.
#include <algorithm>

#include "host/device/ethtool_ops.hpp"
#include "tests/host/driver/driver_world.hpp"

using namespace host;
using base::Errno;
using host_test::DriverWorld;

namespace {

device::DeviceFeature feature(device::EthtoolOps& ops, std::string_view name) {
  for (const auto& each : ops.features()) {
    if (each.name == name) return each;
  }
  FAIL("no feature " << name);
  return {};
}

/// Four pairs on a cosnic, up.
struct CosnicWorld : DriverWorld {
  CosnicWorld() : DriverWorld({}, 4) {
    nic.set_pairs(4);
    for (const unsigned feature : {contract::NET_F_CSUM, contract::NET_F_HOST_TSO4, contract::NET_F_HOST_TSO6,
                                   contract::NET_F_GUEST_CSUM, contract::NET_F_GUEST_TSO4}) {
      nic.offered |= std::uint64_t{1} << feature;
    }
    up();
  }
  device::EthtoolOps& ops() { return *dev().ethtool_ops(); }
};

}  // namespace

TEST_CASE("ethtool's moderation and channels reach the device", "[driver][ethtool]") {
  CosnicWorld world;
  REQUIRE(world.ops().set_coalesce({.rx_usecs = 30, .rx_frames = 8, .tx_usecs = 4, .tx_frames = 2}).ok());
  CHECK(world.net->control()->coalesce(3) == driver::Coalesce{30, 8, 4, 2});
  CHECK(world.ops().coalesce()->rx_usecs == 30);
  CHECK(world.ops().channels()->max == 4);
  REQUIRE(world.ops().set_channels(2).ok());
  CHECK(world.ops().channels()->combined == 2);
  CHECK(world.ops().rx_flow_hash()->queues == 2);
  CHECK(world.ops().set_channels(5).error() == Errno::invalid);
  CHECK(world.ops().driver_info().driver == "virtio_net");
}

TEST_CASE("An indirection table stays over close and open, and goes with other channels", "[driver][ethtool]") {
  CosnicWorld world;
  const std::vector<std::uint32_t> table{3, 3, 3, 1};
  const std::vector<std::byte> key(40, std::byte{0x11});
  REQUIRE(world.ops().set_rx_flow_hash({.indirection = table, .key = key}).ok());
  REQUIRE(world.ops().set_coalesce({.rx_usecs = 1}).ok());
  world.dev().close(world.cpu());
  CHECK(world.ops().set_rx_flow_hash({.indirection = table}).error() == Errno::network_down);
  REQUIRE(world.dev().open(world.cpu()).ok());
  CHECK(world.ops().rx_flow_hash()->indirection == table);
  CHECK(world.ops().rx_flow_hash()->key == key);
  CHECK(world.ops().set_rx_flow_hash({.indirection = {4}}).error() == Errno::invalid);
  CHECK(world.ops().set_rx_flow_hash({.indirection = {0, 1, 2}}).error() == Errno::invalid);
  CHECK(world.ops().set_rx_flow_hash({.key = {std::byte{1}}}).error() == Errno::invalid);
  REQUIRE(world.ops().set_channels(2).ok());
  CHECK(std::ranges::max(world.ops().rx_flow_hash()->indirection) == 1);
}

TEST_CASE("Features that the device has are switched, others are fixed", "[driver][ethtool]") {
  CosnicWorld world;
  CHECK(world.dev().offloads().checksum);
  REQUIRE(world.ops().set_feature("tx-tcp6-segmentation", false).ok());
  CHECK_FALSE(world.dev().offloads().tso6);
  CHECK(world.dev().offloads().tso4);
  REQUIRE(world.ops().set_feature("tx-checksum-ip-generic", false).ok());
  CHECK_FALSE(world.dev().offloads().checksum);
  CHECK_FALSE(world.dev().offloads().tso4);
  CHECK_FALSE(feature(world.ops(), "tx-tcp-segmentation").fixed);
  CHECK(world.ops().set_feature("rx-checksum", false).error() == Errno::not_supported);
  CHECK(world.ops().set_feature("nonsense", true).error() == Errno::not_supported);
  REQUIRE(world.ops().set_feature("large-receive-offload", false).ok());
  CHECK(world.net->control()->lro_usecs() == 0);
  CHECK_FALSE(feature(world.ops(), "large-receive-offload").on);
}

TEST_CASE("Ring sizes are told and changed", "[driver][ethtool]") {
  CosnicWorld world;
  const auto before = *world.ops().rings();
  CHECK(before.rx == world.net->rx_ring()->size());
  CHECK(before.rx_max >= before.rx);
  REQUIRE(world.ops().set_rings(world.cpu(), {.rx = 32, .tx = 48}).ok());
  CHECK(world.net->rx_ring(3)->size() == 32);
  CHECK(world.ops().rings()->tx == 48);
}

TEST_CASE("Another vendor's device has no control window to set", "[driver][ethtool]") {
  DriverWorld world;
  world.up();
  device::EthtoolOps& ops = *world.dev().ethtool_ops();
  CHECK(ops.coalesce().error() == Errno::not_supported);
  CHECK(ops.set_coalesce({}).error() == Errno::not_supported);
  CHECK(ops.rx_flow_hash().error() == Errno::not_supported);
  CHECK(ops.channels()->max == 1);
}
