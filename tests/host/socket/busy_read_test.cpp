// SPDX-License-Identifier: Apache-2.0
// SO_BUSY_POLL and net.core.busy_read: a reader fetches his datagram himself.
#include <catch2/catch.hpp>

#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using kernel::Process;
using kernel::Softirq;
using kernel::Task;
using socket::SocketKind;

namespace {

/// What a datagram cost that came while its reader was about to sleep.
struct Cost {
  std::uint64_t softirqs = 0;  // before it was read
  std::uint64_t polled = 0;    // packets that the reader found himself
};

Cost read_one(Lone& world, std::optional<std::int64_t> busy_poll) {
  Cost cost;
  bool finished = false;
  auto& cpu = world.station().host.kernel().cpu(0);
  static_cast<void>(world.station().start("reader", [&](Process& self) -> Task<void> {
    auto& calls = world.station().host.sockets();
    const int fd = *calls.socket(self, SocketKind::udp);
    REQUIRE(calls.bind(self, fd, {.address = {}, .port = 7}).ok());
    if (busy_poll) REQUIRE(calls.set_busy_poll(fd, *busy_poll).ok());
    std::vector<std::byte> buffer(100);
    world.station().nic.deliver(udp_frame(9, 7, 32));  // by which the socket knows its NAPI
    const auto first = co_await calls.recvfrom(self, fd, buffer);
    REQUIRE(first.ok());
    const auto before = cpu.softirq_count(Softirq::net_rx);
    world.station().nic.deliver(udp_frame(9, 7, 33));
    const auto second = co_await calls.recvfrom(self, fd, buffer);
    REQUIRE(second.ok());
    CHECK(second->bytes == 33);
    cost.softirqs = cpu.softirq_count(Softirq::net_rx) - before;
    finished = true;
  }));
  world.run_for(kMillisecond);
  REQUIRE(finished);
  cost.polled = world.counter("TcpExt.BusyPollRxPackets");
  return cost;
}

}  // namespace

TEST_CASE("With SO_BUSY_POLL a reader polls before he sleeps", "[socket][busy]") {
  Lone plain;
  const auto slept = read_one(plain, std::nullopt);
  CHECK(slept.softirqs == 1);
  CHECK(slept.polled == 0);
  Lone busy;
  const auto polled = read_one(busy, 50);
  CHECK(polled.softirqs == 0);
  CHECK(polled.polled == 1);
}

TEST_CASE("net.core.busy_read is what new sockets start with", "[socket][busy]") {
  Lone world;
  REQUIRE(world.station().host.kernel().sysctl().set("net.core.busy_read", 50).ok());
  CHECK(read_one(world, std::nullopt).polled == 1);
  Lone off;
  REQUIRE(off.station().host.kernel().sysctl().set("net.core.busy_read", 50).ok());
  CHECK(read_one(off, 0).polled == 0);
}

TEST_CASE("A busy reader sleeps when his time is over, and is woken as others are", "[socket][busy]") {
  Lone world;
  auto& calls = world.station().host.sockets();
  int read = 0;
  static_cast<void>(world.station().start("reader", [&](Process& self) -> Task<void> {
    const int fd = *calls.socket(self, SocketKind::udp);
    REQUIRE(calls.bind(self, fd, {.address = {}, .port = 7}).ok());
    REQUIRE(calls.set_busy_poll(fd, 20).ok());
    CHECK(*calls.busy_poll(fd) == 20);
    CHECK(calls.set_busy_poll(fd, -1).error() == Errno::invalid);
    CHECK(calls.set_busy_poll(fd, 1'000'001).error() == Errno::invalid);
    std::vector<std::byte> buffer(100);
    for (;; ++read) {
      const auto message = co_await calls.recvfrom(self, fd, buffer);
      REQUIRE(message.ok());
    }
  }));
  for (int i = 0; i < 5; ++i) {
    world.run_for(kMillisecond);
    world.station().nic.deliver(udp_frame(9, 7, 32));
  }
  world.run_for(kMillisecond);
  CHECK(read == 5);
  const auto& cpu = world.station().host.kernel().cpu(0);
  CHECK(cpu.time_in(kernel::CpuState::idle) > 4 * kMillisecond);
}
