// SPDX-License-Identifier: Apache-2.0
// Probe, open, stop, ring sizes, link state.
#include "tests/host/driver/driver_world.hpp"

using namespace host;
using namespace contract;
using base::Errno;
using host_test::DriverWorld;
using host_test::make_frame;

namespace {

std::uint64_t bit(unsigned number) {
  return 1ull << number;
}

}  // namespace

TEST_CASE("Probe reads identity and registers the interface, still down", "[driver][probe]") {
  DriverWorld world;
  world.nic.mtu = 1400;
  REQUIRE(world.probe({.name = "eth7"}).ok());
  CHECK(world.dev().name() == "eth7");
  CHECK(world.dev().address().to_string() == "02:c0:51:c0:00:01");
  CHECK(world.dev().mtu() == 1400);
  CHECK_FALSE(world.dev().is_up());
  CHECK(world.core.device_by_name("eth7") == &world.dev());
  CHECK((world.nic.status() & STATUS_DRIVER_OK) == 0);
  CHECK((world.nic.config_read(CFG_COMMAND, 2) & COMMAND_MASTER) != 0);
}

TEST_CASE("Without MAC, MTU and STATUS the driver has its own", "[driver][probe]") {
  DriverWorld world;
  world.nic.offered = bit(F_VERSION_1) | bit(F_RING_PACKED);
  world.up();
  CHECK(world.dev().address().to_string() == "02:00:00:00:00:01");
  CHECK(world.dev().mtu() == 1500);
  CHECK(world.dev().carrier_ok());
  REQUIRE(world.nic.deliver(make_frame(60)));
  CHECK(world.send(make_frame(60)));
  world.run();
  CHECK(world.received.size() == 1);
  CHECK(world.nic.sent.size() == 1);
}

TEST_CASE("Unknown features are not accepted", "[driver][probe]") {
  DriverWorld world;
  world.nic.offered = ~0ull;
  REQUIRE(world.probe().ok());
  CHECK(world.net->features() == driver::driver_features());
  for (const auto name : {NET_F_CTRL_VQ, NET_F_MQ, NET_F_RSS, NET_F_NOTF_COAL}) {
    CHECK((world.net->features() & bit(name)) == 0);
  }
}

TEST_CASE("A device that this driver cannot use is left with FAILED", "[driver][probe]") {
  DriverWorld world;
  SECTION("not a modern device") {
    world.nic.offered &= ~bit(F_VERSION_1);
    CHECK(world.probe().error() == Errno::not_supported);
  }
  SECTION("it takes FEATURES_OK back") {
    world.nic.refuse_features = true;
    CHECK(world.probe().error() == Errno::not_supported);
    CHECK((world.nic.status() & STATUS_FAILED) != 0);
  }
  SECTION("an MTU that virtio forbids") {
    world.nic.mtu = 67;
    CHECK(world.probe().error() == Errno::range);
  }
}

TEST_CASE("Probe errors leave nothing behind", "[driver][probe]") {
  DriverWorld world;
  SECTION("its reset never finishes") {
    world.nic.reset_hangs = true;
    CHECK(world.probe().error() == Errno::timed_out);
  }
  SECTION("another device") {
    world.nic.config_write(CFG_VENDOR_ID + 2, 2, 0x1000);
    CHECK(world.probe().error() == Errno::no_device);
  }
  SECTION("nobody there") {
    world.nic.space.fill(0xff);
    CHECK(world.probe().error() == Errno::no_device);
  }
  SECTION("no MSI-X") {
    world.nic.config_write(CAP_MSIX, 1, CAP_ID_PM);
    CHECK(world.probe().error() == Errno::not_supported);
  }
  SECTION("a capability is missing") {
    world.nic.config_write(CAP_VIRTIO_ISR + 3, 1, 0x77);
    CHECK(world.probe().error() == Errno::io);
  }
  SECTION("the common structure is too short") {
    world.nic.config_write(CAP_VIRTIO_COMMON + 12, 4, 0x10);
    CHECK(world.probe().error() == Errno::io);
  }
  SECTION("too few MSI-X vectors") {
    world.nic.config_write(CAP_MSIX + 2, 2, 0);
    CHECK(world.probe().error() == Errno::not_supported);
  }
  SECTION("the machine has no vectors left") {
    world.machine.irqs.limit = 33;
    CHECK(world.probe().error() == Errno::no_memory);
  }
  SECTION("the name is taken") {
    REQUIRE(world.probe().ok());
    host_test::FakeVirtioNic other(world.machine);
    CHECK(driver::VirtioNet::probe(world.cpu(), world.core, other).error() == Errno::exists);
  }
}

TEST_CASE("Open errors leave the interface down and quiet", "[driver][open]") {
  DriverWorld world;
  REQUIRE(world.probe().ok());
  SECTION("no queue") {
    world.nic.queue_max = 0;
    CHECK(world.dev().open(world.cpu()).error() == Errno::invalid);
  }
  SECTION("a vector is refused") {
    world.nic.refuse_vectors = true;
    CHECK(world.dev().open(world.cpu()).error() == Errno::io);
  }
  SECTION("other features than at probe") {
    world.nic.offered &= ~bit(RING_F_EVENT_IDX);
    CHECK(world.dev().open(world.cpu()).error() == Errno::io);
  }
  SECTION("no DMA memory") {
    world.machine.dma.limit = world.machine.dma.allocated;
    CHECK(world.dev().open(world.cpu()).error() == Errno::no_memory);
  }
  CHECK_FALSE(world.dev().is_up());
  CHECK((world.nic.status() & STATUS_DRIVER_OK) == 0);
}

TEST_CASE("Down and up again, with traffic each time", "[driver][open]") {
  DriverWorld world;
  world.up();
  for (unsigned round = 0; round < 5; ++round) {
    REQUIRE(world.nic.deliver(make_frame(100, round)));
    CHECK(world.send(make_frame(200, round)));
    world.run();
    CHECK(world.received.back() == make_frame(100, round));
    CHECK(world.nic.sent.back() == make_frame(200, round));
    world.dev().close(world.cpu());
    CHECK(world.machine.dma.windows() == 0);
    CHECK(world.pool.in_use() == 0);
    CHECK_FALSE(world.nic.deliver(make_frame(60)));
    CHECK_FALSE(world.send(make_frame(60)));
    REQUIRE(world.dev().open(world.cpu()).ok());
  }
  CHECK(world.dev().stats().rx_packets == 5);
  CHECK(world.dev().stats().tx_packets == 5);
}

TEST_CASE("Closing with packets in flight counts and frees them", "[driver][open]") {
  DriverWorld world;
  world.up();
  world.lift_byte_limits();
  world.nic.hold_tx = true;
  for (unsigned i = 0; i < 10; ++i) CHECK(world.send(make_frame(60, i)));
  world.run();
  world.dev().close(world.cpu());
  CHECK(world.kernel.drops()[base::DropReason::tx_reset] == 10);
  CHECK(world.dev().stats().tx_dropped == 10);
}

TEST_CASE("The link goes down and comes back by interrupt", "[driver][link]") {
  DriverWorld world;
  world.up();
  CHECK(world.dev().carrier_ok());
  world.nic.set_link(false);
  world.run();
  CHECK_FALSE(world.dev().carrier_ok());
  CHECK_FALSE(world.send(make_frame(60)));
  CHECK(world.dev().stats().tx_carrier_errors == 1);
  world.nic.set_link(true);
  world.run();
  CHECK(world.dev().carrier_ok());
  CHECK(world.net->stats().config_interrupts == 2);
}

TEST_CASE("Rings are resized while up", "[driver][rings]") {
  const bool ring_reset = GENERATE(true, false);
  DriverWorld world;
  if (!ring_reset) world.nic.offered &= ~bit(F_RING_RESET);
  world.up();
  REQUIRE(world.net->resize_rings(world.cpu(), 32, 48).ok());
  CHECK(world.net->rx_ring()->size() == 32);
  CHECK(world.net->tx_ring()->size() == 48);
  world.run();
  for (unsigned i = 0; i < 32; ++i) CHECK(world.nic.deliver(make_frame(60, i)));
  CHECK_FALSE(world.nic.deliver(make_frame(60)));
  for (unsigned i = 0; i < 100; ++i) CHECK(world.send(make_frame(60, i)));
  world.run();
  CHECK(world.received.size() == 32);
  CHECK(world.nic.sent.size() == 100);
  CHECK(world.net->resize_rings(world.cpu(), 0, 1).error() == Errno::invalid);
}

TEST_CASE("Interrupts follow their affinity", "[driver][irq]") {
  DriverWorld world({}, 2);
  world.up();
  world.net->set_affinity(1, 1);
  REQUIRE(world.nic.deliver(make_frame(60)));
  world.run();
  CHECK(world.received.empty());
  world.kernel.run(1);
  CHECK(world.received.size() == 1);
  const auto& action = world.kernel.irq_actions()[world.net->vectors()[1]];
  CHECK(action->counts[1] == 1);
  CHECK(action->name == "virtio0-input.0");
}

TEST_CASE("Another affinity moves a vector's interrupts", "[driver][irq]") {
  DriverWorld world({}, 2);
  world.up();
  const unsigned vector = world.net->vectors()[1];
  const auto& action = world.kernel.irq_actions()[vector];
  CHECK(action->source.cpu == 0);
  REQUIRE(world.kernel.set_irq_affinity(vector, {1}).ok());
  REQUIRE(world.nic.deliver(make_frame(60)));
  world.run();
  CHECK(world.received.empty());
  world.kernel.run(1);
  CHECK(world.received.size() == 1);
  CHECK(action->counts[1] == 1);
  REQUIRE(world.kernel.set_irq_affinity(vector, {0, 1}).ok());
  CHECK(action->source.cpu == 1);
  CHECK(world.kernel.set_irq_affinity(vector, {}).error() == Errno::invalid);
  CHECK(world.kernel.set_irq_affinity(9999, {0}).error() == Errno::io);
}
