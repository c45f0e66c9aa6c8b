// SPDX-License-Identifier: Apache-2.0
// Requests are cut where PCIe wants them cut.
#include "sim/nic_model/dma.hpp"

#include <catch2/catch.hpp>

using sim::nic_model::first_piece;

TEST_CASE("No piece is too long or crosses 4 KB, and cuts realign to 128 bytes", "[sim][nic_model]") {
  for (const std::size_t limit : {128U, 256U, 512U, 4096U}) {
    for (std::uint64_t begin = 0; begin < 4096; begin += 13) {
      std::uint64_t at = begin;
      const std::uint64_t end = begin + 9000;
      while (at < end) {
        const std::size_t size = first_piece(at, end - at, limit);
        REQUIRE(size > 0);
        REQUIRE(size <= limit);
        REQUIRE(at / 4096 == (at + size - 1) / 4096);
        at += size;
        REQUIRE((at == end || at % 128 == 0));
      }
      REQUIRE(at == end);
    }
  }
}
