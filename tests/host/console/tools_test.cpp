// SPDX-License-Identifier: Apache-2.0
// ss, nstat and mpstat: columns as iproute2 6.1 and sysstat print them.
#include "tests/host/apps/packets.hpp"
#include "tests/host/console/desk.hpp"

using namespace host;
using namespace host_test;

namespace {

/// A socket bound to a port of an address, that stays open; connected when `peer_port` is not 0.
void open_socket(Desk& desk, headers::Ipv4Address local, std::uint16_t port, std::uint16_t peer_port = 0) {
  static_cast<void>(
      desk.station().start("server", [&, local, port, peer_port](kernel::Process& self) -> kernel::Task<void> {
        auto& sockets = desk.station().host.sockets();
        const int fd = *sockets.socket(self, socket::SocketKind::udp);
        CHECK(sockets.bind(self, fd, {.address = local, .port = port}).ok());
        if (peer_port != 0) CHECK(sockets.connect(self, fd, {.address = local, .port = peer_port}).ok());
        co_return;
      }));
  desk.world.run_for(kMillisecond);
}

}  // namespace

TEST_CASE("ss makes its columns as wide as what stands in them", "[console][ss]") {
  Desk desk;
  CHECK(desk.out("ss -uan") == "State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n");
  const auto loopback = headers::Ipv4Address::of(127, 0, 0, 1);
  open_socket(desk, {}, 7);
  open_socket(desk, loopback, 5000);
  open_socket(desk, loopback, 6000, 5000);
  CHECK(desk.out("ss -uan") ==
        "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
        "UNCONN 0      0            0.0.0.0:7         0.0.0.0:*          \n"
        "UNCONN 0      0          127.0.0.1:5000      0.0.0.0:*          \n"
        "ESTAB  0      0          127.0.0.1:6000    127.0.0.1:5000       \n");
  CHECK(desk.out("ss -un") ==
        "Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
        "0      0          127.0.0.1:6000    127.0.0.1:5000       \n");
  CHECK(desk.out("ss -nlH") ==
        "udp UNCONN 0      0        0.0.0.0:7    0.0.0.0:*\n"
        "udp UNCONN 0      0      127.0.0.1:5000 0.0.0.0:*\n");
  const std::string limit = std::to_string(desk.station().host.udp().table.all().front()->queue.limit());
  CHECK(desk.out("ss -unm").ends_with("127.0.0.1:6000    127.0.0.1:5000\n\t skmem:(r0,rb" + limit +
                                      ",t0,tb212992,f0,w0,o0,bl0,d0)\n"));
  CHECK(desk.err("ss -Q", 255).starts_with("ss: invalid option -- 'Q'\nUsage: ss [ OPTIONS ]\n"));
}

TEST_CASE("ss shows what waits to be read", "[console][ss]") {
  Desk desk;
  const auto loopback = headers::Ipv4Address::of(127, 0, 0, 1);
  open_socket(desk, loopback, 5000);
  static_cast<void>(desk.station().start("sender", [&](kernel::Process& self) -> kernel::Task<void> {
    auto& sockets = desk.station().host.sockets();
    const int fd = *sockets.socket(self, socket::SocketKind::udp);
    const std::vector<std::byte> payload(100);
    const auto sent = co_await sockets.sendto(self, fd, payload, socket::SocketAddress{loopback, 5000});
    CHECK(sent.ok());
    CHECK(sockets.close(self, fd).ok());
  }));
  desk.world.run_for(kMillisecond);
  const auto charged = desk.station().host.udp().table.all().front()->queue.charged();
  CHECK(charged > 100);
  CHECK(desk.out("ss -ulnH").starts_with("UNCONN " + std::to_string(charged) + ' '));
}

TEST_CASE("nstat counts from one call to the next", "[console][nstat]") {
  Desk desk({.stations = 2});
  CHECK(desk.out("nstat") == "#kernel\n");
  const std::string all = desk.out("nstat -az");
  CHECK(all.starts_with("#kernel\nIpInReceives                    0                  0.0\n"));
  CHECK(all.find("IpForwarding") == std::string::npos);
  CHECK(all.find("UdpNoPorts                      0                  0.0\n") != std::string::npos);
  CHECK(all.find("IpExtInOctets                   0                  0.0\n") != std::string::npos);
  CHECK(desk.out("ping -c 2 -i 0.1 -q 10.0.0.2").find("2 received") != std::string::npos);
  CHECK(desk.out("nstat -s 'IpIn*'") ==
        "#kernel\nIpInReceives                    2                  0.0\n"
        "IpInDelivers                    2                  0.0\n");
  CHECK(desk.out("nstat -j icmpoutechos") == "{\"kernel\":{\"IcmpOutEchos\":2}}\n");
  CHECK(desk.out("nstat 'Icmp*'") == "#kernel\n");
  CHECK(desk.out("nstat -a IcmpOutEchos") == "#kernel\nIcmpOutEchos                    2                  0.0\n");
  CHECK(desk.out("nstat -rn").empty());
  CHECK(desk.err("nstat -Q", 255) == "nstat: invalid option -- 'Q'\n");
}

TEST_CASE("nstat has what Linux counts among TCP's", "[console][nstat]") {
  Desk desk;
  CHECK(desk.out("sysctl -q -w net.ipv4.conf.all.rp_filter=1").empty());
  desk.station().nic.deliver(udp_frame(1, 9, 10, {.source = headers::Ipv4Address::of(172, 16, 0, 1)}));
  desk.world.run_for(kMillisecond);
  CHECK(desk.out("nstat -a 'TcpExt*'") == "#kernel\nTcpExtIPReversePathFilter       1                  0.0\n");
  CHECK(desk.out("nstat -az TcpExtArpFilter TcpExtBusyPollRxPackets TcpExtListenDrops").find("TcpExtListenDrops ") !=
        std::string::npos);
}

TEST_CASE("mpstat shares out the time of each CPU", "[console][mpstat]") {
  Desk desk({.stations = 1, .cpus = 2});
  desk.world.run_for(kSecond);
  static_cast<void>(desk.station().host.kernel().spawn(0, "busy", [](kernel::Process& self) -> kernel::Task<void> {
    self.work(kSecond);
    co_return;
  }));
  desk.world.run_for(3 * kSecond);
  const std::string head =
      "Linux (cosnic) \t01/01/70 \t_x86_64_\t(2 CPU)\n\n00:00:04     CPU    %usr   %nice    %sys "
      "%iowait    %irq   %soft  %steal  %guest  %gnice   %idle\n";
  const std::string all = desk.out("mpstat -P ALL");
  INFO(all);
  CHECK(all.starts_with(head +
                        "00:00:04     all   12.50    0.00    0.00    0.00    0.00    0.00    0.00    0.00    0.00"
                        "   87.50\n00:00:04       0   25.00    0.00"));
  CHECK(desk.out("mpstat -P 1").find("\n00:00:05       1    0.00") != std::string::npos);
  const std::string interval = desk.out("mpstat -P 0 0.5 1");
  CHECK(interval.find("       0    0.00    0.00    0.00    0.00    0.00    0.00    0.00    0.00    0.00  100.00\n") !=
        std::string::npos);
  for (const auto* wrong : {"mpstat -P 2", "mpstat x", "mpstat -P", "mpstat 1 1 1", "mpstat -1"}) {
    CHECK(desk.err(wrong, 1).starts_with("Usage: mpstat [ options ] [ <interval> [ <count> ] ]\n"));
  }
}
