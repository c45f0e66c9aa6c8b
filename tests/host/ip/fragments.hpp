// SPDX-License-Identifier: Apache-2.0
// Fragments as tests write them, from station 2 to station 1.
#pragma once

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "tests/host/apps/packets.hpp"

namespace host_test {

struct FragmentOptions {
  std::uint16_t id = 1;
  bool dont_fragment = false;
  std::uint8_t tos = 0;
  host::headers::IpProtocol protocol = host::headers::IpProtocol::udp;
};

/// Bytes `offset` to `end` of a transport packet.
[[nodiscard]] inline Frame fragment_of(const Frame& transport, std::size_t offset, std::size_t end, bool more,
                                       const FragmentOptions& options = {}) {
  const Frame part(transport.begin() + static_cast<std::ptrdiff_t>(offset),
                   transport.begin() + static_cast<std::ptrdiff_t>(end));
  Frame frame = ipv4_frame(options.protocol, part,
                           {.more_fragments = more, .fragment_offset = static_cast<std::uint16_t>(offset)});
  const auto header = std::span(frame).subspan(kIpAt, 20);
  host::base::store_u8(header, 1, options.tos);
  host::base::store_be16(header, 4, options.id);
  if (options.dont_fragment) {
    header[6] |= std::byte{0x40};
  }
  host::base::store_be16(header, 10, 0);
  host::base::store_be16(header, 10, host::base::internet_checksum(header));
  return frame;
}

/// A datagram to `port` whose payload tells its bytes apart.
[[nodiscard]] inline Frame counting_datagram(std::uint16_t port, std::size_t payload) {
  Frame datagram(8 + payload);
  for (std::size_t i = 8; i < datagram.size(); ++i) {
    datagram[i] = static_cast<std::byte>(i * 7 + i / 251);
  }
  host::headers::write_udp(datagram, 4000, port, address_of(2), address_of(1));
  return datagram;
}

/// A lone station with a bound UDP socket.
struct Reassembling : Lone {
  static constexpr std::uint16_t kPort = 1000;
  explicit Reassembling(host::apps::HostOptions options = {}) : Lone(options), socket(1 << 24) {
    const auto bound = udp_bind(station().host.udp(), socket, {}, kPort);
    INVARIANT(bound.ok(), "a test's socket is not bound");
  }
  ~Reassembling() { udp_close(station().host.udp(), station().host.kernel().cpu(0), socket); }
  Reassembling(const Reassembling&) = delete;
  Reassembling& operator=(const Reassembling&) = delete;

  bool set(const char* name, std::int64_t value) { return station().host.kernel().sysctl().set(name, value).ok(); }
  host::ip::DefragTable& defrag() { return station().host.ip().defrag; }
  void hear(Frame frame) {
    station().nic.deliver(std::move(frame));
    run_for(kMicrosecond);
  }
  /// The payload of the datagram that the socket got, if it got one.
  std::optional<Frame> received() {
    const host::skb::Skb packet = socket.queue.pop();
    if (packet == nullptr) {
      return std::nullopt;
    }
    Frame payload(packet->len());
    INVARIANT(packet->copy_bits(0, payload), "a datagram is shorter than it says");
    return payload;
  }

  host::udp::UdpSocket socket;
};

}  // namespace host_test
