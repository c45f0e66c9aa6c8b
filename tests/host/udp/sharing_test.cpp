// SPDX-License-Identifier: Apache-2.0
// Sockets that share a port: reuse, groups, devices, filters.
#include "host/device/bpf_code.hpp"
#include "host/udp/udp_input.hpp"
#include "tests/host/udp/shared.hpp"

using namespace host;
using namespace host_test;
using namespace host::device::bpf;
using base::Errno;
using device::BpfProgram;
using headers::Ipv4Address;
using socket::SocketKind;
using socket::SocketOption;

namespace {

BpfProgram program(std::vector<device::BpfInstruction> instructions) {
  auto made = BpfProgram::make(instructions);
  REQUIRE(made.ok());
  return *made;
}

}  // namespace

TEST_CASE("A port is shared by those who all say so", "[udp][reuse]") {
  Shared world;
  const auto how = GENERATE(SocketOption::reuse_address, SocketOption::reuse_port);
  const auto other = how == SocketOption::reuse_port ? SocketOption::reuse_address : SocketOption::reuse_port;
  world.bound({how});
  CHECK(world.bind(world.open()).error() == Errno::address_in_use);
  CHECK(world.bind(world.open({other})).error() == Errno::address_in_use);
  CHECK(world.bind(world.open({other}), address_of(1)).error() == Errno::address_in_use);
  CHECK(world.bind(world.open({how})).ok());
}

TEST_CASE("With SO_REUSEADDR the last socket that was bound hears", "[udp][reuse]") {
  Shared world;
  const int first = world.bound({SocketOption::reuse_address});
  const int second = world.bound({SocketOption::reuse_address});
  world.flows(10);
  CHECK(world.waiting(first) == 0);
  CHECK(world.waiting(second) == 10);
  REQUIRE(world.calls().close(world.self(), second).ok());
  world.flows(10);
  CHECK(world.waiting(first) == 10);
}

TEST_CASE("With SO_REUSEPORT flows spread, and stay where they are", "[udp][reuse]") {
  Shared world;
  std::vector<int> sockets;
  for (int i = 0; i < 4; ++i) sockets.push_back(world.bound({SocketOption::reuse_port}));
  world.flows(200);
  std::vector<int> first;
  int sum = 0;
  for (const int fd : sockets) {
    first.push_back(world.waiting(fd));
    sum += first.back();
    CHECK(first.back() > 25);
  }
  CHECK(sum == 200);
  world.flows(200);
  for (std::size_t i = 0; i < sockets.size(); ++i) CHECK(world.waiting(sockets[i]) == first[i]);

  REQUIRE(world.calls().close(world.self(), sockets[1]).ok());
  world.flows(150);  // so few that no socket's buffer fills
  int left = 0;
  for (const int fd : {sockets[0], sockets[2], sockets[3]}) {
    const int count = world.waiting(fd);
    CHECK(count > 25);
    left += count;
  }
  CHECK(left == 150);
}

TEST_CASE("A connected socket leaves its group", "[udp][reuse]") {
  Shared world;
  const int connected = world.bound({SocketOption::reuse_port});
  const int free = world.bound({SocketOption::reuse_port});
  REQUIRE(world.calls().connect(world.self(), connected, {address_of(2), 10'003}).ok());
  world.flows(20);
  CHECK(world.waiting(connected) == 1);
  CHECK(world.waiting(free) == 19);
  REQUIRE(world.calls().disconnect(world.self(), connected).ok());
  world.flows(60);
  CHECK(world.waiting(connected) > 10);
  CHECK(world.waiting(free) > 10);
}

TEST_CASE("A program chooses in a group, and the hash where it names nobody", "[udp][reuse]") {
  Shared world;
  const int first = world.bound({SocketOption::reuse_port});
  const int second = world.bound({SocketOption::reuse_port});
  // The source port's lowest bit.
  CHECK(world.calls()
            .attach_reuse_port_filter(
                first, program({{kLd | kH | kAbs, 0, 0, 0}, {kAlu | kAnd | kK, 0, 0, 1}, {kRet | kA, 0, 0, 0}}))
            .ok());
  for (unsigned port = 10'000; port < 10'010; ++port) {
    world.station().nic.deliver(udp_frame(static_cast<std::uint16_t>(port | 1), kPort, 20));
  }
  world.run_for(kMillisecond);
  CHECK(world.waiting(first) == 0);
  CHECK(world.waiting(second) == 10);
  CHECK(world.calls().attach_reuse_port_filter(second, program({{kRet | kK, 0, 0, 99}})).ok());
  world.flows(60);
  CHECK(world.waiting(first) > 10);
  CHECK(world.waiting(second) > 10);
  CHECK(world.calls().attach_reuse_port_filter(world.open(), program({{kRet | kK, 0, 0, 0}})).error() ==
        Errno::invalid);
}

TEST_CASE("A group's program may draw lots", "[udp][reuse]") {
  Shared world;
  const int first = world.bound({SocketOption::reuse_port});
  const int second = world.bound({SocketOption::reuse_port});
  const auto draw = kAncillary + static_cast<std::uint32_t>(Ancillary::random);
  REQUIRE(world.calls()
              .attach_reuse_port_filter(
                  first, program({{kLd | kW | kAbs, 0, 0, draw}, {kAlu | kAnd | kK, 0, 0, 1}, {kRet | kA, 0, 0, 0}}))
              .ok());
  for (int i = 0; i < 40; ++i) world.station().nic.deliver(udp_frame(10'000, kPort, 20));
  world.run_for(kMillisecond);
  CHECK(world.waiting(first) > 8);
  CHECK(world.waiting(second) > 8);
}

TEST_CASE("A socket of a device hears that device only, and before others", "[udp][device]") {
  Shared world;
  const int any = world.bound({SocketOption::reuse_address});
  const int loop = world.open({SocketOption::reuse_address});
  REQUIRE(world.calls().bind_to_device(loop, "lo").ok());
  REQUIRE(world.bind(loop).ok());
  world.flows(5);
  CHECK(world.waiting(loop) == 0);
  CHECK(world.waiting(any) == 5);
  REQUIRE(world.calls().bind_to_device(loop, "eth0").ok());
  world.flows(5);
  CHECK(world.waiting(loop) == 5);
  CHECK(world.waiting(any) == 0);
  REQUIRE(world.calls().bind_to_device(loop, "").ok());
  CHECK(world.calls().bind_to_device(loop, "eth9").error() == Errno::no_device);
  // Bound to different devices they need not say that they share.
  const int one = world.open();
  REQUIRE(world.calls().bind_to_device(one, "lo").ok());
  REQUIRE(world.calls().bind(world.self(), one, {{}, 6000}).ok());
  const int two = world.open();
  REQUIRE(world.calls().bind_to_device(two, "eth0").ok());
  CHECK(world.calls().bind(world.self(), two, {{}, 6000}).ok());
  CHECK(world.calls().bind(world.self(), world.open(), {{}, 6000}).error() == Errno::address_in_use);
}

TEST_CASE("A filter lets through what it wants, and counts the rest", "[udp][filter]") {
  Shared world;
  const int fd = world.bound();
  // Source ports below 10005, 12 bytes of them: header and four.
  const auto filter = program(
      {{kLd | kH | kAbs, 0, 0, 0}, {kJmp | kJge | kK, 1, 0, 10'005}, {kRet | kK, 0, 0, 12}, {kRet | kK, 0, 0, 0}});
  REQUIRE(world.calls().attach_filter(fd, filter).ok());
  world.flows(20);
  CHECK(world.waiting(fd) == 5);
  CHECK(world.last_bytes == 4);
  CHECK(world.counter("drop.socket_filter") == 15);
  CHECK(world.counter("Udp.InErrors") == 15);
  REQUIRE(world.calls().attach_filter(fd, program({{kRet | kK, 0, 0, 3}})).ok());  // less than the header stays it
  world.flows(20);
  CHECK(world.waiting(fd) == 20);
  CHECK(world.last_bytes == 0);
  CHECK(world.calls().detach_filter(fd).ok());
  CHECK(world.calls().detach_filter(fd).error() == Errno::no_entry);
  world.flows(20);
  CHECK(world.waiting(fd) == 20);
  CHECK(world.last_bytes == 20);
  const int ping = *world.calls().socket(world.self(), SocketKind::ping);
  CHECK(world.calls().attach_filter(ping, filter).error() == Errno::not_supported);
}

TEST_CASE("Options are read back, and broadcasts need one", "[udp][options]") {
  Shared world;
  const int fd = world.bound();
  CHECK_FALSE(*world.calls().option(fd, SocketOption::reuse_address));
  CHECK(world.calls().set_option(fd, SocketOption::reuse_address, true).ok());
  CHECK(*world.calls().option(fd, SocketOption::reuse_address));
  CHECK(world.calls().set_option(fd, SocketOption::reuse_port, true).error() == Errno::invalid);
  CHECK(world.calls().option(99, SocketOption::broadcast).error() == Errno::bad_descriptor);
  std::vector<Errno> errors;
  static_cast<void>(world.station().start("sender", [&](kernel::Process& me) -> kernel::Task<void> {
    const std::byte byte{};
    const socket::SocketAddress all{Ipv4Address::of(10, 0, 0, 255), 9};
    const auto refused = co_await world.calls().sendto(me, fd, {&byte, 1}, all);
    if (!refused.ok()) errors.push_back(refused.error());
    static_cast<void>(world.calls().set_option(fd, SocketOption::broadcast, true));
    const auto sent = co_await world.calls().sendto(me, fd, {&byte, 1}, all);
    if (!sent.ok()) errors.push_back(sent.error());
  }));
  world.run_for(kMillisecond);
  CHECK(errors == std::vector<Errno>{Errno::access});
  CHECK(world.take().size() == 1);
}
