// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/allocator.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>

using sim::memory::Allocator;

TEST_CASE("Blocks are aligned, apart, and all come back", "[allocator]") {
  constexpr std::size_t kBytes = 1 << 20;
  Allocator allocator(kBytes);
  std::mt19937 random(1);
  std::map<std::size_t, std::size_t> live;
  for (int i = 0; i < 20'000; ++i) {
    if (live.size() < 200 && random() % 2 == 0) {
      const std::size_t bytes = 1 + random() % 3000;
      const std::size_t align = std::size_t{1} << (random() % 13);
      const auto offset = allocator.allocate(bytes, align);
      if (!offset) continue;
      REQUIRE(*offset % align == 0);
      REQUIRE(*offset + bytes <= kBytes);
      const auto next = live.lower_bound(*offset);
      if (next != live.end()) REQUIRE(*offset + bytes <= next->first);
      if (next != live.begin()) REQUIRE(std::prev(next)->first + std::prev(next)->second <= *offset);
      live.emplace(*offset, bytes);
    } else if (!live.empty()) {
      auto it = live.lower_bound(random() % kBytes);
      if (it == live.end()) it = live.begin();
      REQUIRE(allocator.free(it->first));
      live.erase(it);
    }
  }
  for (const auto& block : live) REQUIRE(allocator.free(block.first));
  CHECK(allocator.used() == 0);
  CHECK(allocator.allocate(kBytes, 64) == 0U);  // everything has merged again
}

TEST_CASE("What is not there is refused", "[allocator]") {
  Allocator allocator(4096);
  CHECK_FALSE(allocator.allocate(4097, 1));
  CHECK_FALSE(allocator.allocate(SIZE_MAX, 1));
  CHECK_FALSE(allocator.free(0));
  REQUIRE(allocator.allocate(0, 1) == 0U);
  CHECK_FALSE(allocator.free(64));
  CHECK(allocator.free(0));
  CHECK_FALSE(allocator.free(0));
}
