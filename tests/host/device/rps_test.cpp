// SPDX-License-Identifier: Apache-2.0
// RPS: flows spread over CPUs, backlogs with bounds, limits of single flows.
#include "host/device/flow_limit.hpp"
#include "tests/host/device/steering_world.hpp"

using namespace host;
using base::DropReason;
using base::Errno;
using host_test::kSteeringCpus;
using host_test::SteeringWorld;
using host_test::up_to;

namespace {

constexpr std::uint16_t kFlows = 64;
constexpr std::uint32_t kPackets = 20;

void interleave(SteeringWorld& world) {
  for (std::uint32_t number = 0; number < kPackets; ++number) {
    for (std::uint16_t flow = 0; flow < kFlows; ++flow) world.nic.arrive(flow, number);
  }
  world.run();
}

}  // namespace

TEST_CASE("Without rps_cpus the CPU that polls takes everything", "[device][rps]") {
  SteeringWorld world;
  interleave(world);
  CHECK(world.softnet(0).processed == kFlows * kPackets);
  CHECK(world.machine.irqs.calls == 0);
}

TEST_CASE("rps_cpus spreads flows over CPUs and keeps each in order on one", "[device][rps]") {
  SteeringWorld world;
  world.set("rps_cpus", "f");
  interleave(world);
  std::map<unsigned, unsigned> flows_of_cpu;
  for (std::uint16_t flow = 0; flow < kFlows; ++flow) {
    const auto cpus = world.cpus_of(flow);
    REQUIRE(cpus.size() == 1);
    ++flows_of_cpu[*cpus.begin()];
    CHECK(world.numbers_of(flow) == up_to(kPackets));
  }
  std::uint64_t processed = 0;
  for (unsigned id = 0; id < kSteeringCpus; ++id) {
    CHECK(flows_of_cpu[id] >= kFlows / kSteeringCpus / 2);
    CHECK(world.softnet(id).processed == std::uint64_t{flows_of_cpu[id]} * kPackets);
    CHECK((world.softnet(id).received_rps > 0) == (id != 0));  // its own backlog needs no interrupt
    processed += world.softnet(id).processed;
  }
  CHECK(processed == kFlows * kPackets);
  CHECK(world.kernel.drops().total() == 0);
}

TEST_CASE("rps_cpus says which CPUs, and shows them", "[device][rps]") {
  SteeringWorld world;
  world.sysctl("net.core.netdev_max_backlog", "2000");
  const auto file = [&] { return *world.kernel.files().read("/sys/class/net/eth0/queues/rx-0/rps_cpus"); };
  CHECK(file() == "0\n");
  world.set("rps_cpus", "4");
  CHECK(file() == "4\n");
  interleave(world);
  CHECK(world.softnet(2).processed == kFlows * kPackets);
  CHECK(world.write("rps_cpus", "10").error() == Errno::overflow);
  CHECK(world.write("rps_cpus", "cpu2").error() == Errno::invalid);
  CHECK(file() == "4\n");
  world.set("rps_cpus", "0");
  interleave(world);
  CHECK(world.softnet(0).processed == kFlows * kPackets);
}

TEST_CASE("A pass of NET_RX costs each other CPU one interrupt", "[device][rps]") {
  SteeringWorld world;
  world.set("rps_cpus", "e");
  for (std::uint16_t flow = 0; flow < kFlows; ++flow) world.nic.arrive(flow, 0);
  world.kernel.run(0);
  CHECK(world.machine.irqs.calls == 3);
  world.run();
  CHECK(world.taken.size() == kFlows);
  for (unsigned id = 1; id < kSteeringCpus; ++id) CHECK(world.kernel.cpu(id).call_function_interrupts() == 1);
}

TEST_CASE("A full backlog drops under one reason, on the account of its CPU", "[device][rps]") {
  SteeringWorld world;
  world.set("rps_cpus", "2");
  world.sysctl("net.core.netdev_max_backlog", "10");
  for (std::uint32_t i = 0; i < 50; ++i) world.nic.arrive(1, i);
  world.kernel.run(0);
  CHECK(world.core.rps().backlog(1).input_packets() == 11);
  world.run();
  CHECK(world.numbers_of(1) == up_to(11));  // what makes it one more is taken, as in Linux
  CHECK(world.kernel.drops()[DropReason::cpu_backlog] == 39);
  CHECK(world.kernel.drops().total() == 39);
  CHECK(world.softnet(1).dropped == 39);
  CHECK(world.softnet(0).dropped == 0);
  CHECK(world.nic.device.stats().rx_dropped == 39);
  CHECK(world.pool.in_use() == 0);
}

namespace {

/// One flow sends four packets of five; returns how many of the others' arrived.
std::size_t others_beside_a_hog(SteeringWorld& world) {
  world.set("rps_cpus", "2");
  constexpr std::uint16_t kHog = 0;
  for (std::uint32_t i = 0; i < 900; ++i) {
    world.nic.arrive(i % 5 == 0 ? static_cast<std::uint16_t>(1 + i / 5 % 32) : kHog, i);
  }
  world.run();
  return world.taken.size() - world.numbers_of(kHog).size();
}

}  // namespace

TEST_CASE("The flow limit takes packets of the flow that fills the backlog, and of no other", "[device][rps]") {
  SteeringWorld world;
  world.sysctl("net.core.flow_limit_cpu_bitmap", "1");
  CHECK(*world.kernel.sysctl().text("net.core.flow_limit_cpu_bitmap") == "1");
  CHECK(others_beside_a_hog(world) == 180);
  const auto hog = world.numbers_of(0).size();
  CHECK(hog > 400);  // up to half of the backlog nobody is limited
  CHECK(hog < 600);
  CHECK(world.softnet(0).flow_limit == 720 - hog);  // of the CPU that enqueues
  CHECK(world.kernel.drops()[DropReason::cpu_backlog] == 720 - hog);
}

TEST_CASE("Without a flow limit nobody is limited; with a table of one bucket everybody is", "[device][rps]") {
  SteeringWorld unlimited;
  CHECK(others_beside_a_hog(unlimited) == 180);
  CHECK(unlimited.kernel.drops().total() == 0);
  SteeringWorld narrow;
  narrow.sysctl("net.core.flow_limit_table_len", "1");
  narrow.sysctl("net.core.flow_limit_cpu_bitmap", "f");
  CHECK(others_beside_a_hog(narrow) < 180);
  CHECK(narrow.kernel.sysctl().set_text("net.core.flow_limit_table_len", "100").error() == Errno::invalid);
  CHECK(*narrow.kernel.sysctl().text("net.core.flow_limit_table_len") == "1");
}

TEST_CASE("dev_weight_rx_bias changes the packets of a backlog's poll", "[device][rps]") {
  const auto polls = [](std::string_view bias) {
    SteeringWorld world;
    world.sysctl("net.core.dev_weight_rx_bias", bias);
    world.set("rps_cpus", "2");
    for (std::uint32_t i = 0; i < 300; ++i) world.nic.arrive(1, i);
    world.run();
    CHECK(world.taken.size() == 300);
    return world.core.rps().backlog(1).polls();
  };
  CHECK(polls("1") >= 5);  // 64 a poll
  CHECK(polls("8") <= 2);
}

TEST_CASE("What waits in a backlog goes with its interface", "[device][rps]") {
  SteeringWorld world;
  world.set("rps_cpus", "2");
  for (std::uint32_t i = 0; i < 5; ++i) world.nic.arrive(1, i);
  world.kernel.run(0);
  CHECK(world.pool.in_use() == 5);
  world.nic.device.close(world.kernel.cpu(0));
  world.core.unregister_device(world.nic.device);
  CHECK(world.pool.in_use() == 0);
  CHECK(world.kernel.drops()[DropReason::interface_down] == 5);
  world.run();
  CHECK(world.taken.empty());
  CHECK(world.kernel.files().read("/sys/class/net/eth0/queues/rx-0/rps_cpus").error() == Errno::no_entry);
}

TEST_CASE("The flow limit judges by the last packets alone", "[device][flow_limit]") {
  constexpr std::size_t kHalf = device::FlowLimit::kHistory / 2;
  constexpr std::uint32_t kStep = 1U << 28U;  // one bucket of sixteen
  device::FlowLimit limit(16);
  for (std::size_t i = 0; i < kHalf; ++i) CHECK_FALSE(limit.exceeds(0));
  CHECK(limit.exceeds(0));
  for (std::uint32_t i = 0; i < device::FlowLimit::kHistory; ++i) CHECK_FALSE(limit.exceeds(kStep * (1 + i % 8)));
  for (std::size_t i = 0; i < kHalf; ++i) CHECK_FALSE(limit.exceeds(0));
  CHECK(limit.exceeds(0));
}
