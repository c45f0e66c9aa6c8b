// SPDX-License-Identifier: Apache-2.0
// A host at whose console one sits.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "tests/host/apps/test_world.hpp"

namespace host_test {

struct Answer {
  std::string out;
  std::string err;
  int status = -1;
};

/// Station 1 of a world is the host.
struct Desk {
  explicit Desk(World::Options options = {.stations = 1}) : world(options) {}

  [[nodiscard]] Station& station() { return world[1]; }

  /// Runs the line and lets the world live for `duration`.
  Answer type(const std::string& line, Nanoseconds duration = kSecond) {
    Answer answer;
    static_cast<void>(world[1].start("bash", [&](host::kernel::Process& self) -> host::kernel::Task<void> {
      const auto sink = [&](host::console::Stream stream, std::string_view text) {
        (stream == host::console::Stream::out ? answer.out : answer.err) += text;
      };
      answer.status = co_await world[1].host.console().run(self, line, sink);
    }));
    world.run_for(duration);
    return answer;
  }
  /// What a line prints that succeeds and complains of nothing.
  std::string out(const std::string& line, Nanoseconds duration = kSecond) {
    const Answer answer = type(line, duration);
    INFO(line);
    CHECK(answer.err.empty());
    CHECK(answer.status == 0);
    return answer.out;
  }
  /// What a line complains of that prints nothing else.
  std::string err(const std::string& line, int status) {
    const Answer answer = type(line);
    INFO(line);
    CHECK(answer.out.empty());
    CHECK(answer.status == status);
    return answer.err;
  }

  World world;
};

}  // namespace host_test
