// SPDX-License-Identifier: Apache-2.0
// Raw sockets: whole IPv4 packets of one protocol, beside whoever else takes them (Linux: net/ipv4/raw.c; raw(7)).
#pragma once

#include <random>
#include <vector>

#include "host/ip/ip_layer.hpp"
#include "host/ip/ip_route.hpp"
#include "host/ip/sock.hpp"

namespace host::ip {

/// Linux: IPPROTO_RAW: sends packets with headers of their own, receives nothing.
inline constexpr std::uint8_t kProtocolRaw = 255;

struct RawSocket : Sock {
  RawSocket(std::uint8_t its_protocol, std::int64_t receive_limit, std::int64_t send_limit)
      : Sock(receive_limit, send_limit), protocol(its_protocol), header_included(its_protocol == kProtocolRaw) {}

  std::uint8_t protocol;
  bool header_included;           // IP_HDRINCL
  std::uint32_t icmp_filter = 0;  // ICMP_FILTER: bit n keeps messages of type n away
  headers::Ipv4Address local;
  headers::Ipv4Address peer;
};

/// The raw sockets of one host, in the order in which they were made. IP outlives it; no socket does.
class RawTable {
 public:
  explicit RawTable(IpLayer& ip);
  ~RawTable();
  RawTable(const RawTable&) = delete;
  RawTable& operator=(const RawTable&) = delete;

  void add(RawSocket& socket);
  void remove(RawSocket& socket);
  [[nodiscard]] const std::vector<RawSocket*>& sockets() const { return sockets_; }

  /// Behind an IPv4 header of ours, or, with IP_HDRINCL, with its own, whose length, checksum and, when they are 0,
  /// source and identifier are filled in. Errors: message_size (longer than the MTU with IP_HDRINCL, than a packet
  /// without), invalid no IPv4 header, no_memory, and those of routing and output.
  [[nodiscard]] base::Result<void> send(kernel::Cpu& cpu, RawSocket& socket, headers::Ipv4Address to,
                                        headers::Bytes bytes);

 private:
  /// Linux: raw_local_deliver.
  bool receive(kernel::Cpu& cpu, const skb::SkBuff& skb, const headers::Ipv4View& header);
  [[nodiscard]] bool wants(kernel::Cpu& cpu, RawSocket& socket, const skb::SkBuff& skb,
                           const headers::Ipv4View& header);
  void queue(kernel::Cpu& cpu, RawSocket& socket, const skb::SkBuff& skb, const headers::Ipv4View& header);
  [[nodiscard]] base::Result<void> send_with_header(kernel::Cpu& cpu, RawSocket& socket, const OutputRoute& route,
                                                    headers::Bytes packet);

  IpLayer& ip_;
  std::vector<RawSocket*> sockets_;
  std::minstd_rand random_;  // for filters that ask for a random number
};

}  // namespace host::ip
