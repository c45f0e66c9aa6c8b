// SPDX-License-Identifier: Apache-2.0
// A packet of either family as netfilter reads it: who speaks to whom, and where the transport header is.
#pragma once

#include <optional>

#include "host/headers/bytes.hpp"
#include "host/headers/ip_address.hpp"

namespace host::netfilter {

class PacketView {
 public:
  /// `bytes` begin at the network header and may be cut off behind it: a quote, or the linear part of a packet.
  /// Nothing: neither IPv4 nor IPv6, or a header that is no good.
  [[nodiscard]] static std::optional<PacketView> parse(headers::Bytes bytes);

  [[nodiscard]] bool is_ipv6() const { return ipv6_; }
  [[nodiscard]] headers::IpAddress source() const;
  [[nodiscard]] headers::IpAddress destination() const;
  /// The transport's; of IPv6 what is behind the extension headers, 59 when they lead nowhere.
  [[nodiscard]] std::uint8_t protocol() const { return protocol_; }
  [[nodiscard]] std::uint16_t fragment_offset() const { return fragment_offset_; }
  [[nodiscard]] bool is_fragment() const { return more_ || fragment_offset_ != 0; }

  /// From the network header on, what is there without padding.
  [[nodiscard]] headers::Bytes packet() const { return packet_; }
  /// The transport header and what is there behind it; empty for later fragments.
  [[nodiscard]] headers::Bytes transport() const {
    return fragment_offset_ == 0 ? packet_.subspan(transport_at_) : headers::Bytes{};
  }
  [[nodiscard]] std::size_t transport_at() const { return transport_at_; }
  /// Its bytes by what the network header says, whether they are there or not.
  [[nodiscard]] std::size_t transport_bytes() const { return total_ - transport_at_; }

 private:
  static std::optional<PacketView> parse_ipv4(headers::Bytes bytes);
  static std::optional<PacketView> parse_ipv6(headers::Bytes bytes);

  headers::Bytes packet_;
  std::size_t transport_at_ = 0;
  std::size_t total_ = 0;
  std::uint16_t fragment_offset_ = 0;
  std::uint8_t protocol_ = 0;
  bool more_ = false;
  bool ipv6_ = false;
};

}  // namespace host::netfilter
