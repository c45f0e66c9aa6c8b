// SPDX-License-Identifier: Apache-2.0
// Busy polling: who has the NAPI, for how long, and what happens to it afterwards.
#include "host/kernel/busy_poll.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "host/kernel/kernel.hpp"
#include "tests/host/fake_machine.hpp"

using namespace host;
using kernel::Cpu;
using kernel::napi_busy_loop;
using kernel::Process;
using kernel::Task;

namespace {

class Source final : public kernel::Napi {
 public:
  Source() : Napi("source") { napi_enable(*this); }
  int poll(Cpu& cpu, int budget) override {
    int work = 0;
    for (; work < budget && packets > 0; ++work) --packets;
    works.push_back(work);
    if (work < budget) completed = napi_complete_done(cpu, *this, work);
    return work;
  }
  int packets = 0;
  std::vector<int> works;
  bool completed = false;
};

struct World {
  World() : machine(2), kernel(machine.machine()) {}
  /// As a process on CPU 0.
  void run(const std::function<void(Cpu&)>& body) {
    kernel.spawn(0, "reader", [&](Process& self) -> Task<void> {
      body(self.cpu());
      co_return;
    });
    kernel.run(0);
  }
  host_test::FakeMachine machine;
  kernel::Kernel kernel;
  Source source;
};

}  // namespace

TEST_CASE("A busy poll takes a few packets at a time and completes the NAPI when it ends", "[kernel][busy]") {
  World world;
  world.source.packets = 20;
  world.run([&](Cpu& cpu) {
    const auto packets = napi_busy_loop(
        cpu, world.source, [&] { return world.source.packets == 0; }, 1'000'000);
    CHECK(packets == 20);
    CHECK(world.source.completed);
    CHECK_FALSE(world.source.scheduled());
  });
  CHECK(world.source.works == std::vector<int>{8, 8, 4, 0});
  CHECK(world.kernel.cpu(0).softirq_count(kernel::Softirq::net_rx) == 0);
}

TEST_CASE("Without packets it polls until the deadline", "[kernel][busy]") {
  World world;
  world.run([&](Cpu& cpu) {
    CHECK(napi_busy_loop(
              cpu, world.source, [] { return false; }, 50'000) == 0);
    CHECK(cpu.now() == 50'000);
  });
  CHECK(world.source.works.size() > 500);
}

TEST_CASE("A packet that comes meanwhile is found at once, its interrupt changes nothing", "[kernel][busy]") {
  World world;
  const auto vector = *world.machine.irqs.allocate_vector(0);
  REQUIRE(world.kernel.request_irq(vector, "nic", [&](Cpu& cpu) { napi_schedule(cpu, world.source); }).ok());
  world.machine.cpus.at(10'000, [&] {
    world.source.packets = 1;
    world.machine.irqs.raise(vector);
  });
  world.run([&](Cpu& cpu) {
    CHECK(napi_busy_loop(
              cpu, world.source, [&] { return cpu.now() >= 10'000 && world.source.packets == 0; }, 1'000'000) == 1);
    CHECK(cpu.now() < 10'200);
  });
  CHECK(world.source.packets == 0);
  CHECK_FALSE(world.source.scheduled());
}

TEST_CASE("More packets than the last poll may take are left to NET_RX", "[kernel][busy]") {
  World world;
  world.source.packets = 100;
  world.run([&](Cpu& cpu) {
    CHECK(napi_busy_loop(
              cpu, world.source, [] { return true; }, 1'000'000) == 8);
  });
  CHECK(world.source.packets == 0);
  CHECK(world.source.works == std::vector<int>{8, 8, 64, 20});
  CHECK(world.kernel.cpu(0).softirq_count(kernel::Softirq::net_rx) == 2);  // 64 a pass
}

TEST_CASE("A NAPI that is scheduled is its softirq's; a disabled one is nobody's", "[kernel][busy]") {
  World world;
  world.source.packets = 5;
  world.run([&](Cpu& cpu) {
    {
      const kernel::BottomHalfGuard guard(cpu);
      napi_schedule(cpu, world.source);
      CHECK(napi_busy_loop(
                cpu, world.source, [] { return false; }, cpu.now() + 1'000) == 0);
      CHECK(world.source.works.empty());
    }
    napi_disable(cpu, world.source);
    CHECK(napi_busy_loop(
              cpu, world.source, [] { return false; }, cpu.now() + 1'000) == 0);
  });
}
