// SPDX-License-Identifier: Apache-2.0
// XDP in the driver: before the header is believed, and only when frames are frames.
#include "host/base/byte_order.hpp"
#include "tests/host/driver/driver_world.hpp"

using namespace host;
using namespace contract;
using device::XdpAction;
using device::XdpFrame;
using host_test::DriverWorld;
using host_test::Frame;
using host_test::make_frame;

TEST_CASE("The driver's program drops, sends back and passes frames", "[driver][xdp]") {
  DriverWorld world;
  world.nic.offered |= 1ull << NET_F_GUEST_CSUM;
  world.up();
  REQUIRE(world.dev()
              .set_xdp([](XdpFrame& frame) {
                CHECK(frame.rx_queue() == 0);
                return static_cast<XdpAction>(base::load_u8(frame.bytes(), 14));
              })
              .ok());
  CHECK(world.dev().xdp_is_native());
  std::vector<Frame> frames;
  for (const auto action : {XdpAction::drop, XdpAction::pass, XdpAction::tx}) {
    frames.push_back(make_frame(200));
    frames.back()[14] = static_cast<std::byte>(action);
    REQUIRE(world.nic.deliver(frames.back(), {.flags = NET_HDR_F_DATA_VALID}));
  }
  world.run();
  CHECK(world.received == std::vector<Frame>{frames[1]});
  CHECK(world.meta.front().ip_summed == skb::IpSummed::none);  // a program may have changed it
  CHECK(world.nic.sent == std::vector<Frame>{frames[2]});
  CHECK(world.dev().stats().rx_packets == 3);
  CHECK(world.kernel.drops()[base::DropReason::xdp_drop] == 1);
  CHECK(world.kernel.drops().total() == 1);
  for (const auto& [name, value] : world.net->statistics()) {
    if (name == "rx_xdp_packets") CHECK(value == 3);
    if (name == "rx_xdp_drops" || name == "rx_xdp_tx") CHECK(value == 1);
  }
  REQUIRE(world.dev().set_xdp({}).ok());
  REQUIRE(world.nic.deliver(frames[0]));
  world.run();
  CHECK(world.received.size() == 2);
}

TEST_CASE("A program is refused while the device merges packets", "[driver][xdp]") {
  DriverWorld world;
  world.nic.offered |= 1ull << NET_F_GUEST_CSUM | 1ull << NET_F_GUEST_TSO4;
  world.up();
  const auto pass = [](XdpFrame&) { return XdpAction::pass; };
  CHECK(world.dev().set_xdp(pass).error() == base::Errno::not_supported);
  CHECK_FALSE(world.dev().xdp());
  world.net->set_lro_usecs(0);
  CHECK(world.dev().set_xdp(pass).ok());
}
