// SPDX-License-Identifier: Apache-2.0
// Hard interrupts, softirqs and ksoftirqd: who preempts whom, and where the time goes.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "host/kernel/kernel.hpp"
#include "tests/host/fake_machine.hpp"

using namespace host;
using kernel::Cpu;
using kernel::CpuState;
using kernel::Process;
using kernel::Softirq;
using kernel::Task;

namespace {

struct World {
  explicit World(unsigned cpus = 1, kernel::CostTable costs = {}) : machine(cpus), kernel(machine.machine(), costs) {}
  unsigned vector(unsigned cpu, std::function<void(Cpu&)> handler) {
    const auto vector = *machine.irqs.allocate_vector(cpu);
    const auto requested = kernel.request_irq(vector, "test", std::move(handler));
    REQUIRE(requested.ok());
    return vector;
  }
  void raise_at(platform::Nanoseconds when, unsigned vector) {
    machine.cpus.at(when, [this, vector] { machine.irqs.raise(vector); });
  }
  host_test::FakeMachine machine;
  kernel::Kernel kernel;
};

}  // namespace

TEST_CASE("A hard interrupt preempts a process at once and is counted on its CPU", "[kernel][irq]") {
  World world;
  platform::Nanoseconds handled = 0;
  platform::Nanoseconds finished = 0;
  const auto vector = world.vector(0, [&](Cpu& cpu) {
    handled = cpu.now();
    CHECK(cpu.in_hard_irq());
    cpu.charge_ns(100);
  });
  world.kernel.spawn(0, "worker", [&](Process& self) -> Task<void> {
    self.work(10'000);
    finished = self.cpu().now();
    co_return;
  });
  world.raise_at(4'000, vector);
  world.kernel.run(0);
  CHECK(handled == 4'000);
  CHECK(finished == 10'100);  // the process still worked all of its time
  CHECK(world.kernel.irq_actions()[vector]->counts[0] == 1);
  CHECK(world.kernel.cpu(0).time_in(CpuState::irq) == 100);
  CHECK(world.kernel.cpu(0).time_in(CpuState::user) == 10'000);
}

TEST_CASE("A hard interrupt is not preempted by another", "[kernel][irq]") {
  World world;
  std::vector<std::string> order;
  const auto second = world.vector(0, [&](Cpu&) { order.push_back("second"); });
  const auto first = world.vector(0, [&](Cpu& cpu) {
    order.push_back("first");
    cpu.charge_ns(1'000);
    order.push_back("first ends");
  });
  world.raise_at(100, first);
  world.raise_at(200, second);
  world.kernel.run(0);
  CHECK(order == std::vector<std::string>{"first", "first ends", "second"});
}

TEST_CASE("A vector without a handler is spurious, not fatal", "[kernel][irq]") {
  World world;
  const auto vector = *world.machine.irqs.allocate_vector(0);
  world.raise_at(10, vector);
  world.kernel.run(0);
  CHECK(world.kernel.spurious_interrupts() == 1);
  REQUIRE(world.kernel.request_irq(vector, "once", [](Cpu&) {}).ok());
  CHECK(world.kernel.request_irq(vector, "twice", [](Cpu&) {}).error() == base::Errno::exists);
}

TEST_CASE("A softirq runs when the interrupt that raised it ends, before the process goes on", "[kernel][softirq]") {
  World world;
  std::vector<std::string> order;
  world.kernel.open_softirq(Softirq::net_tx, [&](Cpu& cpu) {
    CHECK(cpu.in_softirq());
    order.push_back("softirq");
    cpu.charge_ns(300);
  });
  const auto vector = world.vector(0, [&](Cpu& cpu) {
    order.push_back("irq");
    cpu.raise_softirq(Softirq::net_tx);
  });
  world.kernel.spawn(0, "worker", [&](Process& self) -> Task<void> {
    self.cpu().charge_ns(1'000);
    order.push_back("process");
    co_return;
  });
  world.raise_at(500, vector);
  world.kernel.run(0);
  CHECK(order == std::vector<std::string>{"irq", "softirq", "process"});
  CHECK(world.kernel.cpu(0).time_in(CpuState::softirq) == 300);
  CHECK(world.kernel.cpu(0).softirq_count(Softirq::net_tx) == 1);
}

TEST_CASE("Softirqs run with hard interrupts enabled", "[kernel][softirq]") {
  World world;
  platform::Nanoseconds handled = 0;
  const auto inner = world.vector(0, [&](Cpu& cpu) { handled = cpu.now(); });
  world.kernel.open_softirq(Softirq::net_tx, [&](Cpu& cpu) { cpu.charge_ns(5'000); });
  const auto outer = world.vector(0, [&](Cpu& cpu) { cpu.raise_softirq(Softirq::net_tx); });
  world.raise_at(100, outer);
  world.raise_at(1'000, inner);
  world.kernel.run(0);
  CHECK(handled == 1'000);
}

TEST_CASE("With bottom halves off softirqs wait until they are on again", "[kernel][softirq]") {
  World world;
  std::vector<std::string> order;
  world.kernel.open_softirq(Softirq::net_tx, [&](Cpu&) { order.push_back("softirq"); });
  const auto vector = world.vector(0, [&](Cpu& cpu) { cpu.raise_softirq(Softirq::net_tx); });
  world.kernel.spawn(0, "worker", [&](Process& self) -> Task<void> {
    {
      const kernel::BottomHalfGuard outer(self.cpu());
      const kernel::BottomHalfGuard inner(self.cpu());
      self.cpu().charge_ns(1'000);
      order.push_back("critical");
    }
    order.push_back("after");
    co_return;
  });
  world.raise_at(500, vector);
  world.kernel.run(0);
  CHECK(order == std::vector<std::string>{"critical", "softirq", "after"});
}

TEST_CASE("Softirqs that keep coming go to ksoftirqd after ten passes", "[kernel][ksoftirqd]") {
  World world;
  int left = 25;
  std::vector<int> done_when_process_ran;
  world.kernel.open_softirq(Softirq::net_tx, [&](Cpu& cpu) {
    if (--left > 0) cpu.raise_softirq(Softirq::net_tx);
  });
  const auto vector = world.vector(0, [&](Cpu& cpu) { cpu.raise_softirq(Softirq::net_tx); });
  world.kernel.spawn(0, "worker", [&](Process& self) -> Task<void> {
    self.cpu().charge_ns(200);  // the interrupt comes here
    for (int i = 0; i < 3; ++i) {
      done_when_process_ran.push_back(25 - left);
      co_await self.yield();
    }
  });
  world.raise_at(100, vector);
  world.kernel.run(0);
  CHECK(done_when_process_ran == std::vector<int>{10, 20, 25});  // in turn with ksoftirqd
  CHECK(world.kernel.cpu(0).ksoftirqd_wakeups() == 2);
}

TEST_CASE("Softirqs go to ksoftirqd after two milliseconds", "[kernel][ksoftirqd]") {
  World world;
  int left = 6;
  world.kernel.open_softirq(Softirq::net_tx, [&](Cpu& cpu) {
    cpu.charge_ns(700'000);
    if (--left > 0) cpu.raise_softirq(Softirq::net_tx);
  });
  const auto vector = world.vector(0, [&](Cpu& cpu) { cpu.raise_softirq(Softirq::net_tx); });
  int left_when_process_ran = -1;
  world.kernel.spawn(0, "worker", [&](Process& self) -> Task<void> {
    self.cpu().charge_ns(200);
    left_when_process_ran = left;
    co_return;
  });
  world.raise_at(100, vector);
  world.kernel.run(0);
  CHECK(left_when_process_ran == 3);  // 3 * 0.7 ms is the first time beyond 2 ms
  CHECK(left == 0);
  CHECK(world.kernel.cpu(0).ksoftirqd().runtime() == 3 * 700'000);
}

TEST_CASE("A process that does not give way holds ksoftirqd up for a time slice at most", "[kernel][ksoftirqd]") {
  World world;
  int left = 11;
  platform::Nanoseconds last = 0;
  world.kernel.open_softirq(Softirq::net_tx, [&](Cpu& cpu) {
    last = cpu.now();
    if (--left > 0) cpu.raise_softirq(Softirq::net_tx);
  });
  const auto vector = world.vector(0, [&](Cpu& cpu) { cpu.raise_softirq(Softirq::net_tx); });
  world.kernel.spawn(0, "hog", [&](Process& self) -> Task<void> {
    for (int i = 0; i < 100; ++i) self.work(100'000);
    co_return;
  });
  world.raise_at(100, vector);
  world.kernel.run(0);
  CHECK(left == 0);
  CHECK(last == 3'000'000);
}

TEST_CASE("Raised in plain process context, a softirq runs in ksoftirqd", "[kernel][ksoftirqd]") {
  World world;
  std::vector<std::string> order;
  world.kernel.open_softirq(Softirq::net_tx, [&](Cpu&) { order.push_back("softirq"); });
  world.kernel.spawn(0, "worker", [&](Process& self) -> Task<void> {
    self.cpu().raise_softirq(Softirq::net_tx);
    self.cpu().charge_ns(100);
    order.push_back("process");
    co_return;
  });
  world.kernel.run(0);
  CHECK(order == std::vector<std::string>{"process", "softirq"});
}

TEST_CASE("All time is in one account", "[kernel][accounting]") {
  World world(1, kernel::CostTable::typical());
  world.kernel.open_softirq(Softirq::net_tx, [&](Cpu& cpu) { cpu.charge_ns(10'000); });
  const auto vector = world.vector(0, [&](Cpu& cpu) { cpu.raise_softirq(Softirq::net_tx); });
  world.kernel.spawn(0, "worker", [&](Process& self) -> Task<void> {
    self.work(50'000);
    co_await self.sleep_for(100'000);
    self.cpu().charge_ns(20'000);
  });
  for (int i = 1; i < 5; ++i) world.raise_at(i * 30'000, vector);
  world.kernel.run(0);
  auto& cpu = world.kernel.cpu(0);
  platform::Nanoseconds sum = 0;
  for (std::size_t i = 0; i < kernel::kCpuStates; ++i) sum += cpu.time_in(static_cast<CpuState>(i));
  CHECK(sum == world.kernel.now());
  CHECK(cpu.time_in(CpuState::user) == 50'000);
  CHECK(cpu.time_in(CpuState::softirq) >= 40'000);
  CHECK(cpu.time_in(CpuState::irq) >= 4 * 550);
  CHECK(cpu.time_in(CpuState::idle) > 0);
}

TEST_CASE("With costs off nothing is charged and everything still runs", "[kernel][accounting]") {
  World world;
  int runs = 0;
  world.kernel.open_softirq(Softirq::net_tx, [&](Cpu& cpu) {
    ++runs;
    cpu.charge(kernel::Op::netif_receive);
  });
  const auto vector = world.vector(0, [&](Cpu& cpu) { cpu.raise_softirq(Softirq::net_tx); });
  world.machine.irqs.raise(vector);
  world.kernel.run(0);
  CHECK(runs == 1);
  CHECK(world.kernel.now() == 0);
}

TEST_CASE("stop() ends the loop whatever is pending", "[kernel]") {
  World world;
  int turns = 0;
  world.kernel.spawn(0, "forever", [&](Process& self) -> Task<void> {
    for (;;) {
      if (++turns == 100) self.cpu().kernel().stop();
      co_await self.yield();
    }
  });
  world.kernel.run(0);
  CHECK(turns == 100);
}
