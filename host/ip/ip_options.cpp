// SPDX-License-Identifier: Apache-2.0
// The options of a received packet: checked, and filled in on the way (Linux: net/ipv4/ip_options.c; RFC 791).
#include "host/ip/ip_options.hpp"

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/headers/ipv4.hpp"
#include "host/ip/ip_option.hpp"

namespace host::ip {

using headers::Ipv4Address;
using headers::MutableBytes;

namespace {

enum TimestampFlag : std::uint8_t { kTimeOnly = 0, kTimeAndAddress = 1, kPrespecified = 3 };

constexpr std::size_t kAddressBytes = 4;
constexpr std::uint8_t kOverflowMost = 15;

OptionError error_in(const Option& option, std::size_t offset) {
  return {static_cast<std::uint8_t>(option.at + offset)};
}

using Verdict = std::optional<OptionError>;

Verdict record_route(const Option& option, const OptionStamp& stamp, IpOptions& found) {
  if (found.recorded_address != 0 || option.length < 3) {
    return error_in(option, option.length < 3 ? 1 : 0);
  }
  if (option.pointer() < 4) {
    return error_in(option, 2);
  }
  if (option.is_full()) {
    return std::nullopt;
  }
  if (!option.has_room(kAddressBytes)) {
    return error_in(option, 2);
  }
  const std::size_t slot = option.take_slot(kAddressBytes);
  base::store_be32(option.header, slot, stamp.address.value);
  found.recorded_address = static_cast<std::uint8_t>(slot);
  found.changed = true;
  return std::nullopt;
}

/// No room is left: those who find none are counted, up to 15.
Verdict count_overflow(const Option& option, IpOptions& found) {
  const std::uint8_t flags = option.byte(3);
  if ((flags & 0xfU) == kPrespecified) {
    return std::nullopt;
  }
  const unsigned overflow = flags >> 4U;
  if (overflow == kOverflowMost) {
    return error_in(option, 3);
  }
  option.set_byte(3, (flags & 0xfU) | (overflow + 1) << 4U);
  found.changed = true;
  return std::nullopt;
}

Verdict timestamp(const Option& option, const OptionStamp& stamp, IpOptions& found) {
  if (option.length < 4) {
    return error_in(option, 1);
  }
  if (option.pointer() < 5) {
    return error_in(option, 2);
  }
  if (option.is_full()) {
    return count_overflow(option, found);
  }
  const std::uint8_t flag = option.byte(3) & 0xfU;
  const bool time_only = flag == kTimeOnly;
  if (!time_only && flag != kTimeAndAddress && flag != kPrespecified) {
    return std::nullopt;  // somebody else's meaning
  }
  const std::size_t wanted = time_only ? sizeof(std::uint32_t) : kAddressBytes + sizeof(std::uint32_t);
  if (!option.has_room(wanted)) {
    return error_in(option, 2);
  }
  if (flag == kPrespecified) {
    const std::size_t slot = option.at + option.pointer() - 1U;
    if (!stamp.is_ours({base::load_be32(option.header, slot)})) {
      return std::nullopt;
    }
  }
  const std::size_t slot = option.take_slot(wanted);
  if (flag == kTimeAndAddress) {
    base::store_be32(option.header, slot, stamp.address.value);
    found.stamped_address = static_cast<std::uint8_t>(slot);
  }
  base::store_be32(option.header, slot + wanted - sizeof(std::uint32_t), stamp.milliseconds);
  found.changed = true;
  return std::nullopt;
}

Verdict source_route(const Option& option, IpOptions& found) {
  if (found.source_route != 0 || option.length < 3) {
    return error_in(option, option.length < 3 ? 1 : 0);
  }
  if (option.pointer() < 4) {
    return error_in(option, 2);
  }
  found.source_route = static_cast<std::uint8_t>(option.at);
  found.strict_route = option.kind() == OptionKind::strict_route;
  return std::nullopt;
}

Verdict check(const Option& option, const OptionStamp& stamp, IpOptions& found) {
  switch (option.kind()) {
    case OptionKind::record_route:
      return record_route(option, stamp, found);
    case OptionKind::timestamp:
      return timestamp(option, stamp, found);
    case OptionKind::loose_route:
    case OptionKind::strict_route:
      return source_route(option, found);
    case OptionKind::router_alert:
      return option.length < 4 ? Verdict(error_in(option, 1)) : std::nullopt;
    default:
      return std::nullopt;
  }
}

/// The stops before the next one are this host's: they are passed over.
void advance(MutableBytes header, const IpOptions& options, Ipv4Address address) {
  constexpr std::size_t kDestinationAt = 16;
  const Option route{header, options.source_route, base::load_u8(header, options.source_route + std::size_t{1})};
  while (route.has_room(kAddressBytes)) {
    const std::size_t slot = route.take_slot(kAddressBytes);
    if (base::load_be32(header, slot) == options.next_stop->value) {
      base::store_be32(header, slot, address.value);
      base::store_be32(header, kDestinationAt, options.next_stop->value);
      return;
    }
  }
}

}  // namespace

Verdict ip_options_compile(MutableBytes header, const OptionStamp& stamp, IpOptions& found) {
  for (auto option = first_option(header); option; option = option_behind(*option)) {
    if (option->length == 0) {
      return error_in(*option, 0);
    }
    if (const Verdict error = check(*option, stamp, found)) {
      return error;
    }
  }
  return std::nullopt;
}

void ip_options_build(MutableBytes header, const OptionStamp& stamp) {
  IpOptions found;
  for (auto option = first_option(header); option && option->length > 2; option = option_behind(*option)) {
    if (!option->is_full()) {
      static_cast<void>(check(*option, stamp, found));
    }
  }
}

void ip_forward_options(MutableBytes header, const IpOptions& options, Ipv4Address address) {
  for (const std::uint8_t slot : {options.recorded_address, options.stamped_address}) {
    if (slot != 0) {
      base::store_be32(header, slot, address.value);
    }
  }
  if (options.next_stop) {
    advance(header, options, address);
  }
}

void ip_send_check(MutableBytes header) {
  base::store_be16(header, 10, 0);
  base::store_be16(header, 10, base::internet_checksum(header));
}

}  // namespace host::ip
