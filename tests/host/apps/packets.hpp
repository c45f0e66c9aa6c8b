// SPDX-License-Identifier: Apache-2.0
// Frames as tests write them: from station 2 to station 1 unless told otherwise.
#pragma once

#include "host/headers/arp.hpp"
#include "host/headers/ethernet.hpp"
#include "host/headers/icmp.hpp"
#include "host/headers/ipv4.hpp"
#include "host/headers/udp.hpp"
#include "tests/host/apps/test_world.hpp"

namespace host_test {

struct PacketOptions {
  host::base::MacAddress destination_mac = mac_of(1);
  host::base::MacAddress source_mac = mac_of(2);
  host::headers::Ipv4Address source = address_of(2);
  host::headers::Ipv4Address destination = address_of(1);
  std::uint8_t ttl = 64;
  bool more_fragments = false;
  std::uint16_t fragment_offset = 0;
  std::uint16_t id = 1;
  bool dont_fragment = false;
};

inline constexpr std::size_t kIpAt = 14;
inline constexpr std::size_t kTransportAt = 34;

/// An IPv4 packet around a finished transport packet, padded to 60 bytes.
[[nodiscard]] inline Frame ipv4_frame(host::headers::IpProtocol protocol, const Frame& transport,
                                      const PacketOptions& options = {}) {
  Frame frame(std::max<std::size_t>(kTransportAt + transport.size(), 60));
  host::headers::write_ethernet(
      frame,
      {.destination = options.destination_mac, .source = options.source_mac, .type = host::headers::EtherType::ipv4});
  host::headers::write_ipv4(std::span(frame).subspan(kIpAt),
                            {.total_length = static_cast<std::uint16_t>(20 + transport.size()),
                             .id = options.id,
                             .dont_fragment = options.dont_fragment,
                             .more_fragments = options.more_fragments,
                             .fragment_offset = options.fragment_offset,
                             .ttl = options.ttl,
                             .protocol = protocol,
                             .source = options.source,
                             .destination = options.destination});
  std::copy(transport.begin(), transport.end(), frame.begin() + kTransportAt);
  return frame;
}

[[nodiscard]] inline Frame udp_frame(std::uint16_t from, std::uint16_t to, std::size_t payload,
                                     const PacketOptions& options = {}) {
  Frame datagram(8 + payload, std::byte{0x55});
  host::headers::write_udp(datagram, from, to, options.source, options.destination);
  return ipv4_frame(host::headers::IpProtocol::udp, datagram, options);
}

[[nodiscard]] inline Frame icmp_frame(host::headers::IcmpFields fields, Frame payload,
                                      const PacketOptions& options = {}) {
  payload.insert(payload.begin(), 8, std::byte{0});
  host::headers::write_icmp(payload, fields);
  return ipv4_frame(host::headers::IpProtocol::icmp, payload, options);
}

[[nodiscard]] inline Frame echo_request(std::size_t payload, const PacketOptions& options = {}) {
  return icmp_frame({.type = host::headers::IcmpType::echo_request, .code = 0, .id = 7, .sequence = 1},
                    Frame(payload, std::byte{0x5a}), options);
}

[[nodiscard]] inline Frame arp_frame(const host::headers::ArpFields& fields, host::base::MacAddress destination) {
  Frame frame(60);
  host::headers::write_ethernet(
      frame, {.destination = destination, .source = fields.sender_mac, .type = host::headers::EtherType::arp});
  host::headers::write_arp(std::span(frame).subspan(14), fields);
  return frame;
}

/// Station `n` says who he is, so that answers to him need no question.
[[nodiscard]] inline Frame introduction(unsigned n) {
  return arp_frame({.operation = host::headers::ArpOperation::request,
                    .sender_mac = mac_of(n),
                    .sender = address_of(n),
                    .target_mac = {},
                    .target = address_of(1)},
                   host::base::MacAddress::broadcast());
}

/// A lone station that knows station 2 already and has said all it had to say.
struct Lone : World {
  explicit Lone(host::apps::HostOptions options = {})
      : World({.stations = 1, .cpus = 1, .mtu = 1500, .host = options}) {
    (*this)[1].nic.deliver(introduction(2));
    run_for(kMillisecond);
    static_cast<void>(take());
  }
  Station& station() { return (*this)[1]; }
  /// Delivers a frame and returns what the station sent because of it.
  std::vector<Frame> answer_to(Frame frame) {
    station().nic.deliver(std::move(frame));
    run_for(kMillisecond);
    return take();
  }
  std::vector<Frame> take() { return station().nic.take_sent(); }
  std::uint64_t counter(const std::string& name) { return station().counter(name); }
};

[[nodiscard]] inline host::headers::Ipv4View ip_of(const Frame& frame) {
  return std::get<host::headers::Ipv4View>(host::headers::Ipv4View::parse(std::span(frame).subspan(kIpAt)));
}

}  // namespace host_test
