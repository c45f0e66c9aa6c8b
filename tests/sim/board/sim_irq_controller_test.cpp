// SPDX-License-Identifier: Apache-2.0
#include "sim/board/sim_irq_controller.hpp"

#include <catch2/catch.hpp>
#include <set>

using sim::board::SimIrqController;

TEST_CASE("A message becomes pending on the CPU its vector is bound to", "[irq]") {
  SimIrqController irqs(2);
  const unsigned a = *irqs.allocate_vector(0);
  const unsigned b = *irqs.allocate_vector(1);
  CHECK(a != b);
  const auto message = irqs.message(b);
  CHECK(message.address == 0xFEE0'1000);
  irqs.message_arrived(message.address, message.data);
  CHECK_FALSE(irqs.take_pending(0));
  CHECK(irqs.take_pending(1) == b);
  CHECK_FALSE(irqs.take_pending(1));
}

TEST_CASE("Vectors are taken oldest first, and twice is once", "[irq]") {
  SimIrqController irqs(1);
  const unsigned a = *irqs.allocate_vector(0);
  const unsigned b = *irqs.allocate_vector(0);
  unsigned told = 0;
  irqs.on_pending([&](unsigned) { ++told; });
  for (const unsigned vector : {b, a, b}) irqs.message_arrived(0xFEE0'0000, vector);
  CHECK(told == 2);
  CHECK(irqs.merged() == 1);
  CHECK(irqs.take_pending(0) == b);
  CHECK(irqs.take_pending(0) == a);
  irqs.message_arrived(0xFEE0'0000, b);
  CHECK(irqs.take_pending(0) == b);
}

TEST_CASE("Affinity counts for messages that arrive from now on", "[irq]") {
  SimIrqController irqs(2);
  const unsigned vector = *irqs.allocate_vector(0);
  const auto old = irqs.message(vector);
  irqs.message_arrived(old.address, old.data);
  irqs.set_affinity(vector, 1);
  CHECK(irqs.pending(0));
  CHECK(irqs.take_pending(0) == vector);
  irqs.message_arrived(old.address, old.data);
  CHECK_FALSE(irqs.pending(0));
  CHECK(irqs.take_pending(1) == vector);
}

TEST_CASE("Unknown vectors are counted, freed ones forget", "[irq]") {
  SimIrqController irqs(1);
  irqs.message_arrived(0xFEE0'0000, 0x55);
  irqs.message_arrived(0xFEE0'0000, 0xFFFF'FFFF);
  CHECK(irqs.spurious() == 2);
  const unsigned vector = *irqs.allocate_vector(0);
  irqs.message_arrived(0xFEE0'0000, vector);
  irqs.free_vector(vector);
  CHECK_FALSE(irqs.pending(0));
  std::set<unsigned> all;
  while (const auto next = irqs.allocate_vector(0)) all.insert(*next);
  CHECK(all.size() == 0xec - 0x20);
}

TEST_CASE("An IPI is no vector", "[irq]") {
  SimIrqController irqs(2);
  irqs.send_ipi(1);
  CHECK_FALSE(irqs.pending(1));
  CHECK(irqs.take_ipi(1));
  CHECK_FALSE(irqs.take_ipi(1));
  CHECK_FALSE(irqs.take_ipi(0));
}

TEST_CASE("A call is a vector of its own on each CPU, and twice is once", "[irq]") {
  SimIrqController irqs(2);
  std::vector<unsigned> told;
  irqs.on_pending([&](unsigned cpu) { told.push_back(cpu); });
  irqs.send_call(1);
  irqs.send_call(1);
  irqs.send_call(0);
  CHECK(told == std::vector<unsigned>{1, 0});
  CHECK(irqs.take_pending(1) == host::platform::kCallFunctionVector);
  CHECK_FALSE(irqs.pending(1));
  irqs.end_of_interrupt(host::platform::kCallFunctionVector);
  CHECK_FALSE(irqs.pending(1));
  CHECK(irqs.pending(0));
  irqs.message_arrived(0xFEE0'0000, host::platform::kCallFunctionVector);  // no device may
  CHECK(irqs.spurious() == 1);
}

TEST_CASE("A line pends while it is asserted, but for the time of its handler", "[irq][intx]") {
  SimIrqController irqs(2);
  const unsigned vector = *irqs.allocate_line(0);
  CHECK_FALSE(irqs.allocate_line(0));
  irqs.line_changed(true);
  CHECK(irqs.pending(0));
  CHECK(irqs.take_pending(0) == vector);
  CHECK_FALSE(irqs.pending(0));
  irqs.end_of_interrupt(vector);  // nobody took the line down
  CHECK(irqs.pending(0));
  irqs.set_affinity(vector, 1);
  CHECK_FALSE(irqs.pending(0));
  CHECK(irqs.take_pending(1) == vector);
  irqs.line_changed(false);
  irqs.end_of_interrupt(vector);
  CHECK_FALSE(irqs.pending(1));
  irqs.line_changed(true);
  irqs.line_changed(false);  // down again before anybody looked
  CHECK_FALSE(irqs.pending(1));
  irqs.message_arrived(0xFEE0'0000, vector);
  CHECK(irqs.spurious() == 1);
  irqs.line_changed(true);
  irqs.free_vector(vector);
  CHECK_FALSE(irqs.pending(1));
  const unsigned again = *irqs.allocate_line(0);
  CHECK(irqs.take_pending(0) == again);
}
