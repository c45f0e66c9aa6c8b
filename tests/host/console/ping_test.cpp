// SPDX-License-Identifier: Apache-2.0
// ping in the words of iputils 20221126.
#include "tests/host/console/desk.hpp"

using namespace host;
using namespace host_test;

TEST_CASE("ping prints each reply and sums up", "[console][ping]") {
  Desk desk({.stations = 2});
  const std::string text = desk.out("ping -c 3 -i 0.01 -s 100 10.0.0.2");
  INFO(text);
  CHECK(
      text.starts_with("PING 10.0.0.2 (10.0.0.2) 100(128) bytes of data.\n"
                       "108 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.000 ms\n"
                       "108 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=0.000 ms\n"));
  CHECK(text.find("\n--- 10.0.0.2 ping statistics ---\n3 packets transmitted, 3 received, 0% packet loss, time 20ms\n"
                  "rtt min/avg/max/mdev = 0.000/0.000/0.000/0.000 ms\n") != std::string::npos);
  CHECK(desk.station().counter("Icmp.OutEchos") == 3);
  const std::string quiet = desk.out("ping -q -c1 10.0.0.2");
  CHECK(quiet.find("bytes from") == std::string::npos);
  CHECK(quiet.find("1 packets transmitted, 1 received, 0% packet loss, time 0ms\n") != std::string::npos);
}

TEST_CASE("ping counts what is lost and what comes twice", "[console][ping]") {
  Desk desk({.stations = 2});
  unsigned echoes = 0;
  desk.world[2].nic.on_wire = [&](Frame& frame) {
    const bool is_ip = frame[12] == std::byte{8} && frame[13] == std::byte{0};
    if (!is_ip) return true;
    ++echoes;
    if (echoes == 3) desk.station().nic.deliver(frame);
    return echoes != 2;
  };
  const std::string text = desk.out("ping -c 3 -i 0.01 -W 0.1 10.0.0.2");
  INFO(text);
  CHECK(text.find("icmp_seq=2") == std::string::npos);
  CHECK(text.find("icmp_seq=3 ttl=64 time=0.000 ms (DUP!)\n") != std::string::npos);
  CHECK(text.find("3 packets transmitted, 2 received, +1 duplicates, 33% packet loss") != std::string::npos);
}

TEST_CASE("ping fails when nobody answers", "[console][ping]") {
  Desk desk({.stations = 2});
  desk.world[2].nic.on_wire = [](Frame& frame) { return frame[13] == std::byte{6}; };  // ARP alone
  const Answer answer = desk.type("ping -c 2 -i 0.01 -W 0.2 10.0.0.2");
  CHECK(answer.status == 1);
  CHECK(answer.out.ends_with("2 packets transmitted, 0 received, 100% packet loss, time 10ms\n\n"));
}

TEST_CASE("ping's complaints", "[console][ping]") {
  Desk desk;
  CHECK(desk.err("ping", 1) == "ping: usage error: Destination address required\n");
  CHECK(desk.err("ping foo", 2) == "ping: foo: Name or service not known\n");
  CHECK(desk.err("ping -c x 10.0.0.2", 1) == "ping: invalid argument: 'x'\n");
  CHECK(desk.err("ping -c 0 10.0.0.2", 1) ==
        "ping: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807\n");
  CHECK(desk.err("ping -c", 1) == "ping: option requires an argument -- 'c'\n");
  CHECK(desk.err("ping -Z 10.0.0.2", 1) == "ping: invalid option -- 'Z'\n");
  CHECK(desk.err("ping -i x 10.0.0.2", 1) == "ping: bad timing interval: x\n");
  CHECK(desk.err("ping -c 1 8.8.8.8", 2) == "ping: connect: Network is unreachable\n");
}
