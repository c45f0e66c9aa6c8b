// SPDX-License-Identifier: Apache-2.0
// Stations that have IPv6 and have said all they had to say.
#pragma once

#include <catch2/catch.hpp>

#include "host/ip6/addrconf.hpp"
#include "tests/host/ip6/packets6.hpp"

namespace host_test {

/// A lone station with fe80::ff:fe00:1 and fd00::1/64, whose duplicate detection is over, without routers.
struct Lone6 : World {
  explicit Lone6(unsigned stations = 1) : World({.stations = stations, .cpus = 1, .mtu = 1500, .host = {}}) {
    for (unsigned n = 1; n <= stations; ++n) {
      Station& each = (*this)[n];
      set(n, "net.ipv6.conf.eth0.accept_ra", 0);
      REQUIRE(each.host.add_address(each.nic.device(), host::headers::Ipv6Prefix{global_of(n), 64}).ok());
    }
    run_for(5 * kSecond);
    static_cast<void>(take());
  }
  void set(unsigned n, std::string_view name, std::int64_t value) {
    REQUIRE((*this)[n].host.kernel().sysctl().set(name, value).ok());
  }
  Station& station() { return (*this)[1]; }
  void run(const host::kernel::Process::Main& main) { run_in(1, kMillisecond, main); }
  host::ip6::Ip6Layer& ip6() { return station().host.ip6(); }
  host::device::NetDevice& eth0() { return station().nic.device(); }
  std::vector<Frame> answer_to(Frame frame) {
    station().nic.deliver(std::move(frame));
    run_for(kMillisecond);
    return take();
  }
  std::vector<Frame> take() { return station().nic.take_sent(); }
  std::uint64_t counter(const std::string& name) { return station().counter(name); }
  /// Station 2 asks for station 1, so that answers to it need no question.
  void introduce() { static_cast<void>(answer_to(solicitation(global_of(1)))); }
};

}  // namespace host_test
