// SPDX-License-Identifier: Apache-2.0
// Two hosts and the IPv6 router between them: fd00::1 - fd00::2 | fd00:0:0:1::2 - fd00:0:0:1::3.
#pragma once

#include "tests/host/ip6/world6.hpp"

namespace host_test {

[[nodiscard]] inline host::headers::Ipv6Address right6(unsigned number) {
  return host::headers::Ipv6Address::of(0xfd00, 0, 0, 1, 0, 0, 0, number);
}

struct Router6World : World {
  explicit Router6World(std::uint32_t right_mtu = 1500)
      : World({.stations = 3}),
        right(router().host, router().irqs, host::base::MacAddress{{2, 0, 0, 0, 1, 2}}, right_mtu, "eth1") {
    router().nic.plug(near().nic);
    right.plug(far().nic);
    for (unsigned n = 1; n <= 3; ++n) {
      REQUIRE((*this)[n].host.kernel().sysctl().set("net.ipv6.conf.default.accept_ra", 0).ok());
      REQUIRE((*this)[n].host.kernel().sysctl().set("net.ipv6.conf.eth0.accept_ra", 0).ok());
    }
    add_address(near(), near().nic, global_of(1));
    add_address(router(), router().nic, global_of(2));
    add_address(router(), right, right6(2));
    add_address(far(), far().nic, right6(3));
    set("net.ipv6.conf.all.forwarding", 1);
    add_route(near(), near().nic, {}, global_of(2));
    add_route(far(), far().nic, {}, right6(2));
    run_for(5 * kSecond);
  }
  Station& near() { return (*this)[1]; }
  Station& router() { return (*this)[2]; }
  Station& far() { return (*this)[3]; }
  /// A tunable of the router.
  void set(const char* name, std::int64_t value) {
    REQUIRE(router().host.kernel().sysctl().set(name, value).ok());
    run_for(kMillisecond);
  }
  std::uint64_t counter(const char* name) { return router().counter(name); }
  static void add_route(Station& on, CableNic& nic, const host::headers::Ipv6Prefix& prefix,
                        const host::headers::Ipv6Address& gateway) {
    REQUIRE(on.host.ip6().routes.add({.prefix = prefix, .device = &nic.device(), .gateway = gateway}).ok());
  }

  /// From near to far, by the router.
  static Packet6Options through() {
    return {.destination_mac = mac_of(2), .source_mac = mac_of(1), .source = global_of(1), .destination = right6(3)};
  }
  /// A frame reaches the router from the left; returns what ICMPv6 it sent to the left because of it, questions and
  /// answers of neighbour discovery aside.
  std::vector<Frame> from_left(Frame frame) {
    std::vector<Frame> sent;
    router().nic.on_wire = [&](const Frame& out) {
      const auto header = host::headers::EthernetView::parse(out);
      if (!header || header->type() != host::headers::EtherType::ipv6) return true;
      const auto type = icmp6_of(out).type();
      const bool asks = type == host::headers::Icmp6Type::neighbor_solicitation ||
                        type == host::headers::Icmp6Type::neighbor_advertisement;
      if (!asks) sent.push_back(out);
      return true;
    };
    router().nic.deliver(std::move(frame));
    run_for(kMillisecond);
    router().nic.on_wire = nullptr;
    return sent;
  }

  CableNic right;

 private:
  static void add_address(Station& on, CableNic& nic, const host::headers::Ipv6Address& address) {
    REQUIRE(on.host.add_address(nic.device(), host::headers::Ipv6Prefix{address, 64}).ok());
  }
};

}  // namespace host_test
