// SPDX-License-Identifier: Apache-2.0
// RFS from end to end: the packets of a connected socket come to the CPU on which its application reads.
#include <catch2/catch.hpp>
#include <map>

#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using kernel::JourneyStep;
using kernel::Process;
using kernel::Task;
using socket::SocketKind;

namespace {

constexpr unsigned kCpus = 4;
constexpr unsigned kReader = kCpus - 1;  // Station::start's CPU
constexpr int kDatagrams = 20;

/// On which CPU each datagram met UDP.
class UdpCpus final : public kernel::JourneyObserver {
 public:
  void step(const kernel::JourneyEvent& event) override {
    if (event.step == JourneyStep::udp_rcv) cpus.push_back(event.cpu);
  }
  void drop(kernel::SkbId, base::DropReason, unsigned, platform::Nanoseconds) override {}
  void derived(kernel::SkbId, kernel::SkbId) override {}
  std::vector<unsigned> cpus;
};

void steer(Station& station) {
  auto& kernel = station.host.kernel();
  REQUIRE(kernel.sysctl().set_text("net.core.rps_sock_flow_entries", "256").ok());
  REQUIRE(kernel.files().write(kernel.cpu(0), "/sys/class/net/eth0/queues/rx-0/rps_flow_cnt", "256").ok());
}

enum class Connected { no, yes };

/// The CPUs of the datagrams that a reader on kReader got, one after the other.
std::vector<unsigned> read_datagrams(Connected connected) {
  World world({.stations = 1, .cpus = kCpus});
  UdpCpus observer;
  world[1].host.kernel().observe(&observer);
  steer(world[1]);
  int read = 0;
  static_cast<void>(world[1].start("reader", [&](Process& self) -> Task<void> {
    auto& calls = world[1].host.sockets();
    const int fd = *calls.socket(self, SocketKind::udp);
    REQUIRE(calls.bind(self, fd, {.address = {}, .port = 7}).ok());
    if (connected == Connected::yes) REQUIRE(calls.connect(self, fd, {address_of(2), 9}).ok());
    std::vector<std::byte> buffer(100);
    for (; read < kDatagrams; ++read) {
      const auto message = co_await calls.recvfrom(self, fd, buffer);
      REQUIRE(message.ok());
    }
    CHECK(*calls.incoming_cpu(fd) == (connected == Connected::yes ? int{kReader} : -1));  // SO_INCOMING_CPU
  }));
  world.run_for(kMillisecond);
  for (int i = 0; i < kDatagrams; ++i) {
    world[1].nic.deliver(udp_frame(9, 7, 32));
    world.run_for(kMillisecond);
  }
  CHECK(read == kDatagrams);
  return observer.cpus;
}

}  // namespace

TEST_CASE("The datagrams of a connected socket come to its reader's CPU", "[socket][rfs]") {
  const auto cpus = read_datagrams(Connected::yes);
  REQUIRE(cpus.size() == kDatagrams);
  CHECK(cpus.front() == 0);  // nobody knew the flow yet
  for (std::size_t i = 2; i < cpus.size(); ++i) CHECK(cpus[i] == kReader);
}

TEST_CASE("An unconnected socket has no flow of its own, as in Linux", "[socket][rfs]") {
  for (const unsigned cpu : read_datagrams(Connected::no)) CHECK(cpu == 0);
}
