// SPDX-License-Identifier: Apache-2.0
// epoll as an application meets it: level and edge, one-shot, exclusive, time-outs, files that close.
#include <catch2/catch.hpp>

#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using kernel::Process;
using kernel::Task;
using socket::EpollControl;
using socket::EpollEvent;
using socket::SocketCalls;
using socket::SocketKind;

namespace {

constexpr std::uint16_t kPort = 7000;
constexpr platform::Nanoseconds kAtOnce = 0;

/// A station with sockets on ports 7000 and up, and a neighbour's datagrams for them.
struct Desk : Lone {
  Desk() = default;

  SocketCalls& calls() { return station().host.sockets(); }
  kernel::Cpu& cpu() { return station().host.kernel().cpu(0); }

  /// `main` as a process, to be run by go().
  template <typename Main>
  void start(Main main) {
    ++started;
    static_cast<void>(station().start("test", [this, main](Process& self) -> Task<void> {
      co_await main(self, calls());
      ++ended;
    }));
  }
  void go() {
    run_for(kSecond);
    CHECK(ended == started);
  }
  template <typename Main>
  void run(Main main) {
    start(main);
    go();
  }
  void datagram(unsigned port_offset = 0) {
    station().nic.deliver(udp_frame(1234, static_cast<std::uint16_t>(kPort + port_offset), 10));
  }
  void datagram_at(Nanoseconds delay) {
    start([this, delay](Process& self, SocketCalls&) -> Task<void> {
      co_await self.sleep_for(delay);
      datagram();
    });
  }
  static int bound_socket(Process& self, SocketCalls& calls, unsigned port_offset = 0) {
    const int fd = *calls.socket(self, SocketKind::udp);
    REQUIRE(calls.bind(self, fd, {{}, static_cast<std::uint16_t>(kPort + port_offset)}).ok());
    return fd;
  }

  int started = 0;
  int ended = 0;
};

Task<void> read_one(Process& self, SocketCalls& calls, int fd) {
  std::array<std::byte, 64> buffer{};
  const auto message = co_await calls.recvfrom(self, fd, buffer, {.dont_wait = true});
  CHECK(message.ok());
}

/// What epoll_wait gives without waiting.
Task<std::vector<EpollEvent>> now(Process& self, SocketCalls& calls, int epfd, std::size_t most = 8) {
  std::vector<EpollEvent> events(most);
  const auto count = co_await calls.epoll_wait(self, epfd, events, kAtOnce);
  CHECK(count.ok());
  events.resize(count.ok() ? *count : 0);
  co_return events;
}

/// And how many that is. Catch2 names its expressions twice, so what is awaited inside CHECK happens twice: every await
/// of these tests stands in front of it.
Task<std::size_t> told(Process& self, SocketCalls& calls, int epfd) {
  const auto events = co_await now(self, calls, epfd);
  co_return events.size();
}

}  // namespace

TEST_CASE("A level-triggered entry is told until all is read", "[socket][epoll]") {
  Desk desk;
  desk.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = Desk::bound_socket(self, calls);
    const int epfd = *calls.epoll_create(self);
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::add, fd, {socket::kPollIn, 42}).ok());
    const auto told_1 = co_await told(self, calls, epfd);
    CHECK(told_1 == 0);
    desk.datagram();
    desk.datagram();
    co_await self.sleep_for(kMillisecond);
    for (int left = 2; left > 0; --left) {
      const auto events = co_await now(self, calls, epfd);
      REQUIRE(events.size() == 1);
      CHECK(events[0].events == socket::kPollIn);
      CHECK(events[0].data == 42);
      co_await read_one(self, calls, fd);
    }
    const auto told_2 = co_await told(self, calls, epfd);
    CHECK(told_2 == 0);
  });
}

TEST_CASE("An edge-triggered entry is told once for what happened", "[socket][epoll]") {
  Desk desk;
  desk.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = Desk::bound_socket(self, calls);
    const int epfd = *calls.epoll_create(self);
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::add, fd, {socket::kPollIn | socket::kEpollEdge, 1}).ok());
    desk.datagram();
    desk.datagram();
    co_await self.sleep_for(kMillisecond);
    const auto told_3 = co_await told(self, calls, epfd);
    CHECK(told_3 == 1);
    const auto told_4 = co_await told(self, calls, epfd);
    CHECK(told_4 == 0);  // though there is something to read
    desk.datagram();
    co_await self.sleep_for(kMillisecond);
    const auto told_5 = co_await told(self, calls, epfd);
    CHECK(told_5 == 1);
  });
}

TEST_CASE("A one-shot entry is told once, until it is modified", "[socket][epoll]") {
  Desk desk;
  desk.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = Desk::bound_socket(self, calls);
    const int epfd = *calls.epoll_create(self);
    const EpollEvent once{socket::kPollIn | socket::kEpollOneShot, 1};
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::add, fd, once).ok());
    desk.datagram();
    co_await self.sleep_for(kMillisecond);
    const auto told_6 = co_await told(self, calls, epfd);
    CHECK(told_6 == 1);
    desk.datagram();
    co_await self.sleep_for(kMillisecond);
    const auto told_7 = co_await told(self, calls, epfd);
    CHECK(told_7 == 0);
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::modify, fd, once).ok());
    const auto told_8 = co_await told(self, calls, epfd);
    CHECK(told_8 == 1);  // both are still there
  });
}

TEST_CASE("epoll_wait sleeps until a datagram comes, or the time is over", "[socket][epoll]") {
  Desk desk;
  desk.datagram_at(3 * kMillisecond);
  desk.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = Desk::bound_socket(self, calls);
    const int epfd = *calls.epoll_create(self);
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::add, fd, {socket::kPollIn, 1}).ok());
    std::array<EpollEvent, 4> events{};
    const auto began = desk.now();
    const auto nothing = co_await calls.epoll_wait(self, epfd, events, kMillisecond);
    CHECK(*nothing == 0);
    CHECK(desk.now() == began + kMillisecond);
    const auto one = co_await calls.epoll_wait(self, epfd, events);
    CHECK(*one == 1);
    CHECK(desk.now() == began + 3 * kMillisecond);
  });
}

TEST_CASE("Entries that stay ready take turns", "[socket][epoll]") {
  Desk desk;
  desk.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int epfd = *calls.epoll_create(self);
    for (unsigned i = 0; i < 3; ++i) {
      const int fd = Desk::bound_socket(self, calls, i);
      CHECK(calls.epoll_ctl(self, epfd, EpollControl::add, fd, {socket::kPollIn, i}).ok());
      desk.datagram(i);
    }
    co_await self.sleep_for(kMillisecond);
    std::vector<std::uint64_t> told;
    for (int turn = 0; turn < 6; ++turn) {
      for (const auto& event : co_await now(self, calls, epfd, 1)) told.push_back(event.data);
    }
    CHECK(told == std::vector<std::uint64_t>{0, 1, 2, 0, 1, 2});
  });
}

TEST_CASE("A socket is writable, and an error is told unasked", "[socket][epoll]") {
  Desk desk;
  desk.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = Desk::bound_socket(self, calls);
    const int epfd = *calls.epoll_create(self);
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::add, fd, {socket::kPollOut, 1}).ok());
    const auto writable = co_await now(self, calls, epfd);
    REQUIRE(writable.size() == 1);
    CHECK(writable[0].events == socket::kPollOut);
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::modify, fd, {0, 1}).ok());
    const auto told_9 = co_await told(self, calls, epfd);
    CHECK(told_9 == 0);
    // Connected to a port where nobody listens, on this very host.
    CHECK(calls.connect(self, fd, {address_of(1), 9}).ok());
    std::byte byte{};
    const auto sent = co_await calls.sendto(self, fd, {&byte, 1});
    CHECK(sent.ok());
    co_await self.sleep_for(kMillisecond);
    const auto failed = co_await now(self, calls, epfd);
    REQUIRE(failed.size() == 1);
    CHECK(failed[0].events == socket::kPollErr);
  });
}

TEST_CASE("One of several exclusive epolls is woken, all of the others", "[socket][epoll]") {
  Desk desk;
  const bool exclusive = GENERATE(true, false);
  int woken = 0;
  int fd = 0;
  desk.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    fd = Desk::bound_socket(self, calls);
    co_return;
  });
  for (int i = 0; i < 3; ++i) {
    desk.start([&](Process& self, SocketCalls& calls) -> Task<void> {
      const int epfd = *calls.epoll_create(self);
      const auto manner = exclusive ? socket::kEpollExclusive : 0;
      CHECK(calls.epoll_ctl(self, epfd, EpollControl::add, fd, {socket::kPollIn | manner, 1}).ok());
      std::array<EpollEvent, 4> events{};
      const auto count = co_await calls.epoll_wait(self, epfd, events, 10 * kMillisecond);
      if (*count == 1) ++woken;
    });
  }
  desk.datagram_at(kMillisecond);
  desk.go();
  CHECK(woken == (exclusive ? 1 : 3));
}

TEST_CASE("A closed file leaves its epolls, a closed epoll wakes its sleepers", "[socket][epoll]") {
  Desk desk;
  int epfd = 0;
  int fd = 0;
  desk.start([&](Process& self, SocketCalls& calls) -> Task<void> {
    fd = Desk::bound_socket(self, calls);
    epfd = *calls.epoll_create(self);
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::add, fd, {socket::kPollIn, 1}).ok());
    std::array<EpollEvent, 4> events{};
    const auto ended = co_await calls.epoll_wait(self, epfd, events);
    CHECK(ended.error() == Errno::bad_descriptor);
  });
  desk.start([&](Process& self, SocketCalls& calls) -> Task<void> {
    co_await self.sleep_for(kMillisecond);
    CHECK(calls.close(self, fd).ok());
    const int again = Desk::bound_socket(self, calls);
    CHECK(again == fd);  // the same number, another file
    desk.datagram();
    co_await self.sleep_for(kMillisecond);
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::remove, fd).error() == Errno::no_entry);
    CHECK(calls.close(self, epfd).ok());
  });
  desk.go();
  CHECK(desk.calls().open_descriptors() == 1);
}

TEST_CASE("What epoll_ctl and epoll_wait refuse", "[socket][epoll]") {
  Desk desk;
  desk.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = Desk::bound_socket(self, calls);
    const int epfd = *calls.epoll_create(self);
    const EpollEvent in{socket::kPollIn, 1};
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::add, 99, in).error() == Errno::bad_descriptor);
    CHECK(calls.epoll_ctl(self, 99, EpollControl::add, fd, in).error() == Errno::bad_descriptor);
    CHECK(calls.epoll_ctl(self, fd, EpollControl::add, fd, in).error() == Errno::invalid);
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::add, epfd, in).error() == Errno::invalid);
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::modify, fd, in).error() == Errno::no_entry);
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::remove, fd).error() == Errno::no_entry);
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::add, fd, in).ok());
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::add, fd, in).error() == Errno::exists);
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::modify, fd, {socket::kEpollExclusive, 1}).error() ==
          Errno::invalid);
    std::array<EpollEvent, 1> events{};
    const auto not_open = co_await calls.epoll_wait(self, 99, events, kAtOnce);
    CHECK(not_open.error() == Errno::bad_descriptor);
    const auto a_socket = co_await calls.epoll_wait(self, fd, events, kAtOnce);
    CHECK(a_socket.error() == Errno::invalid);
    const auto no_room = co_await calls.epoll_wait(self, epfd, {}, kAtOnce);
    CHECK(no_room.error() == Errno::invalid);
    std::byte byte{};
    const auto no_socket = co_await calls.recvfrom(self, epfd, {&byte, 1});
    CHECK(no_socket.error() == Errno::bad_descriptor);
    CHECK(calls.close(self, epfd).ok());
    CHECK(calls.close(self, epfd).error() == Errno::bad_descriptor);
  });
}

TEST_CASE("What one waiter leaves is told to the next", "[socket][epoll]") {
  Desk desk;
  int epfd = -1;
  int woken = 0;
  desk.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    epfd = *calls.epoll_create(self);
    CHECK(calls.epoll_ctl(self, epfd, EpollControl::add, Desk::bound_socket(self, calls), {socket::kPollIn, 1}).ok());
    co_return;
  });
  for (int i = 0; i < 2; ++i) {
    desk.start([&](Process& self, SocketCalls& calls) -> Task<void> {
      std::array<EpollEvent, 1> events{};
      const auto from = self.cpu().now();
      const auto count = co_await calls.epoll_wait(self, epfd, events, kSecond / 2);
      const bool at_once = self.cpu().now() - from < 2 * kMillisecond;  // the end of the wait would find it, too
      woken += count.ok() && *count == 1 && at_once ? 1 : 0;
    });
  }
  desk.datagram_at(kMillisecond);
  desk.go();
  CHECK(woken == 2);  // nobody has read, so that it is still there
}
