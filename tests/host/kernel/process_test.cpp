// SPDX-License-Identifier: Apache-2.0
// Processes, wait queues and timers.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "host/kernel/kernel.hpp"
#include "tests/host/fake_machine.hpp"

using namespace host;
using kernel::Cpu;
using kernel::Process;
using kernel::Task;
using kernel::Timer;
using kernel::WaitQueue;
using kernel::WakeCause;

namespace {

struct World {
  explicit World(unsigned cpus = 1) : machine(cpus), kernel(machine.machine()) {}
  host_test::FakeMachine machine;
  kernel::Kernel kernel;
};

Task<int> doubled_later(Process& self, int value) {
  co_await self.sleep_for(100);
  co_return value * 2;
}

}  // namespace

TEST_CASE("Timers fire in the order of deadlines, then of arming", "[kernel][timer]") {
  World world;
  std::vector<int> order;
  auto& cpu = world.kernel.cpu(0);
  Timer a([&](Cpu&) { order.push_back(1); });
  Timer b([&](Cpu&) { order.push_back(2); });
  Timer c([&](Cpu& on) {
    order.push_back(3);
    CHECK(on.now() == 100);
    CHECK(on.in_softirq());
  });
  Timer stopped([&](Cpu&) { order.push_back(4); });
  a.start(cpu, 200);
  b.start(cpu, 200);
  c.start(cpu, 100);
  stopped.start(cpu, 150);
  CHECK(stopped.stop());
  CHECK_FALSE(stopped.stop());
  world.kernel.run(0);
  CHECK(order == std::vector<int>{3, 1, 2});
  CHECK_FALSE(a.armed());
}

TEST_CASE("A timer can be moved and can arm itself again", "[kernel][timer]") {
  World world;
  std::vector<platform::Nanoseconds> fired;
  Timer timer([&](Cpu& cpu) {
    fired.push_back(cpu.now());
    if (fired.size() < 3) timer.start(cpu, cpu.now() + 50);
  });
  timer.start(world.kernel.cpu(0), 900);
  timer.start(world.kernel.cpu(0), 100);
  world.kernel.run(0);
  CHECK(fired == std::vector<platform::Nanoseconds>{100, 150, 200});
}

TEST_CASE("A timer interrupts a process that works", "[kernel][timer]") {
  World world;
  platform::Nanoseconds fired = 0;
  Timer timer([&](Cpu& cpu) { fired = cpu.now(); });
  world.kernel.spawn(0, "worker", [&](Process& self) -> Task<void> {
    timer.start(self.cpu(), 3'000);
    self.work(10'000);
    co_return;
  });
  world.kernel.run(0);
  CHECK(fired == 3'000);
}

TEST_CASE("A destroyed timer does not fire", "[kernel][timer]") {
  World world;
  {
    Timer timer([&](Cpu&) { FAIL("fired"); });
    timer.start(world.kernel.cpu(0), 10);
  }
  world.kernel.run(0);
}

TEST_CASE("A task's value comes back to its caller", "[kernel][process]") {
  World world;
  int result = 0;
  auto& process = world.kernel.spawn(0, "caller", [&](Process& self) -> Task<void> {
    result = co_await doubled_later(self, 21);
    result += co_await doubled_later(self, 1);
  });
  CHECK(process.pid() == 1);
  world.kernel.run(0);
  CHECK(result == 44);
  CHECK(process.done());
  CHECK(world.kernel.now() == 200);
}

TEST_CASE("Sleepers are woken oldest first", "[kernel][process]") {
  World world;
  WaitQueue queue;
  std::vector<std::string> order;
  for (const char* name : {"first", "second", "third"}) {
    world.kernel.spawn(0, name, [&](Process& self) -> Task<void> {
      const auto cause = co_await queue.wait(self);
      CHECK(cause == WakeCause::woken);
      order.push_back(self.name());
    });
  }
  world.kernel.spawn(0, "waker", [&](Process& self) -> Task<void> {
    CHECK(queue.wake_one(self.cpu()));
    co_await self.sleep_for(10);
    CHECK(order == std::vector<std::string>{"first"});
    queue.wake_all(self.cpu());
  });
  world.kernel.run(0);
  CHECK(order == std::vector<std::string>{"first", "second", "third"});
  CHECK(queue.empty());
}

TEST_CASE("A wait ends at its deadline", "[kernel][process]") {
  World world;
  WaitQueue queue;
  WakeCause early{};
  WakeCause late{};
  world.kernel.spawn(0, "waiter", [&](Process& self) -> Task<void> {
    late = co_await queue.wait_until(self, 500);
    CHECK(self.cpu().now() == 500);
    CHECK(queue.empty());
    early = co_await queue.wait_until(self, 5'000);
    CHECK(self.cpu().now() == 600);
  });
  Timer waker([&](Cpu& cpu) { queue.wake_all(cpu); });
  waker.start(world.kernel.cpu(0), 600);
  world.kernel.run(0);
  CHECK(late == WakeCause::timed_out);
  CHECK(early == WakeCause::woken);
}

TEST_CASE("Waking a process on another CPU sends it an interrupt", "[kernel][process]") {
  World world(2);
  WaitQueue queue;
  bool woken = false;
  world.kernel.spawn(1, "sleeper", [&](Process& self) -> Task<void> {
    co_await queue.wait(self);
    CHECK(self.cpu().id() == 1);
    woken = true;
  });
  world.kernel.run(1);  // sleeps
  world.kernel.spawn(0, "waker", [&](Process& self) -> Task<void> {
    queue.wake_one(self.cpu());
    co_return;
  });
  world.kernel.run(0);
  CHECK(world.machine.irqs.ipis == 1);
  CHECK_FALSE(woken);
  world.kernel.run(1);
  CHECK(woken);
}

TEST_CASE("Processes that never end are destroyed with what they hold", "[kernel][process]") {
  World world;
  bool destroyed = false;
  struct Notice {
    bool& flag;
    ~Notice() { flag = true; }
  };
  {
    WaitQueue queue;
    world.kernel.spawn(0, "eternal", [&](Process& self) -> Task<void> {
      const Notice notice{destroyed};
      for (;;) co_await queue.wait(self);
    });
    world.kernel.run(0);
    CHECK_FALSE(destroyed);
    world.kernel.terminate_processes();
  }
  CHECK(destroyed);
}

TEST_CASE("A CPU's runs repeat exactly", "[kernel][process]") {
  const auto run = [] {
    World world;
    std::vector<std::pair<std::string, platform::Nanoseconds>> log;
    for (const char* name : {"a", "b", "c"}) {
      world.kernel.spawn(0, name, [&log](Process& self) -> Task<void> {
        for (int i = 1; i < 20; ++i) {
          self.work(7 * i);
          log.emplace_back(self.name(), self.cpu().now());
          co_await self.sleep_for(13 * i % 31);
        }
      });
    }
    world.kernel.run(0);
    return log;
  };
  CHECK(run() == run());
}

namespace {

Task<int> doubled_soon(Process& self, int value, bool at_once) {
  if (at_once) return Task<int>(std::in_place, value * 2);
  return doubled_later(self, value);
}

}  // namespace

TEST_CASE("A call that need not sleep has ended when it is awaited", "[kernel][process]") {
  World world;
  int now = 0;
  int later = 0;
  platform::Nanoseconds after_first = -1;
  world.kernel.spawn(0, "caller", [&](Process& self) -> Task<void> {
    now = co_await doubled_soon(self, 4, true);
    after_first = self.cpu().now();
    Task<int> moved = doubled_soon(self, 5, true);
    moved = doubled_soon(self, 6, true);
    Task<int> ended = std::move(moved);
    now += co_await ended;
    later = co_await doubled_soon(self, 7, false);
  });
  world.kernel.run(0);
  CHECK(now == 8 + 12);
  CHECK(after_first == 0);
  CHECK(later == 14);
  CHECK(world.kernel.now() == 100);
}
