// SPDX-License-Identifier: Apache-2.0
// Opening a TAP device that cannot be opened says what to do.
#include <catch2/catch.hpp>
#include <string>

#include "sim/attach/tap.hpp"
#include "sim/pcie/user_error.hpp"

TEST_CASE("a missing or impossible TAP device is an error that says how to make one", "[attach][unit]") {
  for (const std::string name : {"cosnic-none", "", "a-name-that-is-too-long-for-linux"}) {
    REQUIRE_THROWS_WITH(sim::attach::Tap(name), Catch::Contains("ip tuntap add") && Catch::Contains(name));
  }
}

TEST_CASE("the loopback device is no TAP device", "[attach][unit]") {
  REQUIRE_THROWS_AS(sim::attach::Tap("lo"), sim::UserError);
}
