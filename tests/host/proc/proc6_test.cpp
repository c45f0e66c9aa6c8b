// SPDX-License-Identifier: Apache-2.0
// What the files say of IPv6: counters, addresses, sockets.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/host/ip6/world6.hpp"

using namespace host;
using namespace host_test;
using socket::SocketKind;

namespace {

struct Looked6 : Lone6 {
  std::string file(const std::string& path) {
    const auto text = station().host.kernel().files().read(path);
    INFO(path);
    REQUIRE(text.ok());
    return *text;
  }
  /// Sockets that stay.
  void open(SocketKind kind, std::uint16_t port, std::optional<socket::SocketAddress> peer = std::nullopt) {
    static_cast<void>(station().start("server", [&, kind, port, peer](kernel::Process& self) -> kernel::Task<void> {
      auto& sockets = station().host.sockets();
      const int fd = *sockets.socket(self, kind);
      CHECK(sockets.bind(self, fd, {.address = {}, .port = port}).ok());
      if (peer) CHECK(sockets.connect(self, fd, *peer).ok());
      co_return;
    }));
    run_for(kMillisecond);
  }
};

/// The first word of each line, but the ICMPv6 types that are there by number.
std::vector<std::string> names_of(const std::string& text) {
  std::vector<std::string> names;
  std::istringstream in(text);
  std::string name;
  for (std::string value; in >> name >> value;) {
    if (name.find("InType") == std::string::npos && name.find("OutType") == std::string::npos) names.push_back(name);
  }
  return names;
}

}  // namespace

TEST_CASE("snmp6 has a line for each counter", "[proc][ip6]") {
  Looked6 looked;
  looked.introduce();
  static_cast<void>(looked.answer_to(udp6_frame(4000, 9, 5)));
  Frame wrong = udp6_frame(4000, 9, 5);
  wrong[kTransport6At + 7] ^= std::byte{1};
  static_cast<void>(looked.answer_to(wrong));
  const std::string text = looked.file("/proc/net/snmp6");
  INFO(text);
  const std::uint64_t received = looked.counter("Ip6.InReceives");
  CHECK(text.starts_with("Ip6InReceives                   \t" + std::to_string(received) + "\nIp6InHdrErrors   "));
  for (const char* line : {"\nUdp6NoPorts                     \t1\n", "\nUdp6InCsumErrors                \t1\n",
                           "\nUdp6InErrors                    \t1\n", "\nIcmp6OutDestUnreachs            \t1\n",
                           "\nIcmp6OutType1                   \t1\n", "\nIcmp6InType135                  \t1\n"}) {
    CHECK(text.find(line) != std::string::npos);
  }
  CHECK(text.find("Icmp6InType1 ") == std::string::npos);  // none came
}

TEST_CASE("snmp6 has this machine's names", "[proc][ip6][columns]") {
  std::ifstream file("/proc/net/snmp6");
  std::ostringstream theirs;
  theirs << file.rdbuf();
  if (theirs.str().empty()) return;
  Looked6 looked;
  std::vector<std::string> expected = names_of(theirs.str());
  std::erase(expected, "Ip6OutTransmits");  // newer than the other names
  std::vector<std::string> ours = names_of(looked.file("/proc/net/snmp6"));
  std::erase(ours, "Ip6OutTransmits");
  CHECK(ours == expected);
}

TEST_CASE("if_inet6 lists addresses with scope and flags", "[proc][ip6]") {
  Looked6 looked;
  CHECK(looked.file("/proc/net/if_inet6") ==
        "00000000000000000000000000000001 01 80 10 80       lo\n"
        "fe80000000000000000000fffe000001 02 40 20 80     eth0\n"
        "fd000000000000000000000000000001 02 40 00 80     eth0\n");
  auto& eth0 = looked.eth0();
  REQUIRE(
      looked.ip6().addrconf->add_address(looked.station().host.kernel().cpu(0), eth0, {global_of(0x1234), 48}).ok());
  CHECK(looked.file("/proc/net/if_inet6").find("fd000000000000000000000000001234 02 30 00 c0     eth0\n") !=
        std::string::npos);  // tentative
}

TEST_CASE("igmp6 lists groups with users, flags and the time to the next report", "[proc][ip6]") {
  Looked6 looked;
  auto& host = looked.station().host;
  const auto join = [&](const char* group) {
    host.ip6().mld.join(host.kernel().cpu(0), looked.eth0(), *headers::Ipv6Address::parse(group));
  };
  join("ff05::77");
  join("ff05::77");
  join("ff02::1");
  const std::string others =
      "2    eth0            ff0200000000000000000001ff000001     2 00000004 0\n";  // of both addresses
  CHECK(looked.file("/proc/net/igmp6") ==
        "1    lo              ff020000000000000000000000000001     1 0000000C 0\n"
        "1    lo              ff010000000000000000000000000001     1 00000008 0\n"
        "2    eth0            ff020000000000000000000000000001     2 0000000C 0\n"
        "2    eth0            ff050000000000000000000000000077     2 00000004 0\n" +
            others + "2    eth0            ff010000000000000000000000000001     1 00000008 0\n");
  looked.set(1, "net.ipv6.conf.eth0.force_mld_version", 1);
  looked.set(1, "net.ipv6.conf.eth0.mldv1_unsolicited_report_interval", 1);
  join("ff05::78");
  CHECK(looked.file("/proc/net/igmp6").find("ff050000000000000000000000000078     1 00000005 0\n") !=
        std::string::npos);  // at once
  looked.run_for(kSecond);
  CHECK(looked.file("/proc/net/igmp6").find("ff050000000000000000000000000078     1 00000006 0\n") !=
        std::string::npos);
  looked.set(1, "net.ipv6.conf.eth0.mldv1_unsolicited_report_interval", 1'000'000);
  join("ff05::79");
  looked.run_for(2 * kMillisecond);
  const std::string text = looked.file("/proc/net/igmp6");
  const std::string line = "ff050000000000000000000000000079     1 00000007 ";
  const auto at = text.find(line);
  REQUIRE(at != std::string::npos);
  const unsigned ticks = static_cast<unsigned>(std::stoul(text.substr(at + line.size())));
  CHECK(ticks > 100);
  CHECK(ticks <= 100'000);  // hundredths of a second
}

TEST_CASE("dev_mcast has the stations of both families' groups", "[proc][ip6]") {
  Looked6 looked;
  CHECK(looked.file("/proc/net/dev_mcast") ==
        "2    eth0            1     0     01005e000001\n"
        "2    eth0            1     0     333300000001\n"
        "2    eth0            1     0     3333ff000001\n");
}

TEST_CASE("raw6 lists raw sockets by protocol", "[proc][ip6]") {
  Looked6 looked;
  looked.run([&](kernel::Process& self) -> kernel::Task<void> {
    auto& sockets = looked.station().host.sockets();
    const int any = *sockets.raw6_socket(self, 58);
    const int named = *sockets.raw6_socket(self, 17);
    CHECK(any != named);
    CHECK(sockets.bind(self, named, {global_of(1), 0}).ok());
    CHECK(sockets.connect(self, named, {global_of(2), 0}).ok());
    co_return;
  });
  CHECK(looked.file("/proc/net/raw6") ==
        "  sl  local_address                         remote_address                        st tx_queue rx_queue tr "
        "tm->when retrnsmt   uid  timeout inode ref pointer drops\n"
        "   58: 00000000000000000000000000000000:003A 00000000000000000000000000000000:0000 07 00000000:00000000 "
        "00:00000000 00000000     0        0 0 2 0000000000000000 0\n"
        "   17: 000000FD000000000000000001000000:0011 000000FD000000000000000002000000:0000 01 00000000:00000000 "
        "00:00000000 00000000     0        0 0 2 0000000000000000 0\n");
}

TEST_CASE("sockets of IPv6 have files of their own", "[proc][ip6]") {
  Looked6 looked;
  looked.open(SocketKind::udp, 7);
  looked.open(SocketKind::udp6, 5000);
  looked.open(SocketKind::udp6, 5001, socket::SocketAddress{global_of(2), 9});
  looked.open(SocketKind::udp6, 5002, socket::SocketAddress{address_of(2), 9});
  CHECK(looked.file("/proc/net/udp6") ==
        "  sl  local_address                         remote_address                        st tx_queue rx_queue tr "
        "tm->when retrnsmt   uid  timeout inode ref pointer drops\n"
        "    1: 00000000000000000000000000000000:1388 00000000000000000000000000000000:0000 07 00000000:00000000 "
        "00:00000000 00000000     0        0 0 2 0000000000000000 0\n"
        "    2: 000000FD000000000000000001000000:1389 000000FD000000000000000002000000:0009 01 00000000:00000000 "
        "00:00000000 00000000     0        0 0 2 0000000000000000 0\n"
        "    3: 0000000000000000FFFF00000100000A:138A 0000000000000000FFFF00000200000A:0009 01 00000000:00000000 "
        "00:00000000 00000000     0        0 0 2 0000000000000000 0\n");
  const std::string udp = looked.file("/proc/net/udp");
  CHECK(udp.size() == 256);  // the header and one socket
  CHECK(looked.file("/proc/net/sockstat").find("\nUDP: inuse 1 mem 0\n") != std::string::npos);
  CHECK(looked.file("/proc/net/sockstat6") ==
        "TCP6: inuse 0\nUDP6: inuse 3\nUDPLITE6: inuse 0\nRAW6: inuse 0\nFRAG6: inuse 0 memory 0\n");
}
