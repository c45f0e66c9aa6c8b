// SPDX-License-Identifier: Apache-2.0
// Ping sockets over ICMPv6: echo without privileges (Linux: net/ipv6/ping.c).
#pragma once

#include <map>

#include "host/ip/inet_sock.hpp"
#include "host/ip/receive_queue.hpp"
#include "host/ip6/inet6_sock.hpp"
#include "host/ip6/ip6_route.hpp"

namespace host::ip6 {

/// Has the echo identifier where UDP has a port. The application writes and reads ICMPv6 headers; identifier and
/// checksum are the stack's.
struct Ping6Socket {
  explicit Ping6Socket(std::int64_t receive_limit) : queue(receive_limit) {}

  std::uint16_t id = 0;  // 0: not bound yet
  headers::Ipv6Address local;
  headers::Ipv6Address peer;
  unsigned scope = 0;  // the device of a link-local peer; 0: none
  ip::ReceiveQueue queue;
  ip::InetSock inet;
  Inet6Sock inet6;
};

/// All of one host. Sockets outlive their being bound.
class Ping6Table {
 public:
  explicit Ping6Table(Ip6Layer& ip6);
  ~Ping6Table();
  Ping6Table(const Ping6Table&) = delete;
  Ping6Table& operator=(const Ping6Table&) = delete;

  /// An identifier of its own; 0 asks for a free one. invalid it has one; address_in_use; address_not_available when
  /// none is free or the address is not ours.
  [[nodiscard]] base::Result<void> bind(Ping6Socket& socket, const headers::Ipv6Address& local, std::uint16_t id);
  void unbind(Ping6Socket& socket);
  /// The way to a peer, as the socket would send. Errors: ip6_route_output's, no_device.
  [[nodiscard]] base::Result<OutputRoute6> route(kernel::Cpu& cpu, const Ping6Socket& socket,
                                                 const headers::Ipv6Address& to, unsigned scope);

  /// Sends an echo request that the application wrote from its ICMPv6 header on. Errors: invalid not an echo request,
  /// message_size, no_memory, and those of route() and output.
  [[nodiscard]] base::Result<void> send(kernel::Cpu& cpu, Ping6Socket& socket, const headers::Ipv6Address& to,
                                        unsigned scope, headers::Bytes message);

 private:
  void receive(kernel::Cpu& cpu, skb::Skb skb, const headers::Ipv6View& header);
  void hear_error(kernel::Cpu& cpu, const Icmp6Error& error);

  Ip6Layer& ip6_;
  std::map<std::uint16_t, Ping6Socket*> by_id_;
  std::uint16_t last_id_ = 0;
};

}  // namespace host::ip6
