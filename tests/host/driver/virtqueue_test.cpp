// SPDX-License-Identifier: Apache-2.0
// Both ring kinds against an independent device: wraps, sizes, chains, tables, order, event suppression.
#include <deque>
#include <map>
#include <random>

#include "tests/host/driver/ring_pair.hpp"

using namespace host;
using driver::Access;
using driver::BufferPiece;
using driver::EventIndex;
using driver::InOrder;
using driver::RingKind;
using driver::Virtqueue;
using host_test::any_kind;
using host_test::RingDevice;
using host_test::size_for;
using Pair = host_test::RingPair;

TEST_CASE("Sizes that the specification forbids are refused", "[driver][virtqueue]") {
  host_test::FakeDma dma;
  const auto kind = any_kind();
  CHECK(Virtqueue::create(dma, {.kind = kind, .size = 0}).error() == base::Errno::invalid);
  CHECK(Virtqueue::create(dma, {.kind = kind, .size = 32'769}).error() == base::Errno::invalid);
  CHECK(Virtqueue::create(dma, {.kind = kind, .size = 32'768}).ok());
  CHECK(Virtqueue::create(dma, {.kind = kind, .size = 48}).ok() == (kind == RingKind::packed));
  dma.limit = 1'000;
  CHECK(Virtqueue::create(dma, {.kind = kind, .size = 256}).error() == base::Errno::no_memory);
}

TEST_CASE("A queue gives all its memory and windows back", "[driver][virtqueue]") {
  host_test::FakeDma dma;
  { const auto queue = Virtqueue::create(dma, {.kind = any_kind(), .size = 256, .indirect_pieces = 19}); }
  CHECK(dma.windows() == 0);
  CHECK(dma.allocated == 0);
}

TEST_CASE("A chain arrives whole, piece by piece", "[driver][virtqueue]") {
  Pair pair(any_kind(), 8);
  const std::vector<BufferPiece> pieces = {{0x1'2345'6789'abcd, 12, Access::device_reads},
                                           {0x2000, 1500, Access::device_reads},
                                           {0x3000, 64, Access::device_writes}};
  const auto id = pair.queue->add(pieces);
  REQUIRE(id.ok());
  CHECK(pair.queue->free_descriptors() == 5);
  const auto chain = pair.device().take();
  REQUIRE(chain);
  CHECK(chain->id == *id);
  REQUIRE(chain->pieces.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(chain->pieces[i].address == pieces[i].address);
    CHECK(chain->pieces[i].length == pieces[i].length);
    CHECK(chain->pieces[i].write == (pieces[i].access == Access::device_writes));
  }
  CHECK_FALSE(pair.device().take());
  pair.device().give_back(*chain, 60);
  const auto used = pair.queue->take_used();
  REQUIRE(used);
  CHECK(used->id == *id);
  CHECK(used->length == 60);
  CHECK(pair.queue->free_descriptors() == 8);
  CHECK_FALSE(pair.queue->take_used());
}

TEST_CASE("A full ring takes no more", "[driver][virtqueue]") {
  Pair pair(any_kind(), 4);
  pair.add(3);
  const std::vector<BufferPiece> two(2, BufferPiece{0, 1, Access::device_reads});
  CHECK(pair.queue->add(two).error() == base::Errno::no_buffers);
  CHECK(pair.queue->add({}).error() == base::Errno::invalid);
  pair.add(1);
  CHECK(pair.queue->free_descriptors() == 0);
  CHECK(pair.queue->outstanding().size() == 2);
}

TEST_CASE("Any size, any chain, any order of return: nothing lost, nothing doubled", "[driver][virtqueue]") {
  const auto kind = any_kind();
  const auto event_index = GENERATE(EventIndex::on, EventIndex::off);
  const auto in_order = GENERATE(InOrder::no, InOrder::yes);
  const unsigned indirect = GENERATE(0u, 4u);
  const unsigned size = size_for(kind, GENERATE(1u, 2u, 3u, 5u, 8u, 17u, 64u, 255u, 256u));
  Pair pair(
      {.kind = kind, .size = size, .event_index = event_index, .in_order = in_order, .indirect_pieces = indirect});
  std::mt19937 random(size);
  const auto pick = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  std::map<std::uint16_t, std::pair<std::uint64_t, std::uint32_t>> sent;  // by id: address and room
  std::deque<RingDevice::Chain> held;
  std::map<std::uint16_t, std::uint32_t> lengths;  // what take_used must say
  std::uint64_t next = 1;
  unsigned returned = 0;
  unsigned tables = 0;
  for (int round = 0; round < 2'000; ++round) {
    const unsigned free = pair.queue->free_descriptors();
    if (pick(2) == 0 && free > 0) {
      std::vector<BufferPiece> pieces(1 + pick(std::min(free, 6u)));
      for (auto& piece : pieces) piece = {next, 1'000, Access::device_writes};
      const auto id = pair.queue->add(pieces);
      REQUIRE(id.ok());
      REQUIRE(sent.emplace(*id, std::pair(next++, static_cast<std::uint32_t>(1'000 * pieces.size()))).second);
    }
    if (pick(2) == 0) {
      while (auto chain = pair.device().take()) {
        REQUIRE(sent.at(chain->id).first == chain->pieces.front().address);
        REQUIRE(sent.at(chain->id).second == 1'000 * chain->pieces.size());
        REQUIRE(chain->indirect == (chain->pieces.size() > 1 && chain->pieces.size() <= std::min(indirect, size)));
        tables += chain->indirect ? 1 : 0;
        held.push_back(std::move(*chain));
      }
    }
    if (pick(2) == 0 && !held.empty() && in_order == InOrder::no) {
      const auto which = held.begin() + static_cast<std::ptrdiff_t>(pick(static_cast<unsigned>(held.size())));
      lengths[which->id] = 1u + which->id;
      pair.device().give_back(*which, lengths[which->id]);
      held.erase(which);
    }
    if (pick(2) == 0 && !held.empty() && in_order == InOrder::yes) {
      // All but the last of a batch count as used completely.
      const std::size_t count = 1 + pick(static_cast<unsigned>(held.size()));
      const std::vector<RingDevice::Chain> batch(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(count));
      for (const auto& chain : batch) lengths[chain.id] = sent.at(chain.id).second;
      lengths[batch.back().id] = 1u + batch.back().id;
      pair.device().give_back_batch(batch, lengths[batch.back().id]);
      held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(count));
    }
    if (pick(2) == 0) {
      while (const auto used = pair.queue->take_used()) {
        REQUIRE(sent.erase(used->id) == 1);
        REQUIRE(used->length == lengths.at(used->id));
        ++returned;
      }
    }
    REQUIRE(pair.queue->outstanding().size() == sent.size());
  }
  CHECK(returned > 250);
  CHECK((tables > 0) == (indirect != 0 && size > 1));
  CHECK_FALSE(pair.queue->broken());
}

TEST_CASE("In order, a split ring's descriptors are used along the table", "[driver][virtqueue]") {
  Pair pair({.kind = RingKind::split, .size = 8, .in_order = InOrder::yes});
  unsigned expected = 0;
  for (int round = 0; round < 20; ++round) {
    for (const unsigned pieces : {2u, 1u, 3u}) {
      CHECK(pair.add(pieces) == expected % 8);
      expected += pieces;
    }
    while (const auto chain = pair.device().take()) pair.device().give_back(*chain, 1);
    while (pair.queue->take_used()) {
    }
  }
}

TEST_CASE("A table never holds more than the queue", "[driver][virtqueue][indirect]") {
  const auto kind = any_kind();
  Pair pair({.kind = kind, .size = 4, .indirect_pieces = 16});
  CHECK(pair.queue->descriptors_for(1) == 1);
  CHECK(pair.queue->descriptors_for(4) == 1);
  const std::vector<BufferPiece> five(5, BufferPiece{0, 1, Access::device_reads});
  CHECK(pair.queue->add(five).error() == base::Errno::no_buffers);
  for (int i = 0; i < 4; ++i) pair.add(4);
  CHECK(pair.queue->stats().indirect == 4);
  CHECK(pair.queue->free_descriptors() == 0);
}

TEST_CASE("A doorbell's data says how far the ring goes", "[driver][virtqueue][notification-data]") {
  const auto kind = any_kind();
  const unsigned size = size_for(kind, GENERATE(1u, 3u, 16u));
  Pair pair(kind, size);
  std::mt19937 random(size);
  for (int round = 0; round < 200; ++round) {
    const unsigned count = static_cast<unsigned>(random() % size);
    for (unsigned i = 0; i < count; ++i) pair.add();
    REQUIRE(pair.queue->notification_data() == pair.device().expected_notification());
    while (const auto chain = pair.device().take()) pair.device().give_back(*chain, 1);
    while (pair.queue->take_used()) {
    }
  }
}

TEST_CASE("Buffers given back together are all there with the first", "[driver][virtqueue]") {
  Pair pair(any_kind(), 8);
  for (int lap = 0; lap < 10; ++lap) {
    std::vector<RingDevice::Used> group;
    for (int i = 0; i < 3; ++i) pair.add();
    while (auto chain = pair.device().take()) group.push_back({std::move(*chain), 7});
    REQUIRE_FALSE(pair.queue->has_used());
    pair.device().give_back_together(group);
    for (const auto& used : group) REQUIRE(pair.queue->take_used()->id == used.chain.id);
    REQUIRE_FALSE(pair.queue->has_used());
  }
}

TEST_CASE("Free-running indices pass 65535", "[driver][virtqueue]") {
  Pair pair(any_kind(), 4);
  for (unsigned i = 0; i < 70'000; ++i) {
    if (!pair.device().arm_kicks()) FAIL("something is available");
    pair.add();
    if (!pair.queue->should_kick()) FAIL("no doorbell at " << i);
    if (!pair.queue->enable_interrupts()) FAIL("already used at " << i);
    pair.device().give_back(*pair.device().take(), 1);
    if (!pair.device().interrupt_wanted()) FAIL("no interrupt at " << i);
    if (!pair.queue->take_used()) FAIL("nothing came back at " << i);
  }
}

TEST_CASE("Doorbells: wanted exactly when the device asked", "[driver][virtqueue][event]") {
  const auto kind = any_kind();
  const auto event_index = GENERATE(EventIndex::on, EventIndex::off);
  const unsigned size = size_for(kind, GENERATE(1u, 2u, 3u, 16u, 256u));
  Pair pair(kind, size, event_index);
  // Random mixes of arming, disabling and adding: after arm, the first descriptor must ring.
  std::mt19937 random(size);
  for (int round = 0; round < 3'000; ++round) {
    const bool armed = random() % 2 == 0;
    if (armed) {
      REQUIRE(pair.device().arm_kicks());
    } else {
      pair.device().disable_kicks();
    }
    const unsigned count = 1 + static_cast<unsigned>(random() % size);
    for (unsigned i = 0; i < count; ++i) pair.add();
    REQUIRE(pair.queue->should_kick() == armed);
    REQUIRE_FALSE(pair.queue->should_kick());  // nothing new
    while (const auto chain = pair.device().take()) pair.device().give_back(*chain, 1);
    while (pair.queue->take_used()) {
    }
  }
}

TEST_CASE("Once the device has passed its event no more doorbells come", "[driver][virtqueue][event]") {
  Pair pair(any_kind(), 8);
  REQUIRE(pair.device().arm_kicks());
  pair.add();
  CHECK(pair.queue->should_kick());
  pair.add();
  CHECK_FALSE(pair.queue->should_kick());
  CHECK(pair.queue->stats().kicks == 1);
  CHECK(pair.queue->stats().kicks_suppressed == 1);
}

TEST_CASE("Interrupts: wanted at the next buffer after enabling, never while disabled", "[driver][virtqueue][event]") {
  const auto event_index = GENERATE(EventIndex::on, EventIndex::off);
  const auto kind = any_kind();
  const unsigned size = size_for(kind, GENERATE(1u, 2u, 3u, 16u));
  Pair pair(kind, size, event_index);
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
    while (const auto chain = pair.device().take()) pair.device().give_back(*chain, 1);
    REQUIRE(pair.device().interrupt_wanted() == enabled);
    while (pair.queue->take_used()) {
    }
  }
}

TEST_CASE("Enabling too late says so: the lost wake-up", "[driver][virtqueue][event]") {
  Pair pair(any_kind(), 4);
  pair.add();
  pair.queue->disable_interrupts();
  const auto chain = pair.device().take();
  pair.device().give_back(*chain, 1);
  CHECK_FALSE(pair.device().interrupt_wanted());
  CHECK_FALSE(pair.queue->enable_interrupts());
  CHECK(pair.queue->stats().rearm_races == 1);
  CHECK(pair.queue->take_used());
  CHECK(pair.queue->enable_interrupts());
}

TEST_CASE("Delayed interrupts come after three quarters", "[driver][virtqueue][event]") {
  Pair pair(any_kind(), 16);
  for (int lap = 0; lap < 10; ++lap) {
    for (int i = 0; i < 8; ++i) pair.add();
    REQUIRE(pair.queue->enable_interrupts_delayed());
    for (int i = 1; i <= 8; ++i) {
      const auto chain = pair.device().take();
      pair.device().give_back(*chain, 1);
      REQUIRE(pair.device().interrupt_wanted() == (i == 7));
    }
    while (pair.queue->take_used()) {
    }
  }
}

TEST_CASE("A delayed enable with one buffer wants its interrupt", "[driver][virtqueue][event]") {
  Pair pair(any_kind(), 16);
  pair.add();
  REQUIRE(pair.queue->enable_interrupts_delayed());
  pair.device().give_back(*pair.device().take(), 1);
  CHECK(pair.device().interrupt_wanted());
}
