// SPDX-License-Identifier: Apache-2.0
// SO_INCOMING_CPU set: who shares a name gets what comes on the CPU that he names.
#include "tests/host/udp/shared.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using socket::SocketKind;
using socket::SocketOption;

TEST_CASE("In a group the datagrams of a CPU go to who wants it", "[udp][reuse]") {
  Shared world;
  std::vector<int> sockets;
  for (int i = 0; i < 4; ++i) sockets.push_back(world.bound({SocketOption::reuse_port}));
  const auto counts = [&](unsigned flows) {
    world.flows(flows);
    std::vector<int> waiting;
    for (const int fd : sockets) waiting.push_back(world.waiting(fd));
    return waiting;
  };
  const auto want = [&](std::size_t which, int cpu) {
    REQUIRE(world.calls().set_incoming_cpu(sockets[which], cpu).ok());
    CHECK(*world.calls().incoming_cpu(sockets[which]) == cpu);
  };
  CHECK(*world.calls().incoming_cpu(sockets[0]) == -1);
  const auto before = counts(100);

  want(2, 0);
  CHECK(counts(60) == std::vector{0, 0, 60, 0});
  want(1, 5);  // has nothing to do
  CHECK(counts(60) == std::vector{0, 0, 60, 0});
  want(3, 0);
  const auto two = counts(60);
  CHECK((two[0] == 0 && two[1] == 0 && two[2] > 10 && two[3] > 10));
  // Nobody wants this CPU: the hash alone decides, as without.
  want(2, 5);
  want(3, -1);
  CHECK(counts(100) == before);
  want(1, -1);
  want(2, -1);
  CHECK(counts(100) == before);
}

TEST_CASE("Who wants a CPU takes his wish along when he joins a group, and leaves with it", "[udp][reuse]") {
  Shared world;
  const int plain = world.bound({SocketOption::reuse_port});
  const int choosy = world.open({SocketOption::reuse_port});
  REQUIRE(world.calls().set_incoming_cpu(choosy, 0).ok());
  REQUIRE(world.bind(choosy).ok());
  world.flows(30);
  CHECK(world.waiting(choosy) == 30);
  REQUIRE(world.calls().close(world.self(), choosy).ok());
  world.flows(30);
  CHECK(world.waiting(plain) == 30);
}

TEST_CASE("Of sockets with SO_REUSEADDR one that wants the CPU goes before the last that was bound", "[udp][reuse]") {
  Shared world;
  const int first = world.bound({SocketOption::reuse_address});
  const int last = world.bound({SocketOption::reuse_address});
  world.flows(10);
  CHECK(world.waiting(last) == 10);
  REQUIRE(world.calls().set_incoming_cpu(first, 0).ok());
  world.flows(10);
  CHECK(world.waiting(first) == 10);
  REQUIRE(world.calls().set_incoming_cpu(first, 1).ok());
  world.flows(10);
  CHECK(world.waiting(last) == 10);
  // A device weighs more.
  REQUIRE(world.calls().set_incoming_cpu(first, 0).ok());
  REQUIRE(world.calls().bind_to_device(last, "eth0").ok());
  world.flows(10);
  CHECK(world.waiting(last) == 10);
}

TEST_CASE("Only UDP sockets are chosen by CPU", "[udp][reuse]") {
  Shared world;
  const int ping = *world.calls().socket(world.self(), SocketKind::ping);
  CHECK(world.calls().set_incoming_cpu(ping, 0).error() == Errno::not_supported);
  CHECK(world.calls().set_incoming_cpu(99, 0).error() == Errno::bad_descriptor);
}
