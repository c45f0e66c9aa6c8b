// SPDX-License-Identifier: Apache-2.0
// RFS: a flow follows its application, and keeps its order while it moves.
#include "tests/host/device/steering_world.hpp"

using namespace host;
using base::Errno;
using host_test::SteeringWorld;
using host_test::up_to;

namespace {

constexpr std::uint16_t kFlow = 1;

struct RfsWorld : SteeringWorld {
  RfsWorld() {
    sysctl("net.core.rps_sock_flow_entries", "1024");
    set("rps_flow_cnt", "512");
  }
  /// The hash of a flow, as its socket would know it from the packet before.
  std::uint32_t hash_of(std::uint16_t flow) {
    nic.arrive(flow, 999);
    run();
    const std::uint32_t hash = taken.back().hash;
    taken.clear();
    return hash;
  }
  void reads_on(unsigned cpu, std::uint32_t hash) { core.rps().sock_flows().record(kernel.cpu(cpu), hash); }
  void arrive(std::uint32_t from, std::uint32_t to, std::uint16_t flow = kFlow) {
    for (std::uint32_t number = from; number < to; ++number) nic.arrive(flow, number);
  }
};

}  // namespace

TEST_CASE("A flow goes to the CPU where its application read last", "[device][rfs]") {
  RfsWorld world;
  const auto hash = world.hash_of(kFlow);
  for (const unsigned cpu : {3u, 1u, 0u, 2u}) {
    world.taken.clear();
    world.reads_on(cpu, hash);
    world.arrive(0, 10);
    world.run();
    CHECK(world.cpus_of(kFlow) == std::set<unsigned>{cpu});
    CHECK(world.numbers_of(kFlow) == up_to(10));
  }
}

TEST_CASE("Packets that wait on the old CPU hold the flow there until they are through", "[device][rfs]") {
  RfsWorld world;
  const auto hash = world.hash_of(kFlow);
  world.reads_on(2, hash);
  world.arrive(0, 5);
  world.kernel.run(0);
  CHECK(world.core.rps().backlog(2).input_packets() == 5);
  world.reads_on(3, hash);  // the application moves; CPU 2 has not polled yet
  world.arrive(5, 8);
  world.kernel.run(0);
  CHECK(world.core.rps().backlog(2).input_packets() == 8);
  world.kernel.run(3);
  CHECK(world.taken.empty());
  world.kernel.run(2);
  world.arrive(8, 10);
  world.run();
  CHECK(world.numbers_of(kFlow) == up_to(10));
  CHECK(world.taken[7].cpu == 2);
  CHECK(world.taken[8].cpu == 3);
}

TEST_CASE("A packet that is being handled is not through", "[device][rfs]") {
  RfsWorld world;
  const auto hash = world.hash_of(kFlow);
  world.reads_on(2, hash);
  world.arrive(0, 1);
  world.kernel.run(0);
  bool looked = false;
  world.core.remove_protocol(0x800);
  REQUIRE(world.core
              .add_protocol(0x800,
                            [&](kernel::Cpu& cpu, skb::Skb skb) {
                              CHECK(cpu.id() == 2);
                              CHECK(world.core.rps().backlog(2).head() < world.core.rps().backlog(2).tail());
                              world.reads_on(3, hash);
                              CHECK(world.core.rps().select(cpu, *skb) == 2u);  // the next one would wait behind it
                              looked = true;
                            })
              .ok());
  world.run();
  CHECK(looked);
}

TEST_CASE("What RPS steered before the application read keeps its order too", "[device][rfs]") {
  RfsWorld world;
  const auto hash = world.hash_of(kFlow);
  world.set("rps_cpus", "2");
  world.arrive(0, 4);
  world.kernel.run(0);
  CHECK(world.core.rps().backlog(1).input_packets() == 4);
  world.reads_on(3, hash);
  world.arrive(4, 6);
  world.kernel.run(0);
  world.kernel.run(3);
  world.run();
  CHECK(world.numbers_of(kFlow) == up_to(6));
  world.arrive(6, 8);
  world.run();
  CHECK(world.taken.back().cpu == 3);
}

TEST_CASE("Without both tables no flow follows anybody", "[device][rfs]") {
  for (const bool sockets : {false, true}) {
    RfsWorld world;
    const auto hash = world.hash_of(kFlow);
    if (sockets) {
      world.set("rps_flow_cnt", "0");
    } else {
      world.sysctl("net.core.rps_sock_flow_entries", "0");
    }
    world.reads_on(3, hash);
    world.arrive(0, 3);
    world.run();
    CHECK(world.cpus_of(kFlow) == std::set<unsigned>{0});
  }
}

TEST_CASE("An application's entry is for its own flow only", "[device][rfs]") {
  RfsWorld world;
  world.set("rps_cpus", "2");
  const auto first = world.hash_of(1);
  const auto second = world.hash_of(2);
  world.sysctl("net.core.rps_sock_flow_entries", "1");  // both fall on one entry
  world.reads_on(3, first);
  world.reads_on(2, second);
  world.arrive(0, 3, 1);
  world.arrive(0, 3, 2);
  world.run();
  CHECK(world.cpus_of(1) == std::set<unsigned>{1});  // as RPS says
  CHECK(world.cpus_of(2) == std::set<unsigned>{2});
}

TEST_CASE("Sizes of tables are rounded up to powers of two and bounded", "[device][rfs]") {
  SteeringWorld world;
  auto& sysctl = world.kernel.sysctl();
  const std::string count = "/sys/class/net/eth0/queues/rx-0/rps_flow_cnt";
  CHECK(*sysctl.text("net.core.rps_sock_flow_entries") == "0");
  CHECK(*world.kernel.files().read(count) == "0\n");
  world.sysctl("net.core.rps_sock_flow_entries", "1000");
  world.set("rps_flow_cnt", "33");
  CHECK(*sysctl.text("net.core.rps_sock_flow_entries") == "1024");
  CHECK(*world.kernel.files().read(count) == "64\n");
  for (const auto* wrong : {"", "-1", "many", "1048577", "99999999999999999999"}) {
    INFO(wrong);
    CHECK(sysctl.set_text("net.core.rps_sock_flow_entries", wrong).error() == Errno::invalid);
    CHECK(world.write("rps_flow_cnt", wrong).error() == Errno::invalid);
  }
  CHECK(*sysctl.text("net.core.rps_sock_flow_entries") == "1024");
}
