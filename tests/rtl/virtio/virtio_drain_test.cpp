// SPDX-License-Identifier: Apache-2.0
// Resets of queues, device and function, with blocks that take any time to come to rest.
#include "tests/rtl/virtio/control_bench.hpp"

using namespace tests::virtio;

namespace {

void fill(ControlBench& r) {
  for (unsigned pair = 0; pair < kPairs; ++pair) {
    r.rx.in_flight[pair] = static_cast<unsigned>(r.random() % 300);
    r.tx.in_flight[pair] = static_cast<unsigned>(r.random() % 300);
  }
}

void reset_queue(ControlBench& r, unsigned queue) {
  r.select(queue);
  r.write(contract::COMMON_QUEUE_RESET, 1, 2);
}

bool resetting(ControlBench& r, unsigned queue) {
  r.select(queue);
  return r.read(contract::COMMON_QUEUE_RESET, 2) == 1;
}

/// The queue's own block, at rest and cleared.
bool at_rest(ControlBench& r, unsigned queue) {
  const FakeBlocks& blocks = queue % 2 == 0 ? r.rx : r.tx;
  return blocks.in_flight[queue / 2] == 0 && blocks.clearing[queue / 2] == 0;
}

}  // namespace

TEST_CASE("A queue reset reads 1 until the queue is at rest, and restores the defaults", "[rtl][virtio]") {
  for (unsigned seed = 1; seed < 40; ++seed) {
    ControlBench r(kOffered, seed);
    const unsigned queue = static_cast<unsigned>(r.random() % kQueues);
    const unsigned other = queue ^ 1u;
    r.enable(queue, 3, 77);
    r.enable(other, 4, 78);
    reset_queue(r, queue);  // not negotiated, not running
    REQUIRE_FALSE(r.stopped(queue));
    r.run();
    r.enable(queue, 3, 77);
    r.enable(other, 4, 78);
    r.select(queue);
    r.write(contract::COMMON_QUEUE_RESET, 2, 2);
    REQUIRE_FALSE(r.stopped(queue));
    fill(r);
    const unsigned untouched = (queue % 2 == 0 ? r.tx : r.rx).in_flight[queue / 2];
    reset_queue(r, queue);
    for (int i = 0; resetting(r, queue); ++i) {
      REQUIRE(i < 100);
      r.cycles(static_cast<unsigned>(r.random() % 30));
    }
    REQUIRE(at_rest(r, queue));
    REQUIRE((queue % 2 == 0 ? r.rx : r.tx).clears[queue / 2] == 1);
    REQUIRE((queue % 2 == 0 ? r.tx : r.rx).clears[queue / 2] == 0);
    REQUIRE((queue % 2 == 0 ? r.tx : r.rx).in_flight[queue / 2] == untouched);
    REQUIRE((!r.stopped(queue) && !r.enabled(queue) && r.enabled(other)));
    REQUIRE(r.retracts == std::vector<ControlBench::Retract>{{false, false, 3}});
    r.select(queue);
    REQUIRE(r.read(contract::COMMON_QUEUE_ENABLE, 2) == 0);
    REQUIRE(r.read(contract::COMMON_QUEUE_SIZE, 2) == contract::QUEUE_SIZE_DEFAULT);
    REQUIRE(r.read(contract::COMMON_QUEUE_MSIX_VECTOR, 2) == contract::MSI_NO_VECTOR);
    for (unsigned k = 0; k < 6; ++k) REQUIRE(r.read(contract::COMMON_QUEUE_DESC_LO + 4 * k, 4) == 0);
    r.enable(queue);  // also after DRIVER_OK
    REQUIRE(r.enabled(queue));
  }
}

TEST_CASE("While a queue is being reset its registers take nothing", "[rtl][virtio]") {
  ControlBench r;
  r.run();
  r.enable(8, 1, 20);
  r.rx.in_flight[4] = 500;
  reset_queue(r, 8);
  r.write(contract::COMMON_QUEUE_SIZE, 99, 2);
  r.write(contract::COMMON_QUEUE_ENABLE, 1, 2);
  REQUIRE(r.read(contract::COMMON_QUEUE_SIZE, 2) == 20);
  REQUIRE(resetting(r, 8));
  r.cycles(700);
  REQUIRE_FALSE(resetting(r, 8));
  REQUIRE(r.read(contract::COMMON_QUEUE_SIZE, 2) == contract::QUEUE_SIZE_DEFAULT);
}

TEST_CASE("Many queue resets at once are all done, each with its own rest", "[rtl][virtio]") {
  for (unsigned seed = 1; seed < 6; ++seed) {
    ControlBench r(kOffered, seed);
    r.run();
    for (unsigned queue = 0; queue < kQueues; ++queue) r.enable(queue, queue);
    fill(r);
    std::vector<unsigned> chosen;
    for (unsigned queue = 0; queue < kQueues; ++queue) {
      if (r.random() % 2 == 0) chosen.push_back(queue);
    }
    for (const unsigned queue : chosen) reset_queue(r, queue);
    r.cycles(kQueues * (kQueues + 200));
    for (unsigned queue = 0; queue < kQueues; ++queue) {
      const bool was = std::find(chosen.begin(), chosen.end(), queue) != chosen.end();
      INFO("queue " << queue);
      REQUIRE_FALSE(resetting(r, queue));
      REQUIRE(r.enabled(queue) == !was);
      REQUIRE((queue % 2 == 0 ? r.rx : r.tx).clears[queue / 2] == (was ? 1 : 0));
    }
    REQUIRE(r.retracts.size() == chosen.size());
  }
}

TEST_CASE("A device reset reads as done only when every queue is at rest", "[rtl][virtio]") {
  unsigned overtaken_runs = 0;
  for (unsigned seed = 1; seed < 12; ++seed) {
    ControlBench r(kOffered, seed);
    r.run();
    std::array<bool, kQueues> was{};
    for (unsigned queue = 0; queue < kQueues; ++queue) {
      if (seed < 3 || r.random() % 8 == 0) {
        r.enable(queue, queue);
        was[queue] = true;
      }
    }
    if (seed % 3 == 0) {
      for (unsigned queue = 0; queue < kQueues; queue += 5) reset_queue(r, queue);
    }
    fill(r);
    for (unsigned pair = 0; pair < kPairs; ++pair) {
      if (!was[2 * pair]) r.rx.in_flight[pair] = 0;
      if (!was[2 * pair + 1]) r.tx.in_flight[pair] = 0;
    }
    const bool flr = seed % 2 == 0;
    if (flr) {
      r.dut->flr_i = 1;
      r.cycle();
      r.dut->flr_i = 0;
    } else {
      r.set_status(0);
    }
    // What is written during the reset has no effect; what comes after its end would be the next driver's.
    bool overtaken = false;
    for (int i = 0; r.status() != 0; ++i) {
      REQUIRE(i < 4000);
      if (i >= 4) continue;
      r.write(contract::COMMON_CONFIG_MSIX_VECTOR, 2, 2);
      r.enable(static_cast<unsigned>(r.random() % kQueues));
      overtaken = !r.dut->resetting_o;
    }
    overtaken_runs += overtaken;
    if (overtaken) continue;
    for (unsigned queue = 0; queue < kQueues; ++queue) {
      INFO("queue " << queue);
      REQUIRE(at_rest(r, queue));
      REQUIRE((queue % 2 == 0 ? r.rx : r.tx).clears[queue / 2] >= (was[queue] ? 1 : 0));
      REQUIRE((!r.stopped(queue) && !r.enabled(queue)));
    }
    REQUIRE(r.retracts.back().all);
    REQUIRE(r.read(contract::COMMON_CONFIG_MSIX_VECTOR, 2) == contract::MSI_NO_VECTOR);
    r.select(5);
    REQUIRE(r.read(contract::COMMON_QUEUE_SIZE, 2) == contract::QUEUE_SIZE_DEFAULT);
    REQUIRE_FALSE(r.dut->resetting_o);
    r.run();
    r.enable(5, 1, 9);
    REQUIRE(r.enabled(5));
  }
  REQUIRE(overtaken_runs < 5);  // of 11
}

TEST_CASE("A device that never ran is reset at once", "[rtl][virtio]") {
  ControlBench r;
  REQUIRE(r.accept(kOffered));
  r.enable(3);
  r.set_status(0);
  REQUIRE(r.status() == 0);
  r.select(3);
  REQUIRE(r.read(contract::COMMON_QUEUE_ENABLE, 2) == 0);
  REQUIRE(r.retracts.empty());
  REQUIRE(r.tx.clears[1] == 0);
}

TEST_CASE("Interrupts of a reset queue are taken back; a shared vector is only waited for", "[rtl][virtio]") {
  ControlBench r;
  r.run();
  r.write(contract::COMMON_CONFIG_MSIX_VECTOR, 50, 2);
  r.enable(10, 7);
  r.enable(11, 8);
  r.enable(127, 8);
  r.enable(12, 50);
  r.enable(13);
  const auto reset = [&](unsigned queue) {
    r.retracts.clear();
    reset_queue(r, queue);
    r.cycles(500);
    REQUIRE_FALSE(resetting(r, queue));
    return r.retracts;
  };
  using Retracts = std::vector<ControlBench::Retract>;
  REQUIRE(reset(10) == Retracts{{false, false, 7}});
  REQUIRE(reset(11) == Retracts{{false, true, 8}});
  REQUIRE(reset(127) == Retracts{{false, false, 8}});  // the other user has gone
  REQUIRE(reset(12) == Retracts{{false, true, 50}});
  REQUIRE(reset(13).empty());
  // a message on its way holds the reset back
  r.enable(10, 7);
  r.dut->retract_ready_i = 0;
  reset_queue(r, 10);
  r.cycles(1000);
  REQUIRE(resetting(r, 10));
  r.dut->retract_ready_i = 1;
  r.cycles(10);
  REQUIRE_FALSE(resetting(r, 10));
}

TEST_CASE("After a queue or the device was reset no request of it leaves any more", "[rtl][virtio]") {
  for (unsigned seed = 1; seed < 30; ++seed) {
    ControlBench r(kOffered, seed);
    r.run();
    for (unsigned queue = 0; queue < 12; ++queue) r.enable(queue, queue + 1);
    const unsigned victim = static_cast<unsigned>(r.random() % 12);
    reset_queue(r, victim);
    // a storm of everybody; the victim's blocks stop when they are at rest
    for (int i = 0; resetting(r, victim) && i < 500; ++i) {
      const unsigned queue = static_cast<unsigned>(r.random() % 12);
      if (queue != victim || i < 2) r.interrupt(queue);
    }
    r.requests.clear();
    for (int i = 0; i < 300; ++i) {
      const unsigned queue = static_cast<unsigned>(r.random() % 12);
      if (queue != victim) r.interrupt(queue);
      r.cycle();
    }
    REQUIRE(r.requests.size() > 50);
    for (const unsigned vector : r.requests) REQUIRE(vector != victim + 1);
  }
}
