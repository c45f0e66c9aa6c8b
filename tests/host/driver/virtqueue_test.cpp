// SPDX-License-Identifier: Apache-2.0
// The packed ring against an independent device: wraps, sizes, chains, event suppression, lies.
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "host/driver/virtqueue.hpp"
#include "tests/host/driver/packed_device.hpp"

using namespace host;
using driver::Access;
using driver::BufferPiece;
using driver::EventIndex;
using driver::RingFault;
using driver::Virtqueue;
using host_test::PackedDevice;

namespace {

struct Pair {
  explicit Pair(unsigned size, EventIndex event_index = EventIndex::on)
      : queue(std::move(*Virtqueue::create(dma, size, event_index))),
        device(dma, queue->ring_address(), queue->driver_event_address(), queue->device_event_address(), size,
               event_index == EventIndex::on) {}
  std::uint16_t add(unsigned pieces = 1, std::uint32_t length = 100) {
    std::vector<BufferPiece> chain;
    for (unsigned i = 0; i < pieces; ++i) chain.push_back({0x1000 + i, length, Access::device_writes});
    const auto id = queue->add(chain);
    REQUIRE(id.ok());
    return *id;
  }
  host_test::FakeDma dma;
  std::unique_ptr<Virtqueue> queue;
  PackedDevice device;
};

}  // namespace

TEST_CASE("Sizes that the specification forbids are refused", "[driver][virtqueue]") {
  host_test::FakeDma dma;
  CHECK(Virtqueue::create(dma, 0, EventIndex::on).error() == base::Errno::invalid);
  CHECK(Virtqueue::create(dma, 32'769, EventIndex::on).error() == base::Errno::invalid);
  dma.limit = 1'000;
  CHECK(Virtqueue::create(dma, 256, EventIndex::on).error() == base::Errno::no_memory);
}

TEST_CASE("A queue gives all its memory and windows back", "[driver][virtqueue]") {
  host_test::FakeDma dma;
  { const auto queue = Virtqueue::create(dma, 256, EventIndex::on); }
  CHECK(dma.windows() == 0);
  CHECK(dma.allocated == 0);
}

TEST_CASE("A chain arrives whole, piece by piece", "[driver][virtqueue]") {
  Pair pair(8);
  const std::vector<BufferPiece> pieces = {{0x1'2345'6789'abcd, 12, Access::device_reads},
                                           {0x2000, 1500, Access::device_reads},
                                           {0x3000, 64, Access::device_writes}};
  const auto id = pair.queue->add(pieces);
  REQUIRE(id.ok());
  CHECK(pair.queue->free_descriptors() == 5);
  const auto chain = pair.device.take();
  REQUIRE(chain);
  CHECK(chain->id == *id);
  REQUIRE(chain->pieces.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(chain->pieces[i].address == pieces[i].address);
    CHECK(chain->pieces[i].length == pieces[i].length);
    CHECK(chain->pieces[i].write == (pieces[i].access == Access::device_writes));
  }
  CHECK_FALSE(pair.device.take());
  pair.device.give_back(*chain, 60);
  const auto used = pair.queue->take_used();
  REQUIRE(used);
  CHECK(used->id == *id);
  CHECK(used->length == 60);
  CHECK(pair.queue->free_descriptors() == 8);
  CHECK_FALSE(pair.queue->take_used());
}

TEST_CASE("A full ring takes no more", "[driver][virtqueue]") {
  Pair pair(4);
  pair.add(3);
  const std::vector<BufferPiece> two(2, BufferPiece{0, 1, Access::device_reads});
  CHECK(pair.queue->add(two).error() == base::Errno::no_buffers);
  CHECK(pair.queue->add({}).error() == base::Errno::invalid);
  pair.add(1);
  CHECK(pair.queue->free_descriptors() == 0);
  CHECK(pair.queue->outstanding().size() == 2);
}

TEST_CASE("Any size, any chain, any order of return: nothing lost, nothing doubled", "[driver][virtqueue]") {
  const auto event_index = GENERATE(EventIndex::on, EventIndex::off);
  const unsigned size = GENERATE(1u, 2u, 3u, 5u, 8u, 17u, 64u, 255u, 256u);
  Pair pair(size, event_index);
  std::mt19937 random(size);
  const auto pick = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  std::map<std::uint16_t, std::uint64_t> sent;  // by id: what is outstanding
  std::deque<PackedDevice::Chain> held;
  std::uint64_t next = 1;
  unsigned returned = 0;
  for (int round = 0; round < 4'000; ++round) {
    const unsigned free = pair.queue->free_descriptors();
    if (pick(2) == 0 && free > 0) {
      std::vector<BufferPiece> pieces(1 + pick(std::min(free, 6u)));
      for (auto& piece : pieces) piece = {next, 1'000, Access::device_writes};
      const auto id = pair.queue->add(pieces);
      REQUIRE(id.ok());
      REQUIRE(sent.emplace(*id, next++).second);
    }
    if (pick(2) == 0) {
      while (auto chain = pair.device.take()) {
        REQUIRE(sent.at(chain->id) == chain->pieces.front().address);
        held.push_back(std::move(*chain));
      }
    }
    if (pick(2) == 0 && !held.empty()) {
      const auto which = held.begin() + static_cast<std::ptrdiff_t>(pick(static_cast<unsigned>(held.size())));
      pair.device.give_back(*which, 1 + which->id);
      held.erase(which);
    }
    if (pick(2) == 0) {
      while (const auto used = pair.queue->take_used()) {
        REQUIRE(sent.erase(used->id) == 1);
        REQUIRE(used->length == 1u + used->id);
        ++returned;
      }
    }
  }
  CHECK(returned > 500);
  CHECK_FALSE(pair.queue->broken());
  CHECK(pair.device.torn_chains == 0);
  CHECK(pair.dma.faults == 0);
}

TEST_CASE("Doorbells: wanted exactly when the device asked", "[driver][virtqueue][event]") {
  const unsigned size = GENERATE(1u, 2u, 3u, 16u, 256u);
  Pair pair(size);
  // Random mixes of arming, disabling and adding: after arm, the first descriptor must ring.
  std::mt19937 random(size);
  for (int round = 0; round < 3'000; ++round) {
    const bool armed = random() % 2 == 0;
    if (armed) {
      REQUIRE(pair.device.arm_kicks());
    } else {
      pair.device.disable_kicks();
    }
    const unsigned count = 1 + static_cast<unsigned>(random() % size);
    for (unsigned i = 0; i < count; ++i) pair.add();
    REQUIRE(pair.queue->should_kick() == armed);
    REQUIRE_FALSE(pair.queue->should_kick());  // nothing new
    while (const auto chain = pair.device.take()) pair.device.give_back(*chain, 1);
    while (pair.queue->take_used()) {
    }
  }
}

TEST_CASE("Once the device has passed its event no more doorbells come", "[driver][virtqueue][event]") {
  Pair pair(8);
  REQUIRE(pair.device.arm_kicks());
  pair.add();
  CHECK(pair.queue->should_kick());
  pair.add();
  CHECK_FALSE(pair.queue->should_kick());
  CHECK(pair.queue->stats().kicks == 1);
  CHECK(pair.queue->stats().kicks_suppressed == 1);
}

TEST_CASE("Interrupts: wanted at the next buffer after enabling, never while disabled", "[driver][virtqueue][event]") {
  const auto event_index = GENERATE(EventIndex::on, EventIndex::off);
  const unsigned size = GENERATE(1u, 2u, 3u, 16u);
  Pair pair(size, event_index);
  std::mt19937 random(size + 100);
  for (int round = 0; round < 3'000; ++round) {
    const unsigned count = 1 + static_cast<unsigned>(random() % size);
    for (unsigned i = 0; i < count; ++i) pair.add();
    const bool enabled = random() % 2 == 0;
    if (enabled) {
      REQUIRE(pair.queue->enable_interrupts());
    } else {
      pair.queue->disable_interrupts();
    }
    while (const auto chain = pair.device.take()) pair.device.give_back(*chain, 1);
    REQUIRE(pair.device.interrupt_wanted() == enabled);
    while (pair.queue->take_used()) {
    }
  }
}

TEST_CASE("Enabling too late says so: the lost wake-up", "[driver][virtqueue][event]") {
  Pair pair(4);
  pair.add();
  pair.queue->disable_interrupts();
  const auto chain = pair.device.take();
  pair.device.give_back(*chain, 1);
  CHECK_FALSE(pair.device.interrupt_wanted());
  CHECK_FALSE(pair.queue->enable_interrupts());
  CHECK(pair.queue->stats().rearm_races == 1);
  CHECK(pair.queue->take_used());
  CHECK(pair.queue->enable_interrupts());
}

TEST_CASE("Delayed interrupts come after three quarters", "[driver][virtqueue][event]") {
  Pair pair(16);
  for (int lap = 0; lap < 10; ++lap) {
    for (int i = 0; i < 8; ++i) pair.add();
    REQUIRE(pair.queue->enable_interrupts_delayed());
    for (int i = 1; i <= 8; ++i) {
      const auto chain = pair.device.take();
      pair.device.give_back(*chain, 1);
      REQUIRE(pair.device.interrupt_wanted() == (i == 7));
    }
    while (pair.queue->take_used()) {
    }
  }
}

TEST_CASE("A delayed enable with one buffer wants its interrupt", "[driver][virtqueue][event]") {
  Pair pair(16);
  pair.add();
  REQUIRE(pair.queue->enable_interrupts_delayed());
  pair.device.give_back(*pair.device.take(), 1);
  CHECK(pair.device.interrupt_wanted());
}

TEST_CASE("A lying device breaks the queue and nothing else", "[driver][virtqueue][fault]") {
  Pair pair(8);
  const auto id = pair.add(2, 100);
  const auto other = pair.add(1, 100);
  const auto chain = pair.device.take();
  SECTION("an id outside the ring") {
    pair.device.write_used(8, 10, 1);
    CHECK_FALSE(pair.queue->take_used());
    CHECK(pair.queue->fault() == RingFault::id_out_of_range);
  }
  SECTION("an id far outside the ring") {
    pair.device.write_used(0xffff, 10, 1);
    CHECK_FALSE(pair.queue->take_used());
    CHECK(pair.queue->fault() == RingFault::id_out_of_range);
  }
  SECTION("an id that the device does not have") {
    pair.device.write_used(7, 10, 1);
    CHECK_FALSE(pair.queue->take_used());
    CHECK(pair.queue->fault() == RingFault::not_outstanding);
  }
  SECTION("the same buffer twice") {
    pair.device.write_used(id, 10, 2);
    pair.device.write_used(id, 10, 2);
    CHECK(pair.queue->take_used());
    CHECK_FALSE(pair.queue->take_used());
    CHECK(pair.queue->fault() == RingFault::not_outstanding);
  }
  SECTION("more bytes than there is room for") {
    pair.device.write_used(id, 201, 2);
    CHECK_FALSE(pair.queue->take_used());
    CHECK(pair.queue->fault() == RingFault::length_too_long);
  }
  SECTION("exactly as many bytes as there is room for is right") {
    pair.device.write_used(id, 200, 2);
    CHECK(pair.queue->take_used()->length == 200);
    CHECK_FALSE(pair.queue->broken());
    pair.device.write_used(other, 101, 1);
    CHECK_FALSE(pair.queue->take_used());
  }
  CHECK(pair.queue->broken());
  CHECK_FALSE(pair.queue->has_used());
  const BufferPiece piece{0, 1, Access::device_reads};
  CHECK(pair.queue->add({&piece, 1}).error() == base::Errno::io);
}
