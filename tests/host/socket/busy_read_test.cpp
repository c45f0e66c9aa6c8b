// SPDX-License-Identifier: Apache-2.0
// SO_BUSY_POLL, net.core.busy_read and net.core.busy_poll: who waits for a datagram fetches it himself.
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

namespace {

/// Waits by epoll for datagrams that come while it is about to sleep.
struct Waiting : Lone {
  explicit Waiting(std::int64_t busy_poll) {
    REQUIRE(station().host.kernel().sysctl().set("net.core.busy_poll", busy_poll).ok());
  }
  /// How many softirqs it took until epoll_wait() had the datagram that comes now.
  Task<std::uint64_t> wait_for_one(Process& self) {
    auto& cpu = station().host.kernel().cpu(0);
    const auto before = cpu.softirq_count(Softirq::net_rx);
    station().nic.deliver(udp_frame(9, 7, 32));
    const auto ready = co_await calls().epoll_wait(self, epoll, events);
    REQUIRE(ready.ok());
    CHECK(*ready == 1);
    const auto message = co_await calls().recvfrom(self, fd, buffer);
    REQUIRE(message.ok());
    co_return cpu.softirq_count(Softirq::net_rx) - before;
  }
  void open(Process& self) {
    fd = *calls().socket(self, SocketKind::udp);
    epoll = *calls().epoll_create(self);
    REQUIRE(calls().bind(self, fd, {.address = {}, .port = 7}).ok());
    REQUIRE(calls().epoll_ctl(self, epoll, socket::EpollControl::add, fd, {.events = socket::kPollIn, .data = 1}).ok());
  }
  socket::SocketCalls& calls() { return station().host.sockets(); }
  std::uint64_t polled() { return counter("TcpExt.BusyPollRxPackets"); }

  int fd = -1;
  int epoll = -1;
  std::array<socket::EpollEvent, 4> events{};
  std::vector<std::byte> buffer = std::vector<std::byte>(100);
};

}  // namespace

TEST_CASE("With net.core.busy_poll an epoll polls the NAPI of its last socket before it sleeps", "[socket][busy]") {
  const std::int64_t usecs = GENERATE(0, 50);
  Waiting world(usecs);
  bool finished = false;
  static_cast<void>(world.station().start("waiter", [&](Process& self) -> Task<void> {
    world.open(self);
    const std::uint64_t first = co_await world.wait_for_one(self);
    CHECK(first == 1);  // nobody knew by which NAPI
    CHECK(world.polled() == 0);
    const std::uint64_t second = co_await world.wait_for_one(self);
    CHECK(second == (usecs == 0 ? 1U : 0U));
    CHECK(world.polled() == (usecs == 0 ? 0U : 1U));
    finished = true;
  }));
  world.run_for(kMillisecond);
  CHECK(finished);
}

TEST_CASE("An epoll that polled in vain sleeps, and polls again when a socket has had something", "[socket][busy]") {
  Waiting world(50);
  bool finished = false;
  static_cast<void>(world.station().start("waiter", [&](Process& self) -> Task<void> {
    world.open(self);
    static_cast<void>(co_await world.wait_for_one(self));
    const auto began = self.cpu().now();
    const auto none = co_await world.calls().epoll_wait(self, world.epoll, world.events, 300'000);
    CHECK(*none == 0);
    CHECK(self.cpu().now() - began >= 300'000);
    const std::uint64_t slept = co_await world.wait_for_one(self);
    CHECK(slept == 1);
    CHECK(world.polled() == 0);
    const std::uint64_t polled = co_await world.wait_for_one(self);
    CHECK(polled == 0);
    CHECK(world.polled() == 1);
    // A socket that is known says by which NAPI it hears.
    const int other = *world.calls().epoll_create(self);
    CHECK(world.calls().epoll_ctl(self, other, socket::EpollControl::add, world.fd, {socket::kPollIn, 2}).ok());
    world.epoll = other;
    const std::uint64_t at_once = co_await world.wait_for_one(self);
    CHECK(at_once == 0);
    // Who does not wait does not poll.
    world.station().nic.deliver(udp_frame(9, 7, 32));
    const auto at_no_time = co_await world.calls().epoll_wait(self, other, world.events, 0);
    CHECK(*at_no_time == 0);
    finished = true;
  }));
  world.run_for(2 * kMillisecond);
  CHECK(finished);
}
