// SPDX-License-Identifier: Apache-2.0
#include "sim/app/numbered_frames.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"

using sim::app::number_at_end;
using sim::app::NumberedFrames;

TEST_CASE("Frames have the length asked for, a right IPv4 header and their number at the end", "[sim][app]") {
  const auto length = GENERATE(64U, 65U, 127U, 1518U, 9216U);
  NumberedFrames frames(length);
  std::set<std::uint16_t> ports;
  for (std::uint32_t i = 0; i < 600; ++i) {
    const auto frame = frames.next();
    REQUIRE(frame.size() == length - 4);
    REQUIRE(number_at_end(frame) == i);
    const auto header = std::span(frame).subspan(14, 20);
    REQUIRE(host::base::internet_checksum(header) == 0);
    REQUIRE(host::base::load_be16(header, 2) == frame.size() - 14);
    ports.insert(host::base::load_be16(frame, 34));
  }
  REQUIRE(ports.size() > 200);
  REQUIRE(frames.made() == 600);
}

TEST_CASE("An IMIX is seven short frames, four middle ones and a long one", "[sim][app]") {
  NumberedFrames frames(0);
  std::map<std::size_t, int> lengths;
  for (int i = 0; i < 24; ++i) ++lengths[frames.next().size()];
  REQUIRE(lengths == std::map<std::size_t, int>{{60, 14}, {590, 8}, {1514, 2}});
}

TEST_CASE("What ends otherwise has no number", "[sim][app]") {
  NumberedFrames frames(64);
  auto frame = frames.next();
  REQUIRE_FALSE(number_at_end(std::span(frame).first(59)));
  REQUIRE_FALSE(number_at_end(std::span(frame).first(7)));
  frame[53] ^= std::byte{1};
  REQUIRE_FALSE(number_at_end(frame));
}
