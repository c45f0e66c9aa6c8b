// SPDX-License-Identifier: Apache-2.0
// Raw sockets over IPv6: packets of one protocol, beside whoever else takes them (Linux: net/ipv6/raw.c; ipv6(7), RFC
// 3542 section 3).
#pragma once

#include <bitset>
#include <optional>
#include <random>
#include <vector>

#include "host/ip/sock.hpp"
#include "host/ip6/inet6_sock.hpp"
#include "host/ip6/ip6_route.hpp"

namespace host::ip6 {

/// ICMP6_FILTER: bit n keeps messages of type n away.
using Icmp6Filter = std::bitset<256>;

struct Raw6Socket : ip::Sock {
  Raw6Socket(std::uint8_t its_protocol, std::int64_t receive_limit, std::int64_t send_limit);

  std::uint8_t protocol;
  Inet6Sock inet6;
  /// IPV6_CHECKSUM: where it is in what is sent and heard; nothing: there is none.
  std::optional<std::uint16_t> checksum_at;
  Icmp6Filter icmp_filter;
  headers::Ipv6Address local = {};
  headers::Ipv6Address peer = {};
  unsigned scope = 0;  // of a link-local peer
};

/// The raw sockets of one host, in the order in which they were made. IPv6 outlives it; no socket does.
class Raw6Table {
 public:
  explicit Raw6Table(Ip6Layer& ip6);
  ~Raw6Table();
  Raw6Table(const Raw6Table&) = delete;
  Raw6Table& operator=(const Raw6Table&) = delete;

  void add(Raw6Socket& socket);
  void remove(Raw6Socket& socket);
  [[nodiscard]] const std::vector<Raw6Socket*>& sockets() const { return sockets_; }

  /// The way to `to`, whose device `scope` names when it is of a link. Errors: ip6_route_output's; no_device.
  [[nodiscard]] base::Result<OutputRoute6> route(kernel::Cpu& cpu, const Raw6Socket& socket,
                                                 const headers::Ipv6Address& to, unsigned scope);
  /// Behind an IPv6 header of ours, with the checksum where it belongs. Errors: message_size (larger than a packet, or
  /// than the MTU when IPV6_MTU_DISCOVER forbids fragments), invalid too short for its checksum, no_memory, and those
  /// of routing and output.
  [[nodiscard]] base::Result<void> send(kernel::Cpu& cpu, Raw6Socket& socket, const headers::Ipv6Address& to,
                                        unsigned scope, headers::Bytes bytes);

 private:
  /// Linux: raw6_local_deliver.
  bool receive(kernel::Cpu& cpu, const skb::SkBuff& skb, const headers::Ipv6View& header, headers::NextHeader protocol);
  void queue(kernel::Cpu& cpu, Raw6Socket& socket, const skb::SkBuff& skb);

  Ip6Layer& ip6_;
  std::vector<Raw6Socket*> sockets_;
  std::minstd_rand random_;  // for filters that ask for a random number
};

}  // namespace host::ip6
