// SPDX-License-Identifier: Apache-2.0
// A station with bare UDP sockets of both families, without applications.
#pragma once

#include "host/udp/udp_input.hpp"
#include "host/udp/udp_output.hpp"
#include "tests/host/apps/packets.hpp"
#include "tests/host/ip6/world6.hpp"

namespace host_test {

/// It knows station 2 by both families.
struct Udp6World : Lone6 {
  using Family = host::headers::AddressFamily;

  Udp6World() {
    introduce();
    static_cast<void>(answer_to(introduction(2)));
  }
  ~Udp6World() {
    for (const auto& socket : sockets) udp_close(udp(), cpu(), *socket);
  }

  host::udp::UdpLayer& udp() { return station().host.udp(); }
  host::kernel::Cpu& cpu() { return station().host.kernel().cpu(0); }
  host::udp::UdpSocket& make(Family family = Family::inet6) {
    sockets.push_back(std::make_unique<host::udp::UdpSocket>(212'992, family));
    return *sockets.back();
  }
  host::udp::UdpSocket& open(const host::headers::IpAddress& local, std::uint16_t port, Family family = Family::inet6) {
    host::udp::UdpSocket& socket = make(family);
    REQUIRE(udp_bind(udp(), socket, local, port).ok());
    return socket;
  }

  std::vector<std::unique_ptr<host::udp::UdpSocket>> sockets;
};

[[nodiscard]] inline host::headers::Ipv6Address link_local(unsigned n) {
  return host::headers::link_local_of(mac_of(n));
}

}  // namespace host_test
