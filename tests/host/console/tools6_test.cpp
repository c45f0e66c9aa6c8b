// SPDX-License-Identifier: Apache-2.0
// ss, nstat and ping over IPv6, as iproute2 6.1 and iputils 20221126 print.
#include "host/ip6/addrconf.hpp"
#include "tests/host/console/desk.hpp"
#include "tests/host/ip6/packets6.hpp"

using namespace host;
using namespace host_test;
using headers::Ipv6Address;
using socket::SocketAddress;
using socket::SocketKind;
using socket::SocketOption;

namespace {

/// Station n has fd00::n/64.
struct Desk6 : Desk {
  explicit Desk6(unsigned stations = 1) : Desk({.stations = stations}) {
    for (unsigned n = 1; n <= stations; ++n) {
      Station& each = world[n];
      REQUIRE(each.host.add_address(each.nic.device(), headers::Ipv6Prefix{global_of(n), 64}).ok());
    }
    world.run_for(5 * kSecond);
  }
  /// A socket that stays open.
  void open(SocketKind kind, const SocketAddress& local, std::optional<SocketAddress> peer = std::nullopt,
            bool v6only = false) {
    static_cast<void>(station().start("server", [&](kernel::Process& self) -> kernel::Task<void> {
      auto& sockets = station().host.sockets();
      const int fd = *sockets.socket(self, kind);
      if (v6only) CHECK(sockets.set_option(fd, SocketOption::v6only, true).ok());
      CHECK(sockets.bind(self, fd, local).ok());
      if (peer) CHECK(sockets.connect(self, fd, *peer).ok());
      co_return;
    }));
    world.run_for(kMillisecond);
  }
};

}  // namespace

TEST_CASE("ss shows both families, IPv6 in brackets and a star for both at once", "[console][ss][ip6]") {
  Desk6 desk;
  const Ipv6Address loopback = headers::kIpv6Loopback;
  const auto loopback4 = headers::Ipv4Address::of(127, 0, 0, 1);
  desk.open(SocketKind::udp, {loopback4, 5003});
  desk.open(SocketKind::udp6, {{}, 5000});
  desk.open(SocketKind::udp6, {{}, 5001}, std::nullopt, true);
  desk.open(SocketKind::udp6, {loopback, 6000}, SocketAddress{loopback, 9});
  desk.open(SocketKind::udp6, {loopback4, 6001}, SocketAddress{loopback4, 9});
  // As iproute2 6.1 prints the same sockets of the system.
  CHECK(desk.out("ss -uan") ==
        "State  Recv-Q Send-Q      Local Address:Port       Peer Address:PortProcess\n"
        "UNCONN 0      0               127.0.0.1:5003            0.0.0.0:*          \n"
        "UNCONN 0      0                       *:5000                  *:*          \n"
        "UNCONN 0      0                    [::]:5001               [::]:*          \n"
        "ESTAB  0      0                   [::1]:6000              [::1]:9          \n"
        "ESTAB  0      0      [::ffff:127.0.0.1]:6001 [::ffff:127.0.0.1]:9          \n");
  CHECK(desk.out("ss -unl6") ==
        "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
        "UNCONN 0      0                  *:5000            *:*          \n"
        "UNCONN 0      0               [::]:5001         [::]:*          \n");
  CHECK(desk.out("ss -4uan") ==
        "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
        "UNCONN 0      0          127.0.0.1:5003      0.0.0.0:*          \n");
}

TEST_CASE("ss names the device that a socket is bound to", "[console][ss][ip6]") {
  Desk6 desk;
  const unsigned eth0 = desk.station().nic.device().ifindex();
  desk.open(SocketKind::udp6, {headers::link_local_of(mac_of(1)), 546, eth0});
  CHECK(desk.out("ss -unlH") == "UNCONN 0      0      [fe80::ff:fe00:1]%eth0:546 [::]:*\n");
}

TEST_CASE("nstat counts IPv6 between the other groups", "[console][nstat][ip6]") {
  Desk6 desk;
  static_cast<void>(desk.out("nstat"));
  desk.station().nic.deliver(udp6_frame(4000, 9, 5));
  desk.world.run_for(kMillisecond);
  CHECK(desk.out("nstat -s 'Udp*'") == "#kernel\nUdp6NoPorts                     1                  0.0\n");
  const std::string all = desk.out("nstat -az");
  const auto udp = all.find("\nUdpInDatagrams ");
  const auto ip6 = all.find("\nIp6InReceives ");
  const auto udp6 = all.find("\nUdp6InDatagrams ");
  const auto ext = all.find("\nIpExtInNoRoutes ");
  CHECK(ext != std::string::npos);
  CHECK((udp < ip6 && ip6 < udp6 && udp6 < ext));
}

TEST_CASE("ping speaks IPv6 to IPv6 addresses", "[console][ping][ip6]") {
  Desk6 desk(2);
  const std::string text = desk.out("ping -c 2 -i 0.01 -s 100 fd00::2");
  INFO(text);
  CHECK(
      text.starts_with("PING fd00::2(fd00::2) 100 data bytes\n"
                       "108 bytes from fd00::2: icmp_seq=1 ttl=64 time=0.000 ms\n"
                       "108 bytes from fd00::2: icmp_seq=2 ttl=64 time=0.000 ms\n\n--- fd00::2 ping statistics ---\n"
                       "2 packets transmitted, 2 received, 0% packet loss, time 10ms\nrtt "));
  CHECK(desk.station().counter("Icmp6.OutEchos") == 2);
  CHECK(desk.station().counter("Icmp.OutEchos") == 0);
  CHECK(desk.out("ping -6 -c1 fe80::ff:fe00:2%eth0")
            .starts_with("PING fe80::ff:fe00:2%eth0(fe80::ff:fe00:2%eth0) 56 data bytes\n"
                         "64 bytes from fe80::ff:fe00:2%eth0: icmp_seq=1 ttl=64 "));
  CHECK(desk.out("ping -c1 ::1").find("1 received") != std::string::npos);
}

TEST_CASE("ping's complaints about IPv6", "[console][ping][ip6]") {
  Desk6 desk;
  CHECK(desk.err("ping -6 -c1 10.0.0.1", 2) == "ping: 10.0.0.1: Address family for hostname not supported\n");
  CHECK(desk.err("ping -4 -c1 ::1", 2) == "ping: ::1: Address family for hostname not supported\n");
  CHECK(desk.err("ping -c1 fe80::1%nope", 2) == "ping: fe80::1%nope: Name or service not known\n");
  CHECK(desk.err("ping -c1 fe80::1", 2) == "ping: connect: Invalid argument\n");
  CHECK(desk.err("ping -c1 2001:db8::1", 2) == "ping: connect: Network is unreachable\n");
}
