// SPDX-License-Identifier: Apache-2.0
// Answers have the options of what they answer (RFC 1122 section 3.2.2.6; Linux: __ip_options_echo).
#pragma once

#include <array>
#include <optional>

#include "host/headers/ipv4.hpp"

namespace host::ip {

class EchoedOptions {
 public:
  /// What belongs behind the answer's header: bytes, a multiple of four.
  [[nodiscard]] headers::Bytes bytes() const { return headers::Bytes(bytes_).first(size_); }
  /// Where the answer goes first, when it goes back by a source route; the rest of the way is in the options.
  [[nodiscard]] std::optional<headers::Ipv4Address> first_stop() const { return first_stop_; }

 private:
  friend EchoedOptions ip_options_echo(const headers::Ipv4View& header);
  void add(headers::Bytes option);
  void add_way_back(const struct Option& route, headers::Ipv4Address to);
  void pad();

  std::array<std::byte, headers::kIpv4HeaderBytesMost - headers::kIpv4HeaderBytes> bytes_{};
  std::size_t size_ = 0;
  std::optional<headers::Ipv4Address> first_stop_;
};

/// Of a packet whose options were accepted (IpControl): record route and timestamp as they are now, a source route
/// backwards.
[[nodiscard]] EchoedOptions ip_options_echo(const headers::Ipv4View& header);

}  // namespace host::ip
