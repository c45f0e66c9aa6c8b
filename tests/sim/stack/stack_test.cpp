// SPDX-License-Identifier: Apache-2.0
// The bench's host does the work that the bench says it does.
#include <catch2/catch.hpp>

#include "sim/stack/stack_case.hpp"
#include "sim/stack/stack_memory.hpp"

using namespace sim::stack;

TEST_CASE("every case of the stack bench gets its packets through", "[stack]") {
  for (const std::string& name : stack_cases()) {
    INFO(name);
    const StackResult result = run_stack_case(name, 20);
    CHECK(result.packets == 20 * 64);
    CHECK(result.ns_per_packet > 0);
  }
}

TEST_CASE("a host of 4 CPUs, 8 queues and 1000 sockets is small, and 100000 packets make it no larger", "[stack]") {
  const StackMemory memory = run_stack_memory(100'000);
  CHECK(memory.packets >= 100'000);
  CHECK(memory.host_bytes < 100'000'000);
  CHECK(memory.growth_bytes <= 0);
}
