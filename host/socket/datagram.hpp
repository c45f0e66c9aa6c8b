// SPDX-License-Identifier: Apache-2.0
// What a datagram protocol does for the socket in front of it (Linux: struct proto_ops and struct proto).
#pragma once

#include <memory>
#include <optional>

#include "host/headers/bytes.hpp"
#include "host/ip/ping.hpp"
#include "host/ip/raw.hpp"
#include "host/ip/receive_queue.hpp"
#include "host/ip6/ping6.hpp"
#include "host/ip6/raw6.hpp"
#include "host/packet/packet_layer.hpp"
#include "host/udp/udp_route.hpp"

namespace host::socket {

/// Linux: struct sockaddr_in, struct sockaddr_in6. A ping socket's port is its echo identifier. No address is `::` to
/// IPv6 sockets, 0.0.0.0 to those of IPv4.
struct SocketAddress {
  headers::IpAddress address;
  std::uint16_t port = 0;
  /// The device of a link-local address (sin6_scope_id).
  unsigned scope = 0;

  friend constexpr bool operator==(const SocketAddress&, const SocketAddress&) = default;
};

/// What a message's header said (Linux: control messages). IP_PKTINFO, IPV6_RECVPKTINFO; IP_RECVTTL,
/// IPV6_RECVHOPLIMIT; IP_RECVTOS, IPV6_RECVTCLASS; SO_RXQ_OVFL.
struct PacketInfo {
  headers::IpAddress destination = {};
  unsigned ifindex = 0;
  std::uint8_t ttl = 0;
  std::uint8_t tos = 0;
  /// Of a UDP socket: packets that it had lost when this one was queued.
  std::uint32_t drops = 0;
};

/// As whom a message goes and by which device (Linux: IP_PKTINFO and IPV6_PKTINFO before sendmsg).
using udp::PacketSource;

/// Control data of one message to send; what is not there is the socket's.
struct SendControl {
  std::optional<std::uint16_t> segment_bytes = {};  // UDP_SEGMENT
  std::optional<PacketSource> source = {};
};

/// Linux: SO_*, UDP_GRO and IPV6_*. Flags.
enum class SocketOption : std::uint8_t {
  reuse_address,
  reuse_port,
  broadcast,
  udp_gro,
  v6only,
  multicast_all6,
  multicast_loop6,  // IPV6_MULTICAST_LOOP
};

/// The protocol's half of one socket.
class Datagram {
 public:
  virtual ~Datagram() = default;

  [[nodiscard]] virtual base::Result<void> bind(SocketAddress local) = 0;
  [[nodiscard]] virtual base::Result<void> connect(kernel::Cpu& cpu, SocketAddress peer) = 0;
  /// Linux: connect() with AF_UNSPEC.
  virtual void disconnect() = 0;
  /// To `to`, or to the peer; destination_required when there is neither.
  [[nodiscard]] virtual base::Result<void> send(kernel::Cpu& cpu, std::optional<SocketAddress> to,
                                                headers::Bytes payload) = 0;
  /// Forgets the socket; what it had not read is dropped.
  virtual void close(kernel::Cpu& cpu) = 0;

  [[nodiscard]] virtual SocketAddress local() const = 0;
  /// Nothing when it is not connected.
  [[nodiscard]] virtual std::optional<SocketAddress> peer() const = 0;
  [[nodiscard]] virtual ip::ReceiveQueue& queue() = 0;
  /// The options of IPPROTO_IP.
  [[nodiscard]] virtual ip::InetSock& inet() = 0;
  /// The options of IPPROTO_IPV6; null: an IPv4 socket.
  [[nodiscard]] virtual ip6::Inet6Sock* inet6() { return nullptr; }
  /// The options and filter of the protocol's half; null: it has none.
  [[nodiscard]] virtual ip::Sock* sock() { return nullptr; }
  /// The raw socket that it is; null: none.
  [[nodiscard]] virtual ip::RawSocket* raw() { return nullptr; }
  /// The raw socket over IPv6 that it is; null: none.
  [[nodiscard]] virtual ip6::Raw6Socket* raw6() { return nullptr; }
  /// The packet socket that it is; null: none.
  [[nodiscard]] virtual packet::PacketSocket* packet() { return nullptr; }
  /// 0: any device. not_supported.
  [[nodiscard]] virtual base::Result<void> bind_device(unsigned /*ifindex*/) { return base::Errno::not_supported; }
  /// SO_ATTACH_REUSEPORT_CBPF. invalid: it shares its name with nobody.
  // NOLINTNEXTLINE(performance-unnecessary-value-param): those who support it keep the program.
  [[nodiscard]] virtual base::Result<void> choose_by(device::BpfProgram) { return base::Errno::not_supported; }
  /// UDP_SEGMENT of the socket. not_supported.
  [[nodiscard]] virtual base::Result<void> set_segment(std::uint16_t /*bytes*/) { return base::Errno::not_supported; }
  /// send() with control data. not_supported.
  [[nodiscard]] virtual base::Result<void> send_with(kernel::Cpu&, std::optional<SocketAddress> /*to*/,
                                                     headers::Bytes /*payload*/, const SendControl& /*control*/) {
    return base::Errno::not_supported;
  }
  /// SO_INCOMING_CPU. not_supported.
  [[nodiscard]] virtual base::Result<void> set_incoming_cpu(int /*cpu*/) { return base::Errno::not_supported; }
  /// UDP_GRO. not_supported.
  [[nodiscard]] virtual base::Result<void> set_gro(bool /*on*/) { return base::Errno::not_supported; }
  [[nodiscard]] virtual bool gro() const { return false; }
  [[nodiscard]] virtual SocketAddress sender(const skb::SkBuff& skb) const = 0;
  /// Of a packet with a network header.
  [[nodiscard]] virtual PacketInfo info(const skb::SkBuff& skb) const;
  /// The application took a packet.
  virtual void count_read(const skb::SkBuff& skb) = 0;
};

[[nodiscard]] std::unique_ptr<Datagram> make_udp(udp::UdpLayer& udp, headers::AddressFamily family);
[[nodiscard]] std::unique_ptr<Datagram> make_ping(ip::IpLayer& ip, ip::PingTable& pings);
[[nodiscard]] std::unique_ptr<Datagram> make_ping6(ip6::Ip6Layer& ip6, ip6::Ping6Table& pings);

}  // namespace host::socket
