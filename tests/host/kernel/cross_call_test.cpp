// SPDX-License-Identifier: Apache-2.0
// Calls between CPUs: they interrupt, they merge, they wait for the end of NET_RX when they should.
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "host/kernel/cross_call.hpp"
#include "host/kernel/kernel.hpp"
#include "tests/host/fake_machine.hpp"

using namespace host;
using kernel::Cpu;
using kernel::CrossCall;

namespace {

struct World {
  World() : machine(2), kernel(machine.machine()) {}
  Cpu& cpu(unsigned id) { return kernel.cpu(id); }
  host_test::FakeMachine machine;
  kernel::Kernel kernel;
};

}  // namespace

TEST_CASE("A call runs as a hard interrupt of its target, in the middle of a process' work", "[kernel][ipi]") {
  World world;
  platform::Nanoseconds called = 0;
  platform::Nanoseconds finished = 0;
  CrossCall call([&](Cpu& cpu) {
    CHECK(cpu.id() == 1);
    CHECK(cpu.in_hard_irq());
    called = cpu.now();
    cpu.charge_ns(50);
  });
  world.kernel.spawn(1, "worker", [&](kernel::Process& self) -> kernel::Task<void> {
    self.work(10'000);
    finished = self.cpu().now();
    co_return;
  });
  world.machine.cpus.at(4'000, [&] { CHECK(call.send(world.cpu(0), world.cpu(1))); });
  world.kernel.run(1);
  CHECK(called == 4'000);
  CHECK(finished == 10'050);
  CHECK(world.cpu(1).call_function_interrupts() == 1);
  CHECK(world.kernel.spurious_interrupts() == 0);
}

TEST_CASE("Calls to one CPU share an interrupt; one that is under way is not sent again", "[kernel][ipi]") {
  World world;
  std::vector<int> order;
  CrossCall first([&](Cpu&) { order.push_back(1); });
  CrossCall second([&](Cpu&) { order.push_back(2); });
  CHECK(first.send(world.cpu(0), world.cpu(1)));
  CHECK(second.send(world.cpu(0), world.cpu(1)));
  CHECK_FALSE(first.send(world.cpu(0), world.cpu(1)));
  world.kernel.run(1);
  CHECK(order == std::vector<int>{1, 2});
  CHECK(world.cpu(1).call_function_interrupts() == 1);
  CHECK(first.send(world.cpu(0), world.cpu(1)));  // it ran: it may go again
  world.kernel.run(1);
  CHECK(order == std::vector<int>{1, 2, 1});
}

TEST_CASE("A call that waits for NET_RX leaves when the softirq ends", "[kernel][ipi]") {
  World world;
  bool ran = false;
  CrossCall call([&](Cpu&) { ran = true; });
  {
    const kernel::BottomHalfGuard guard(world.cpu(0));
    CHECK(call.send_after_net_rx(world.cpu(0), world.cpu(1)));
    CHECK_FALSE(call.send(world.cpu(0), world.cpu(1)));
    CHECK(world.machine.irqs.calls == 0);
  }
  CHECK(world.machine.irqs.calls == 1);
  CHECK(world.cpu(0).softirq_count(kernel::Softirq::net_rx) == 1);
  world.kernel.run(1);
  CHECK(ran);
}

TEST_CASE("A call that is destroyed takes itself back", "[kernel][ipi]") {
  World world;
  int runs = 0;
  auto sent = std::make_unique<CrossCall>([&](Cpu&) { ++runs; });
  auto waiting = std::make_unique<CrossCall>([&](Cpu&) { ++runs; });
  CHECK(sent->send(world.cpu(0), world.cpu(1)));
  {
    const kernel::BottomHalfGuard guard(world.cpu(0));
    CHECK(waiting->send_after_net_rx(world.cpu(0), world.cpu(1)));
    sent.reset();
    waiting.reset();
  }
  world.kernel.run(0);
  world.kernel.run(1);
  CHECK(runs == 0);
}
