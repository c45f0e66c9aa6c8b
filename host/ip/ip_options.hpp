// SPDX-License-Identifier: Apache-2.0
// The options of a received packet: checked, and filled in on the way (Linux: net/ipv4/ip_options.c; RFC 791).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "host/headers/bytes.hpp"
#include "host/headers/ipv4_address.hpp"

namespace host::ip {

/// What options say of this host: its address on the side where the packet came in, and the time of day in
/// milliseconds.
struct OptionStamp {
  headers::Ipv4Address address;
  std::uint32_t milliseconds = 0;
  /// Whether a timestamp prespecified for this address is ours to give. Linux: inet_addr_type != RTN_UNICAST.
  std::function<bool(headers::Ipv4Address)> is_ours;
};

/// Where things are, in bytes from the IP header's first; 0: not there. Linux: struct ip_options.
struct IpOptions {
  std::uint8_t source_route = 0;
  /// It says every hop (SSRR).
  bool strict_route = false;
  /// Where the source route leads next: the destination, when the packet goes on.
  std::optional<headers::Ipv4Address> next_stop = {};
  /// The slots that the stamp's address went into, to be overwritten when the packet leaves by another.
  std::uint8_t recorded_address = 0;
  std::uint8_t stamped_address = 0;
  /// Bytes of the header have changed: its checksum has to.
  bool changed = false;
};

/// A mistake, at this byte of the IP header: the pointer of a parameter problem.
struct OptionError {
  std::uint8_t at = 0;
};

/// Checks every option and records address and time where options ask for them. `header` is the whole IP header; on an
/// error nothing else of it has meaning. Linux: ip_options_compile.
[[nodiscard]] std::optional<OptionError> ip_options_compile(headers::MutableBytes header, const OptionStamp& stamp,
                                                            IpOptions& found);

/// A packet of this host's leaves: record route and timestamp have its address and the time too, where there is room.
/// Linux: ip_options_build.
void ip_options_build(headers::MutableBytes header, const OptionStamp& stamp);

/// The packet goes on, out by `address`: what was recorded names that address instead, and so does the source route in
/// the place of the next stop, which becomes the destination. Linux: ip_forward_options.
void ip_forward_options(headers::MutableBytes header, const IpOptions& options, headers::Ipv4Address address);

/// The header's checksum is computed anew. Linux: ip_send_check.
void ip_send_check(headers::MutableBytes header);

}  // namespace host::ip
