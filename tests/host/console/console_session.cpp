// SPDX-License-Identifier: Apache-2.0
// Lines from the standard input at the console of a host with a UDP server and a neighbour, 10.0.0.2: each line and its
// answer.
#include <iostream>
#include <string>

#include "host/apps/udp_echo.hpp"
#include "tests/host/apps/test_world.hpp"

using namespace host_test;

int main() {
  World world({.stations = 2, .cpus = 2, .mtu = 1500, .host = {}});
  host::apps::UdpEchoStats echo;
  static_cast<void>(world[1].start("echo", [&](host::kernel::Process& self) -> host::kernel::Task<void> {
    static_cast<void>(co_await host::apps::udp_echo(self, world[1].host.sockets(), echo));
  }));
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << "$ " << line << '\n';
    static_cast<void>(world[1].start("bash", [&](host::kernel::Process& self) -> host::kernel::Task<void> {
      const auto sink = [](host::console::Stream, std::string_view text) { std::cout << text; };
      const int status = co_await world[1].host.console().run(self, line, sink);
      if (status != 0) std::cout << "(status " << status << ")\n";
    }));
    world.run_for(kSecond);
  }
}
