// SPDX-License-Identifier: Apache-2.0
// Ping sockets: ICMP echo without privileges (Linux: net/ipv4/ping.c).
#pragma once

#include <map>

#include "host/ip/inet_sock.hpp"
#include "host/ip/ip_layer.hpp"
#include "host/ip/receive_queue.hpp"

namespace host::ip {

/// Has the echo identifier where UDP has a port. The application writes and reads ICMP headers; identifier and
/// checksum are the stack's.
struct PingSocket {
  explicit PingSocket(std::int64_t receive_limit) : queue(receive_limit) {}

  std::uint16_t id = 0;  // 0: not bound yet
  headers::Ipv4Address local;
  headers::Ipv4Address peer;
  ReceiveQueue queue;
  InetSock inet;
};

/// All ping sockets of one host. Sockets outlive their being bound.
class PingTable {
 public:
  explicit PingTable(IpLayer& ip);
  ~PingTable();
  PingTable(const PingTable&) = delete;
  PingTable& operator=(const PingTable&) = delete;

  /// An identifier of its own; 0 asks for a free one. address_in_use; address_not_available when none is free or
  /// the address is not ours.
  [[nodiscard]] base::Result<void> bind(PingSocket& socket, headers::Ipv4Address local, std::uint16_t id);
  void unbind(PingSocket& socket);

  /// Sends an echo request that the application wrote from its ICMP header on. Errors: invalid not an echo
  /// request, message_size, and those of routing and output.
  [[nodiscard]] base::Result<void> send(kernel::Cpu& cpu, PingSocket& socket, headers::Ipv4Address to,
                                        headers::Bytes message);

 private:
  void receive(kernel::Cpu& cpu, skb::Skb skb, const headers::Ipv4View& header);
  void hear_error(const IcmpError& error, kernel::Cpu& cpu);

  IpLayer& ip_;
  std::map<std::uint16_t, PingSocket*> by_id_;
  std::uint16_t last_id_ = 0;
};

}  // namespace host::ip
