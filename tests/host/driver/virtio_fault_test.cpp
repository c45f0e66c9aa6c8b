// SPDX-License-Identifier: Apache-2.0
// A device that lies: counted, contained, recoverable.
#include <random>

#include "tests/host/driver/driver_world.hpp"

using namespace host;
using host_test::DriverWorld;
using host_test::make_frame;

TEST_CASE("A malformed receive entry breaks the device; close and open mend it", "[driver][fault]") {
  DriverWorld world;
  world.up();
  auto* ring = world.nic.queue(contract::QUEUE_RX0);
  SECTION("an id outside the ring") {
    ring->write_used(60'000, 72, 1);
  }
  SECTION("too long") {
    ring->write_used(0, 5'000, 1);
  }
  SECTION("a buffer twice") {
    ring->write_used(3, 72, 1);
    ring->write_used(3, 72, 1);
  }
  world.nic.interrupt_queue(contract::QUEUE_RX0);
  world.run();
  CHECK(world.net->broken());
  CHECK(world.net->stats().ring_faults == 1);
  CHECK_FALSE(world.dev().carrier_ok());
  CHECK_FALSE(world.send(make_frame(60)));
  world.nic.interrupt_queue(contract::QUEUE_RX0);  // still harmless
  world.run();
  CHECK(world.net->stats().ring_faults == 1);

  world.dev().close(world.cpu());
  REQUIRE(world.dev().open(world.cpu()).ok());
  REQUIRE(world.nic.deliver(make_frame(70, 9)));
  CHECK(world.send(make_frame(60)));
  world.run();
  CHECK(world.received.back() == make_frame(70, 9));
  CHECK(world.nic.sent.size() == 1);
}

TEST_CASE("A malformed transmit entry breaks the device", "[driver][fault]") {
  DriverWorld world;
  world.up();
  world.nic.hold_tx = true;
  CHECK(world.send(make_frame(60)));
  auto* ring = world.nic.queue(contract::QUEUE_TX0);
  SECTION("a buffer that it does not have") {
    ring->write_used(200, 0, 1);
  }
  SECTION("an id outside the ring") {
    ring->write_used(256, 0, 1);
  }
  SECTION("bytes written into a packet that it may only read") {
    ring->write_used(0, 1, 1);
  }
  world.nic.interrupt_queue(contract::QUEUE_TX0);
  world.machine.cpus.stop_at = 100;  // before the doorbell has its effect
  world.run();
  CHECK(world.net->broken());
  CHECK(world.net->stats().ring_faults == 1);
  CHECK_FALSE(world.send(make_frame(60)));
}

TEST_CASE("A frame shorter than its headers is dropped and counted", "[driver][fault]") {
  DriverWorld world;
  world.up();
  auto* ring = world.nic.queue(contract::QUEUE_RX0);
  for (const std::uint32_t length : {0u, 1u, 11u, 12u, 25u}) ring->give_back(*ring->take(), length);
  ring->give_back(*ring->take(), 26);
  world.nic.interrupt_queue(contract::QUEUE_RX0);
  world.run();
  CHECK(world.dev().stats().rx_length_errors == 5);
  CHECK(world.kernel.drops()[base::DropReason::rx_length_error] == 5);
  CHECK(world.dev().stats().rx_packets == 1);
  CHECK_FALSE(world.net->broken());
}

TEST_CASE("DEVICE_NEEDS_RESET takes the carrier away", "[driver][fault]") {
  DriverWorld world;
  world.up();
  world.nic.ask_for_reset();
  world.run();
  CHECK(world.net->stats().needs_reset == 1);
  CHECK(world.net->broken());
  CHECK_FALSE(world.dev().carrier_ok());
  world.dev().close(world.cpu());
  CHECK(world.dev().open(world.cpu()).ok());
  CHECK(world.dev().carrier_ok());
}

TEST_CASE("A reset that never finishes is counted and the memory is taken back", "[driver][fault]") {
  DriverWorld world;
  world.up();
  world.nic.reset_hangs = true;
  world.dev().close(world.cpu());
  CHECK(world.net->stats().reset_failures == 1);
  CHECK(world.machine.dma.windows() == 0);
}

TEST_CASE("Spurious interrupts do no harm", "[driver][fault]") {
  DriverWorld world;
  world.up();
  for (int i = 0; i < 50; ++i) {
    world.nic.interrupt_queue(contract::QUEUE_RX0);
    world.nic.interrupt_queue(contract::QUEUE_TX0);
    world.run();
  }
  CHECK(world.net->stats().rx_interrupts == 50);
  REQUIRE(world.nic.deliver(make_frame(60)));
  world.run();
  CHECK(world.received.size() == 1);
  world.nic.interrupt_queue(contract::QUEUE_RX0);
  world.dev().close(world.cpu());
  world.run();  // a late message after the stop
}

TEST_CASE("Random nonsense in the rings never leaves their bounds", "[driver][fault][fuzz]") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    DriverWorld world;
    world.up({.rx_ring = 16, .tx_ring = 16});
    std::minstd_rand engine(seed + 1);
    const auto random = [&] { return static_cast<unsigned>(engine()); };
    for (int i = 0; i < 40; ++i) {
      auto* ring = world.nic.queue(random() % 2);
      const auto id = static_cast<std::uint16_t>(random() % 3 == 0 ? random() : random() % 16);
      const std::uint32_t length = random() % 3 == 0 ? random() : random() % 1'530;
      ring->write_used(id, length, 1 + random() % 3);
      if (random() % 2 == 0) static_cast<void>(world.send(make_frame(60 + random() % 1'000)));
      world.nic.interrupt_queue(random() % 2);
      world.run();
    }
    CHECK(world.net->broken());
    CHECK(world.net->stats().ring_faults == 1);
  }
}
