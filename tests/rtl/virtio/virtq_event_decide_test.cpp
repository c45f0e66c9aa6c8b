// SPDX-License-Identifier: Apache-2.0
// The interrupt decision against two references: counting ring entries one by one, and 16-bit arithmetic.
#include <catch2/catch.hpp>
#include <memory>
#include <random>

#include "rtl/contract/virtio_contract.hpp"
#include "Vvirtq_event_decide_test_rtl.h"

namespace {

struct Question {
  unsigned old_position = 0;  // wrap in bit 15
  unsigned new_position = 0;
  unsigned size = 0;
  bool event_idx = true;
  unsigned off_wrap = 0;
  unsigned flags = contract::EVENT_DESC;
};

class Decide {
 public:
  bool operator()(const Question& q) {
    model_->old_i = static_cast<std::uint16_t>(q.old_position);
    model_->new_i = static_cast<std::uint16_t>(q.new_position);
    model_->size_i = static_cast<std::uint16_t>(q.size);
    model_->event_idx_i = q.event_idx;
    model_->off_wrap_i = static_cast<std::uint16_t>(q.off_wrap);
    model_->flags_i = static_cast<std::uint8_t>(q.flags);
    model_->eval();
    return model_->notify_o;
  }

 private:
  std::unique_ptr<VerilatedContext> context_ = std::make_unique<VerilatedContext>();
  std::unique_ptr<Vvirtq_event_decide_test_rtl> model_ = std::make_unique<Vvirtq_event_decide_test_rtl>(context_.get());
};

/// Entry number `n` since the queue started, as index and wrap counter.
unsigned position(unsigned n, unsigned size) {
  return n % size | (n / size % 2 == 0 ? 1u << 15 : 0u);
}

/// virtio 1.2, 2.8.10 and 2.7.10.1 in the words of the specification.
bool need_event(std::uint16_t event, std::uint16_t now, std::uint16_t before) {
  return static_cast<std::uint16_t>(now - event - 1) < static_cast<std::uint16_t>(now - before);
}

}  // namespace

TEST_CASE("The decision asks exactly whether the wanted entry was among those used", "[rtl][virtio]") {
  Decide decide;
  for (unsigned size = 1; size <= 9; ++size) {
    for (unsigned from = 0; from < 2 * size; ++from) {
      for (unsigned count = 1; count <= size; ++count) {
        for (unsigned wanted = 0; wanted < 2 * size; ++wanted) {
          bool passed = false;
          for (unsigned n = from; n < from + count; ++n) passed |= position(n, size) == position(wanted, size);
          INFO("size " << size << " from " << from << " count " << count << " wanted " << wanted);
          REQUIRE(decide({.old_position = position(from, size),
                          .new_position = position(from + count, size),
                          .size = size,
                          .off_wrap = position(wanted, size)}) == passed);
        }
      }
    }
  }
}

TEST_CASE("The decision equals 16-bit arithmetic for any ring size", "[rtl][virtio]") {
  Decide decide;
  std::mt19937 random(11);
  for (int round = 0; round < 300000; ++round) {
    const auto size = 1 + static_cast<unsigned>(random() % 32768);
    const auto from = static_cast<unsigned>(random() % (2 * size));
    const unsigned to = from + 1 + static_cast<unsigned>(random() % size);
    const auto wanted = static_cast<unsigned>(random() % 4 == 0 ? to + random() % 3 : random() % (2 * size));
    const unsigned before = position(from, size);
    const unsigned now = position(to, size);
    const unsigned event = position(wanted, size);
    const auto off = static_cast<std::uint16_t>((event & 0x7fff) - ((event ^ now) >> 15 != 0 ? size : 0));
    const auto old = static_cast<std::uint16_t>((before & 0x7fff) - ((before ^ now) >> 15 != 0 ? size : 0));
    REQUIRE(decide({.old_position = before, .new_position = now, .size = size, .off_wrap = event}) ==
            need_event(off, static_cast<std::uint16_t>(now & 0x7fff), old));
  }
}

TEST_CASE("Enable, disable and meaningless flags decide without looking at positions", "[rtl][virtio]") {
  Decide decide;
  std::mt19937 random(12);
  for (int round = 0; round < 10000; ++round) {
    Question q{.old_position = static_cast<unsigned>(random() & 0xffff),
               .new_position = static_cast<unsigned>(random() & 0xffff),
               .size = static_cast<unsigned>(random() & 0x7fff),
               .event_idx = random() % 2 == 0,
               .off_wrap = static_cast<unsigned>(random() & 0xffff)};
    q.flags = contract::EVENT_ENABLE;
    REQUIRE(decide(q));
    q.flags = contract::EVENT_DISABLE;
    REQUIRE_FALSE(decide(q));
    q.flags = 3;
    REQUIRE(decide(q));
    q.flags = contract::EVENT_DESC;
    q.event_idx = false;
    REQUIRE(decide(q));
  }
}
