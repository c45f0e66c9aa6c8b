// SPDX-License-Identifier: Apache-2.0
// Lines typed at a host's console, one after the other: each is answered or refused, in words; nothing breaks the host,
// and nothing of it is left when it goes. Files that a line reads hold the lines that follow.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "tests/host/apps/test_world.hpp"

using namespace host;
using namespace host_test;

namespace {

constexpr std::size_t kMostLines = 12;
constexpr std::size_t kMostOutput = 16U << 20;
constexpr Nanoseconds kPatience = 50 * kMillisecond;

/// What was typed is printed by, and ends with, whoever waits for nothing.
void type(World& world, std::string line) {
  Station& station = world[1];
  static_cast<void>(station.host.console().complete(line));
  auto printed = std::make_shared<std::size_t>(0);
  static_cast<void>(station.start("bash", [&station, line, printed](kernel::Process& self) -> kernel::Task<void> {
    const auto sink = [printed](console::Stream, std::string_view text) {
      *printed += text.size();
      if (*printed > kMostOutput) std::abort();
    };
    const int status = co_await station.host.console().run(self, line, sink);
    if (status < 0 || status > 255) std::abort();
  }));
  world.run_for(kPatience);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world({.stations = 1, .cpus = 2, .mtu = 1500, .host = {}});
  const std::string text(data, data + size);
  std::string_view input = text;
  world[1].host.console().read_file = [&input](const std::string&) { return std::string(input); };
  for (std::size_t lines = 0; !input.empty() && lines < kMostLines; ++lines) {
    const auto end = std::min(input.find('\n'), input.size());
    const std::string line(input.substr(0, end));
    input.remove_prefix(std::min(end + 1, input.size()));
    type(world, line);
  }
  return 0;
}
