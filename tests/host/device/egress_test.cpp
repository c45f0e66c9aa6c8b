// SPDX-License-Identifier: Apache-2.0
// Which qdiscs an interface has, how packets get through them to the driver, and what changes while they do.
#include "tests/host/device/egress_world.hpp"

#include <string>

#include "host/qdisc/create.hpp"
#include "host/qdisc/packet_queue.hpp"

using namespace host;
using namespace host_test;
using base::DropReason;
using base::Errno;

TEST_CASE("An interface gets its first qdisc when it first goes up", "[device][qdisc]") {
  SECTION("pfifo_fast, unless told otherwise") {
    EgressWorld world;
    CHECK(world.dev.root_qdisc()->kind() == "pfifo_fast");
    REQUIRE(world.kernel.sysctl().set_text("net.core.default_qdisc", "pfifo").ok());
    world.dev.close(world.cpu());
    REQUIRE(world.dev.open(world.cpu()).ok());
    CHECK(world.dev.root_qdisc()->kind() == "pfifo_fast");
  }
  SECTION("net.core.default_qdisc, as it is then") {
    EgressWorld world({.open = false});
    CHECK(world.dev.root_qdisc() == nullptr);
    CHECK(world.dev.backlog_packets() == 0);
    CHECK(world.kernel.sysctl().set_text("net.core.default_qdisc", "nonsense").error() == Errno::no_entry);
    REQUIRE(world.kernel.sysctl().set_text("net.core.default_qdisc", "bfifo").ok());
    REQUIRE(world.dev.open(world.cpu()).ok());
    CHECK(world.dev.root_qdisc()->kind() == "bfifo");
  }
  SECTION("mq with one for each of several queues") {
    EgressWorld world({.tx_queues = 3});
    CHECK(world.dev.root_qdisc()->kind() == "mq");
    CHECK(world.dev.qdisc(2).kind() == "pfifo_fast");
    CHECK(&world.dev.qdisc(1) != &world.dev.qdisc(2));
  }
}

TEST_CASE("A device without a queue sends at once or drops", "[device][qdisc]") {
  EgressWorld world({.open = false});
  world.dev.set_no_queue();
  REQUIRE(world.dev.open(world.cpu()).ok());
  CHECK(world.dev.root_qdisc()->kind() == "noqueue");
  REQUIRE(world.send(0).ok());
  CHECK(world.driver.marks == Marks{0});
  world.dev.stop_queue();
  CHECK(world.send(1).error() == Errno::network_down);
  CHECK(world.kernel.drops()[DropReason::tx_queue_stopped] == 1);
  CHECK(world.dev.stats().tx_dropped == 1);
  world.dev.wake_queue(world.cpu());
  world.kernel.run(0);
  CHECK(world.cpu().softirq_count(kernel::Softirq::net_tx) == 0);
}

TEST_CASE("Urgent packets leave first when the driver was busy", "[device][qdisc][pfifo_fast]") {
  EgressWorld world;
  world.dev.stop_queue();
  REQUIRE(world.send(0, {.priority = 2}).ok());
  REQUIRE(world.send(1, {.priority = 0}).ok());
  REQUIRE(world.send(2, {.priority = 6}).ok());
  world.dev.wake_queue(world.cpu());
  world.kernel.run(0);
  CHECK(world.driver.marks == Marks{2, 1, 0});
}

TEST_CASE("Another root qdisc takes over; what waited in the old one is dropped", "[device][qdisc]") {
  EgressWorld world;
  world.dev.stop_queue();
  for (std::uint32_t i = 0; i < 5; ++i) REQUIRE(world.send(i).ok());
  auto fifo = qdisc::create(world.cpu(), "pfifo", world.dev.qdisc_context(), qdisc::FifoOptions{.limit = 2});
  REQUIRE(fifo.ok());
  world.dev.set_root_qdisc(world.cpu(), std::move(*fifo));
  CHECK(world.kernel.drops()[DropReason::queue_purge] == 5);
  CHECK(world.dev.root_qdisc()->kind() == "pfifo");
  for (std::uint32_t i = 5; i < 9; ++i) static_cast<void>(world.send(i));
  world.dev.wake_queue(world.cpu());
  world.kernel.run(0);
  CHECK(world.driver.marks == Marks{5, 6});
  world.dev.set_root_qdisc(world.cpu(), nullptr);
  CHECK(world.dev.root_qdisc()->kind() == "pfifo_fast");
}

TEST_CASE("The root qdisc changes under traffic of several CPUs and every packet is accounted for", "[device][qdisc]") {
  EgressWorld world({.tx_queues = 2, .cpus = 2, .costs = kernel::CostTable::typical()});  // others run inside charges
  world.driver.room = 100;
  std::uint32_t sent = 0;
  const auto send_on = [&](unsigned cpu) { static_cast<void>(world.send(sent++, {.cpu = cpu})); };
  for (unsigned cpu = 0; cpu < 2; ++cpu) {
    for (unsigned i = 0; i < 200; ++i) world.machine.cpus.at(1'000 + 350 * i + cpu, [&, cpu] { send_on(cpu); });
  }
  for (unsigned round = 0; round < 20; ++round) {
    world.cpu().charge_ns(2'000);
    const std::string kind = round % 2 == 0 ? "pfifo" : "mq";
    world.dev.set_root_qdisc(world.cpu(), std::move(*qdisc::create(world.cpu(), kind, world.dev.qdisc_context())));
  }
  CHECK(world.kernel.drops()[DropReason::queue_purge] > 10);
  world.driver.room = 1'000;
  world.dev.wake_queue(world.cpu(), 0);
  world.dev.wake_queue(world.cpu(), 1);
  world.run_all();
  const auto& drops = world.kernel.drops();
  CHECK(sent == 400);
  CHECK(drops.total() == drops[DropReason::queue_purge]);
  CHECK(world.driver.marks.size() + drops.total() + world.dev.backlog_packets() == sent);
  CHECK(world.dev.backlog_packets() == 0);
  CHECK(world.pool.in_use() == 0);
}

TEST_CASE("One qdisc for several queues waits at the first packet whose queue is stopped", "[device][qdisc]") {
  EgressWorld world({.tx_queues = 2});
  world.dev.set_root_qdisc(world.cpu(), std::move(*qdisc::create(world.cpu(), "pfifo", world.dev.qdisc_context())));
  world.dev.set_xps(0, {0});
  REQUIRE(world.send(0).ok());
  world.dev.stop_queue(1);
  world.dev.set_xps(0, {1});
  REQUIRE(world.send(1).ok());
  world.dev.set_xps(0, {0});
  REQUIRE(world.send(2).ok());
  CHECK(world.driver.marks == Marks{0});
  CHECK(world.dev.backlog_packets() == 2);
  world.dev.wake_queue(world.cpu(), 1);
  world.kernel.run(0);
  CHECK(world.driver.marks == Marks{0, 1, 2});
  CHECK(world.driver.queues == std::vector<unsigned>{0, 1, 0});
}

TEST_CASE("What another CPU queues meanwhile is sent by the one that runs", "[device][qdisc]") {
  EgressWorld world({.cpus = 2});
  world.driver.cost = 1'000;
  world.machine.cpus.at(500, [&] { REQUIRE(world.send(1, {.cpu = 1}).ok()); });
  REQUIRE(world.send(0).ok());
  CHECK(world.driver.marks == Marks{0, 1});
  CHECK(world.dev.backlog_packets() == 0);
}

TEST_CASE("A packet that the driver did not take is not counted twice", "[device][qdisc]") {
  EgressWorld world;
  world.driver.room = 2;
  for (std::uint32_t i = 0; i < 4; ++i) REQUIRE(world.send(i).ok());
  CHECK(world.dev.qdisc().stats().requeues == 1);
  world.driver.room = 10;
  world.dev.wake_queue(world.cpu());
  world.kernel.run(0);
  CHECK(world.driver.marks == Marks{0, 1, 2, 3});
  CHECK(world.dev.qdisc_stats().packets == 4);
  CHECK(world.dev.qdisc_stats().bytes == 240);
}

TEST_CASE("A packet goes past a qdisc that is empty, and is counted there", "[device][qdisc]") {
  EgressWorld world;
  const auto fifo = [&](std::uint32_t limit) {
    world.dev.set_root_qdisc(world.cpu(), std::move(*qdisc::create(world.cpu(), "bfifo", world.dev.qdisc_context(),
                                                                   qdisc::FifoOptions{.limit = limit})));
  };
  const EgressPacket large{.bytes = 1'900};
  SECTION("so that one is sent that has no room in it") {
    fifo(1'514);
    REQUIRE(world.send(0, large).ok());
    CHECK(world.driver.marks == Marks{0});
    CHECK(world.dev.qdisc_stats().packets == 1);
    CHECK(world.dev.qdisc_stats().bytes == 1'900);
    CHECK(world.dev.qdisc_stats().requeues == 0);
  }
  SECTION("but not past one that has no room for the device's largest") {
    fifo(1'513);
    CHECK(world.send(0, large).error() == Errno::no_buffers);
    CHECK(world.kernel.drops()[DropReason::qdisc_full] == 1);
  }
  SECTION("nor past packets that wait") {
    fifo(1'514);
    world.driver.room = 0;
    REQUIRE(world.send(0).ok());
    CHECK(world.dev.qdisc_stats().requeues == 1);
    world.driver.room = 10;
    world.dev.wake_queue(world.cpu());
    REQUIRE(world.send(1).ok());
    CHECK(world.driver.marks == Marks{0, 1});
  }
  SECTION("nor to a queue that is stopped") {
    fifo(1'514);
    world.dev.stop_queue();
    CHECK(world.send(0, large).error() == Errno::no_buffers);
  }
}
