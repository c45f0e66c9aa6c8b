// SPDX-License-Identifier: Apache-2.0
// Two hosts and the router between them: 10.0.0.1 - 10.0.0.2 | 192.168.0.2 - 192.168.0.3.
#pragma once

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "tests/host/apps/packets.hpp"

namespace host_test {

[[nodiscard]] inline host::headers::Ipv4Address right_address(unsigned number) {
  return host::headers::Ipv4Address::of(192, 168, 0, number);
}

/// The header's options, with its lengths and checksum to match.
[[nodiscard]] inline Frame with_options(Frame frame, const std::vector<unsigned>& options) {
  Frame bytes;
  for (const unsigned option : options) {
    bytes.push_back(static_cast<std::byte>(option));
  }
  const std::size_t total = ip_of(frame).total_length();
  frame.insert(frame.begin() + kTransportAt, bytes.begin(), bytes.end());
  host::base::store_u8(frame, kIpAt, static_cast<std::uint8_t>(0x45 + bytes.size() / 4));
  host::base::store_be16(frame, kIpAt + 2, static_cast<std::uint16_t>(total + bytes.size()));
  host::base::store_be16(frame, kIpAt + 10, 0);
  host::base::store_be16(frame, kIpAt + 10,
                         host::base::internet_checksum(std::span(frame).subspan(kIpAt, 20 + bytes.size())));
  return frame;
}

struct RouterWorld : World {
  explicit RouterWorld(std::uint32_t right_mtu = 1500)
      : World({.stations = 3}),
        right(router().host, router().irqs, host::base::MacAddress{{2, 0, 0, 0, 1, 2}}, right_mtu, "eth1") {
    router().nic.plug(near().nic);
    right.plug(far().nic);
    const host::headers::Ipv4Prefix anywhere{};
    far().host.forget_device(far().nic.device());
    const bool made = far().host.add_address(far().nic.device(), {right_address(3), 24}).ok() &&
                      router().host.add_address(right.device(), {right_address(2), 24}).ok() &&
                      near().host.add_route(anywhere, address_of(2)).ok() &&
                      far().host.add_route(anywhere, right_address(2)).ok() && set("net.ipv4.ip_forward", 1);
    INVARIANT(made, "the router's world cannot be set up");
  }
  Station& near() { return (*this)[1]; }
  Station& router() { return (*this)[2]; }
  Station& far() { return (*this)[3]; }
  /// A tunable of the router.
  bool set(const char* name, std::int64_t value) { return router().host.kernel().sysctl().set(name, value).ok(); }
  std::uint64_t counter(const char* name) { return router().counter(name); }

  /// From near to far, by the router.
  static PacketOptions through() {
    return {.destination_mac = mac_of(2),
            .source_mac = mac_of(1),
            .source = address_of(1),
            .destination = right_address(3)};
  }
  /// A frame reaches the router from the left; returns what it sent to the left because of it.
  std::vector<Frame> from_left(Frame frame) { return from(router().nic, std::move(frame)); }

  CableNic right;

 private:
  std::vector<Frame> from(CableNic& nic, Frame frame) {
    std::vector<Frame> sent;
    nic.on_wire = [&](const Frame& out) {
      const auto header = host::headers::EthernetView::parse(out);
      if (header && header->type() == host::headers::EtherType::ipv4) sent.push_back(out);
      return true;
    };
    nic.deliver(std::move(frame));
    run_for(kMillisecond);
    nic.on_wire = nullptr;
    return sent;
  }
};

}  // namespace host_test
