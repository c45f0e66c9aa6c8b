// SPDX-License-Identifier: Apache-2.0
// What the files say of a host that something happened to.
#include <catch2/catch.hpp>

#include "tests/host/apps/test_world.hpp"

using namespace host;
using namespace host_test;
using base::Errno;

namespace {

/// Two hosts on a cable; the first is looked at.
struct Looked {
  explicit Looked(unsigned cpus = 1) : world({.stations = 2, .cpus = cpus}) {}

  std::string file(const std::string& path) {
    const auto text = world[1].host.kernel().files().read(path);
    INFO(path);
    REQUIRE(text.ok());
    return *text;
  }
  base::Result<void> write(const std::string& path, std::string_view text) {
    auto& kernel = world[1].host.kernel();
    return kernel.files().write(kernel.cpu(0), path, text);
  }
  /// Opens a socket that stays, sends one datagram to station 2's port 9, and is bound to `port`.
  void send_one(std::uint16_t port) {
    static_cast<void>(world[1].start("sender", [this, port](kernel::Process& self) -> kernel::Task<void> {
      auto& sockets = world[1].host.sockets();
      const int fd = *sockets.socket(self, socket::SocketKind::udp);
      CHECK(sockets.bind(self, fd, {.address = {}, .port = port}).ok());
      CHECK(sockets.connect(self, fd, {.address = address_of(2), .port = 9}).ok());
      const std::vector<std::byte> payload(100);
      const auto sent = co_await sockets.sendto(self, fd, payload);
      CHECK(sent.ok());
    }));
    world.run_for(100 * kMillisecond);
  }
  World world;
};

}  // namespace

TEST_CASE("Neighbours and routes", "[proc]") {
  Looked looked;
  CHECK(looked.file("/proc/net/arp") ==
        "IP address       HW type     Flags       HW address            Mask     Device\n");
  looked.send_one(5000);
  CHECK(looked.file("/proc/net/arp") ==
        "IP address       HW type     Flags       HW address            Mask     Device\n"
        "10.0.0.2         0x1         0x2         02:00:00:00:00:02     *        eth0\n");
  REQUIRE(looked.world[1].host.add_route({headers::Ipv4Address{}, 0}, address_of(2)).ok());
  const std::string routes = looked.file("/proc/net/route");
  CHECK(routes.find("eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0") != std::string::npos);
  CHECK(routes.find("eth0\t00000000\t0200000A\t0003\t0\t0\t0\t00000000\t0\t0\t0") != std::string::npos);
  auto& tables = looked.world[1].host.ip().routes;
  REQUIRE(
      tables
          .add({.prefix = {headers::Ipv4Address::of(10, 9, 0, 0), 16}, .type = ip::RouteType::unreachable, .metric = 7})
          .ok());
  CHECK(looked.file("/proc/net/route").find("*\t0000090A\t00000000\t0201\t0\t0\t7\t0000FFFF\t0\t0\t0") !=
        std::string::npos);
  for (std::size_t at = 0; at < routes.size(); at += 128) CHECK(routes.at(at + 127) == '\n');
}

TEST_CASE("Sockets", "[proc]") {
  Looked looked;
  CHECK(looked.file("/proc/net/sockstat").starts_with("sockets: used 0\n"));
  looked.send_one(5000);
  const std::string sockets = looked.file("/proc/net/sockstat");
  CHECK(sockets.starts_with("sockets: used 1\n"));
  CHECK(sockets.find("\nUDP: inuse 1 mem 0\n") != std::string::npos);
  const std::string text = looked.file("/proc/net/udp");
  REQUIRE(text.size() == 256);
  const std::string line = text.substr(128);
  CHECK(
      line.starts_with("    0: 0100000A:1388 0200000A:0009 01 00000000:00000000 00:00000000 00000000     0        "
                       "0 0 2 0000000000000000 0   "));
  CHECK(line.find('\n') == 127);
}

TEST_CASE("Interfaces count and tell what they are", "[proc]") {
  Looked looked;
  looked.send_one(5000);
  const std::string dev = looked.file("/proc/net/dev");
  INFO(dev);
  // Out: ARP and the datagram. In: ARP, padded, and the ICMP error with the whole datagram in it.
  CHECK(
      dev.find("  eth0:     230       2    0    0    0     0          0         0      184       2    0    0    0     "
               "0       0          0\n") != std::string::npos);
  CHECK(looked.file("/sys/class/net/eth0/statistics/tx_packets") == "2\n");
  CHECK(looked.file("/sys/class/net/eth0/address") == "02:00:00:00:00:01\n");
  CHECK(looked.file("/sys/class/net/eth0/ifindex") == "2\n");
  CHECK(looked.file("/sys/class/net/eth0/operstate") == "up\n");
  CHECK(looked.file("/sys/class/net/eth0/carrier") == "1\n");
  CHECK(looked.file("/sys/class/net/eth0/flags") == "0x1003\n");
  CHECK(looked.write("/sys/class/net/eth0/mtu", "1280\n").ok());
  CHECK(looked.file("/sys/class/net/eth0/mtu") == "1280\n");
  CHECK(looked.world[1].nic.device().mtu() == 1280);
  for (const auto* wrong : {"67", "1501", "x", ""}) {
    CHECK(looked.write("/sys/class/net/eth0/mtu", wrong).error() == Errno::invalid);
  }
  CHECK(looked.write("/sys/class/net/eth0/tx_queue_len", "5").ok());
  CHECK(looked.file("/sys/class/net/eth0/tx_queue_len") == "5\n");
  CHECK(looked.write("/sys/class/net/eth0/tx_queue_len", "4294967296").error() == Errno::range);
  CHECK(looked.write("/sys/class/net/eth0/ifindex", "5").error() == Errno::access);
  auto& station = looked.world[1];
  station.nic.device().close(station.host.kernel().cpu(0));
  CHECK(looked.file("/sys/class/net/eth0/operstate") == "down\n");
  CHECK(station.host.kernel().files().read("/sys/class/net/eth0/carrier").error() == Errno::invalid);
  CHECK(looked.file("/sys/class/net/eth0/flags") == "0x1002\n");
}

TEST_CASE("A shorter MTU makes fragments of longer datagrams", "[proc]") {
  Looked looked;
  REQUIRE(looked.write("/sys/class/net/eth0/mtu", "100").ok());
  static_cast<void>(looked.world[1].start("sender", [&](kernel::Process& self) -> kernel::Task<void> {
    auto& sockets = looked.world[1].host.sockets();
    const int fd = *sockets.socket(self, socket::SocketKind::udp);
    const socket::SocketAddress to{.address = address_of(2), .port = 9};
    const std::vector<std::byte> payload(73);
    const auto fits = co_await sockets.sendto(self, fd, std::span(payload).first(72), to);
    CHECK(fits.ok());
    const auto sent = co_await sockets.sendto(self, fd, payload, to);
    CHECK(looked.world[1].nic.device().mtu() == 100);
    static_cast<void>(sent);
  }));
  looked.world.run_for(100 * kMillisecond);
  CHECK(looked.world[1].counter("Ip.FragCreates") == 2);
  // ARP of 42 B, a datagram of 114 B, fragments of 114 and 35 B.
  CHECK(looked.file("/sys/class/net/eth0/statistics/tx_bytes") == "305\n");
}

TEST_CASE("Interrupts are counted by CPU and go where they are sent", "[proc][irq]") {
  Looked looked(2);
  auto& kernel = looked.world[1].host.kernel();
  unsigned target = 0;
  REQUIRE(kernel
              .request_irq(
                  40, "virtio7-input.0", [](kernel::Cpu&) {},
                  {.chip = "PCI-MSIX", .hwirq = 3, .affinity = {0}, .retarget = [&](unsigned cpu) { target = cpu; }})
              .ok());
  CHECK(looked.file("/proc/interrupts") ==
        "           CPU0       CPU1       \n"
        " 32:          0          0      none   0-edge      eth0\n"
        " 40:          0          0  PCI-MSIX   3-edge      virtio7-input.0\n"
        "ERR:          0\n");
  looked.send_one(5000);
  CHECK(looked.file("/proc/interrupts").find(" 32:          2          0      none") != std::string::npos);
  CHECK(looked.file("/proc/irq/40/smp_affinity") == "1\n");
  CHECK(looked.file("/proc/irq/32/smp_affinity_list") == "0-1\n");
  CHECK(looked.file("/proc/irq/default_smp_affinity") == "3\n");
  REQUIRE(looked.write("/proc/irq/40/smp_affinity", "2\n").ok());
  CHECK(target == 1);
  CHECK(looked.file("/proc/irq/40/smp_affinity_list") == "1\n");
  CHECK(looked.file("/proc/irq/40/effective_affinity") == "2\n");
  REQUIRE(looked.write("/proc/irq/40/smp_affinity_list", "0-1").ok());
  CHECK(target == 1);
  CHECK(looked.file("/proc/irq/40/smp_affinity") == "3\n");
  CHECK(looked.file("/proc/irq/40/effective_affinity_list") == "1\n");
  CHECK(looked.write("/proc/irq/40/smp_affinity", "0").error() == Errno::invalid);
  CHECK(looked.write("/proc/irq/40/smp_affinity", "4").error() == Errno::overflow);
  CHECK(looked.write("/proc/irq/40/smp_affinity_list", "2").error() == Errno::invalid);
  CHECK(looked.write("/proc/irq/32/smp_affinity", "1").error() == Errno::io);
  CHECK(looked.write("/proc/irq/40/effective_affinity", "1").error() == Errno::access);
  kernel.free_irq(40);
  CHECK(kernel.files().read("/proc/irq/40/smp_affinity").error() == Errno::no_entry);
}

TEST_CASE("Time is told in hundredths of a second", "[proc]") {
  Looked looked;
  static_cast<void>(looked.world[1].start("busy", [](kernel::Process& self) -> kernel::Task<void> {
    self.work(2 * kSecond);
    co_return;
  }));
  looked.world.run_for(3 * kSecond);
  const std::string stat = looked.file("/proc/stat");
  CHECK(stat.starts_with("cpu  200 0 "));
  CHECK(stat.find("\ncpu0 200 0 ") != std::string::npos);
  CHECK(stat.find("\nprocesses 1\nprocs_running 1\nprocs_blocked 0\nsoftirq ") != std::string::npos);
  CHECK(looked.file("/proc/uptime").starts_with("3.00 1.00\n"));
  CHECK(looked.file("/proc/net/softnet_stat") ==
        "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
        "00000000 00000000 00000000\n");
}
