// SPDX-License-Identifier: Apache-2.0
// Both ring kinds and a device that lies.
#include "tests/host/driver/ring_pair.hpp"

using namespace host;
using driver::Access;
using driver::BufferPiece;
using driver::InOrder;
using driver::RingFault;
using driver::RingKind;
using host_test::any_kind;
using host_test::RingDevice;
using host_test::SplitDevice;
using Pair = host_test::RingPair;

TEST_CASE("A lying device breaks the queue and nothing else", "[driver][virtqueue][fault]") {
  Pair pair(any_kind(), 8);
  const auto id = pair.add(2, 100);
  const auto other = pair.add(1, 100);
  const auto chain = pair.device().take();
  SECTION("an id outside the ring") {
    pair.device().write_used(8, 10, 1);
    CHECK_FALSE(pair.queue->take_used());
    CHECK(pair.queue->fault() == RingFault::id_out_of_range);
  }
  SECTION("an id far outside the ring") {
    pair.device().write_used(0xffff, 10, 1);
    CHECK_FALSE(pair.queue->take_used());
    CHECK(pair.queue->fault() == RingFault::id_out_of_range);
  }
  SECTION("an id that the device does not have") {
    pair.device().write_used(7, 10, 1);
    CHECK_FALSE(pair.queue->take_used());
    CHECK(pair.queue->fault() == RingFault::not_outstanding);
  }
  SECTION("the same buffer twice") {
    pair.device().write_used(id, 10, 2);
    pair.device().write_used(id, 10, 2);
    CHECK(pair.queue->take_used());
    CHECK_FALSE(pair.queue->take_used());
    CHECK(pair.queue->fault() == RingFault::not_outstanding);
  }
  SECTION("more bytes than there is room for") {
    pair.device().write_used(id, 201, 2);
    CHECK_FALSE(pair.queue->take_used());
    CHECK(pair.queue->fault() == RingFault::length_too_long);
  }
  SECTION("exactly as many bytes as there is room for is right") {
    pair.device().write_used(id, 200, 2);
    CHECK(pair.queue->take_used()->length == 200);
    CHECK_FALSE(pair.queue->broken());
    pair.device().write_used(other, 101, 1);
    CHECK_FALSE(pair.queue->take_used());
  }
  CHECK(pair.queue->broken());
  CHECK_FALSE(pair.queue->has_used());
  const BufferPiece piece{0, 1, Access::device_reads};
  CHECK(pair.queue->add({&piece, 1}).error() == base::Errno::io);
}

TEST_CASE("A used index that jumps breaks a split ring", "[driver][virtqueue][fault]") {
  Pair pair(RingKind::split, 8);
  pair.add();
  pair.add();
  const auto jump = GENERATE(3, 9, 0x8000, 0xffff);
  static_cast<SplitDevice&>(pair.device()).jump(static_cast<std::uint16_t>(jump));
  CHECK_FALSE(pair.queue->take_used());
  CHECK(pair.queue->fault() == RingFault::index_jump);
}

TEST_CASE("In order, a batch that ends with what is not out breaks the ring", "[driver][virtqueue][fault]") {
  const auto kind = any_kind();
  Pair pair({.kind = kind, .size = 8, .in_order = InOrder::yes});
  pair.add();
  pair.add();
  std::vector<RingDevice::Chain> both;
  while (auto chain = pair.device().take()) both.push_back(std::move(*chain));
  pair.device().give_back_batch(both, 50);
  CHECK(pair.queue->take_used()->length == 100);
  CHECK(pair.queue->has_used());
  CHECK(pair.queue->take_used()->length == 50);
  pair.device().write_used(1, 50, 1);
  CHECK_FALSE(pair.queue->take_used());
  CHECK(pair.queue->broken());
}
