// SPDX-License-Identifier: Apache-2.0
// NAPI: weight, budget, time limit, the missed re-check, and what softnet_stat says about it.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "host/kernel/kernel.hpp"
#include "tests/host/fake_machine.hpp"

using namespace host;
using kernel::Cpu;
using kernel::Napi;

namespace {

/// A source with `packets` waiting, each costing `cost`.
class Source final : public Napi {
 public:
  Source(std::string name, int packets, platform::Nanoseconds cost = 0)
      : Napi(std::move(name)), packets_(packets), cost_(cost) {
    napi_enable(*this);
  }
  int poll(Cpu& cpu, int budget) override {
    int work = 0;
    if (on_poll) on_poll(cpu);
    while (work < budget && packets_ > 0) {
      if (on_packet) on_packet(cpu);
      cpu.charge_ns(cost_);
      --packets_;
      ++work;
    }
    works.push_back(work);
    if (work < budget) completed = napi_complete_done(cpu, *this, work);
    return work;
  }
  void add(int packets) { packets_ += packets; }

  std::vector<int> works;
  bool completed = false;
  std::function<void(Cpu&)> on_packet;
  std::function<void(Cpu&)> on_poll;

 private:
  int packets_;
  platform::Nanoseconds cost_;
};

struct World {
  explicit World(unsigned cpus = 1) : machine(cpus), kernel(machine.machine()) {}
  /// Schedules from an interrupt, as drivers do.
  void schedule(Napi& napi) {
    const auto vector = *machine.irqs.allocate_vector(0);
    REQUIRE(kernel.request_irq(vector, "nic", [&napi](Cpu& cpu) { napi_schedule(cpu, napi); }).ok());
    machine.irqs.raise(vector);
  }
  host_test::FakeMachine machine;
  kernel::Kernel kernel;
};

}  // namespace

TEST_CASE("A poll handles at most dev_weight packets, then the others have their turn", "[kernel][napi]") {
  World world;
  Source busy("busy", 150);
  Source light("light", 3);
  world.schedule(busy);
  world.schedule(light);
  world.kernel.run(0);
  CHECK(busy.works == std::vector<int>{64, 64, 22});
  CHECK(light.works == std::vector<int>{3});
  CHECK(busy.completed);
  CHECK_FALSE(busy.scheduled());
  CHECK(world.kernel.cpu(0).softnet().time_squeeze == 0);
}

TEST_CASE("dev_weight changes the packets of a poll", "[kernel][napi]") {
  World world;
  REQUIRE(world.kernel.sysctl().set("net.core.dev_weight", 16).ok());
  Source source("source", 40);
  world.schedule(source);
  world.kernel.run(0);
  CHECK(source.works == std::vector<int>{16, 16, 8});
}

/// Squeezes of one run with `sources` sources of 64 packets each.
std::uint64_t squeezes(World& world, int sources, platform::Nanoseconds cost) {
  std::vector<std::unique_ptr<Source>> all;
  for (int i = 0; i < sources; ++i) {
    all.push_back(std::make_unique<Source>("source", 64, cost));
    world.schedule(*all.back());
  }
  world.kernel.run(0);
  for (const auto& source : all) CHECK(source->completed);
  return world.kernel.cpu(0).softnet().time_squeeze;
}

TEST_CASE("netdev_budget ends a pass and counts a squeeze", "[kernel][napi]") {
  const auto with_budget = [](std::int64_t budget) {
    World world;
    REQUIRE(world.kernel.sysctl().set("net.core.netdev_budget", budget).ok());
    return squeezes(world, 6, 0);  // 384 packets in whole polls
  };
  CHECK(with_budget(300) == 1);  // after the fifth
  CHECK(with_budget(100) == 3);
  CHECK(with_budget(1) == 6);
  CHECK(with_budget(1'000) == 0);
}

TEST_CASE("netdev_budget_usecs ends a pass and counts a squeeze", "[kernel][napi]") {
  const auto with_usecs = [](std::int64_t usecs) {
    World world;
    REQUIRE(world.kernel.sysctl().set("net.core.netdev_budget_usecs", usecs).ok());
    return squeezes(world, 4, 5'000);  // 320 us a poll
  };
  CHECK(with_usecs(2'000) == 0);
  CHECK(with_usecs(600) == 2);
  CHECK(with_usecs(300) == 4);
}

TEST_CASE("An interrupt during the poll makes it look again before it completes", "[kernel][napi]") {
  World world;
  Source source("source", 1);
  source.on_packet = [&](Cpu& cpu) {
    source.on_packet = nullptr;
    CHECK_FALSE(napi_schedule(cpu, source));  // already scheduled: remembered
  };
  world.schedule(source);
  world.kernel.run(0);
  CHECK(source.works == std::vector<int>{1, 0});
  CHECK(source.completed);
}

TEST_CASE("A disabled NAPI is not polled", "[kernel][napi]") {
  World world;
  Source source("source", 10);
  napi_disable(world.kernel.cpu(0), source);
  world.schedule(source);
  world.kernel.run(0);
  CHECK(source.works.empty());
}

TEST_CASE("Disabling takes a scheduled NAPI off its list", "[kernel][napi]") {
  World world;
  Source source("source", 10);
  world.kernel.spawn(0, "admin", [&](kernel::Process& self) -> kernel::Task<void> {
    const kernel::BottomHalfGuard guard(self.cpu());
    napi_schedule(self.cpu(), source);
    napi_disable(self.cpu(), source);
    co_return;
  });
  world.kernel.run(0);
  CHECK(source.works.empty());
  CHECK(world.kernel.cpu(0).poll_list().empty());
}

TEST_CASE("Under overload processes still get their turn", "[kernel][napi][livelock]") {
  World world;
  Source source("flood", 0, 1'000);
  source.add(50'000);  // 50 ms of packets
  int turns = 0;
  world.kernel.spawn(0, "application", [&](kernel::Process& self) -> kernel::Task<void> {
    while (world.kernel.now() < 50'000'000) {
      ++turns;
      self.work(10'000);
      co_await self.yield();
    }
  });
  world.schedule(source);
  world.kernel.run(0);
  CHECK(turns > 10);
  CHECK(world.kernel.cpu(0).ksoftirqd_wakeups() > 10);
}

namespace {

/// Polls of one packet's way with a deferral, and whether the driver may have its interrupt back at the end.
struct Deferred {
  std::vector<int> works;
  platform::Nanoseconds last_poll = 0;
  bool armed = false;
};

Deferred deferred(const kernel::NapiDeferral& deferral) {
  World world;
  Source source("source", 1);
  source.set_deferral(&deferral);
  Deferred result;
  source.on_poll = [&](Cpu& cpu) { result.last_poll = cpu.now(); };
  world.schedule(source);
  world.kernel.run(0);
  result.works = source.works;
  result.armed = source.completed;
  CHECK_FALSE(source.scheduled());
  return result;
}

}  // namespace

TEST_CASE("napi_defer_hard_irqs polls on a timer before the interrupt is on again", "[kernel][napi]") {
  const auto at_once = deferred({});
  CHECK(at_once.works == std::vector<int>{1});
  CHECK(at_once.armed);
  const auto twice = deferred({.gro_flush_timeout = 20'000, .napi_defer_hard_irqs = 2});
  CHECK(twice.works == std::vector<int>{1, 0, 0});
  CHECK(twice.last_poll == 40'000);
  CHECK(twice.armed);
  const auto no_timer = deferred({.gro_flush_timeout = 0, .napi_defer_hard_irqs = 2});
  CHECK(no_timer.works == std::vector<int>{1});  // without a timeout nobody would poll
  CHECK(no_timer.armed);
}

TEST_CASE("A NAPI that is disabled is not polled by its timer", "[kernel][napi]") {
  World world;
  Source source("source", 1);
  const kernel::NapiDeferral deferral{.gro_flush_timeout = 20'000, .napi_defer_hard_irqs = 5};
  source.set_deferral(&deferral);
  world.schedule(source);
  world.machine.cpus.at(10'000, [&] { napi_disable(world.kernel.cpu(0), source); });
  world.kernel.run(0);
  CHECK(source.works == std::vector<int>{1});
}

TEST_CASE("A poll that used its weight lets go of what GRO has held for long", "[kernel][napi][gro]") {
  class Holder final : public Napi {
   public:
    Holder() : Napi("holder") { napi_enable(*this); }
    int poll(Cpu& cpu, int budget) override {
      const int work = std::min(budget, left_);
      left_ -= work;
      if (work < budget) static_cast<void>(napi_complete_done(cpu, *this, work));
      return work;
    }
    bool gro_holds() const override { return true; }
    void gro_flush(Cpu&, kernel::GroFlush which) override { flushes.push_back(which); }
    std::vector<kernel::GroFlush> flushes;

   private:
    int left_ = 130;
  };
  World world;
  Holder holder;
  world.schedule(holder);
  world.kernel.run(0);
  using enum kernel::GroFlush;
  CHECK(holder.flushes == std::vector{old, old, all});
}
