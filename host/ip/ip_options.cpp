// SPDX-License-Identifier: Apache-2.0
// The options of a received packet: checked, and filled in on the way (Linux: net/ipv4/ip_options.c; RFC 791).
#include "host/ip/ip_options.hpp"

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/headers/ipv4.hpp"

namespace host::ip {

using headers::Ipv4Address;
using headers::MutableBytes;

namespace {

enum Kind : std::uint8_t {
  kEnd = 0,
  kNoOperation = 1,
  kRecordRoute = 7,
  kTimestamp = 68,
  kLooseRoute = 131,
  kStrictRoute = 137,
  kRouterAlert = 148,
};

enum TimestampFlag : std::uint8_t { kTimeOnly = 0, kTimeAndAddress = 1, kPrespecified = 3 };

constexpr std::size_t kAddressBytes = 4;
constexpr std::uint8_t kOverflowMost = 15;

/// One option while it is looked at. Offsets in it are the option's own; RFC 791 counts its pointer from 1.
struct Option {
  MutableBytes header;
  std::size_t at;
  std::size_t length;

  [[nodiscard]] std::uint8_t byte(std::size_t offset) const { return base::load_u8(header, at + offset); }
  void set_byte(std::size_t offset, unsigned value) const {
    base::store_u8(header, at + offset, static_cast<std::uint8_t>(value));
  }
  [[nodiscard]] std::uint8_t pointer() const { return byte(2); }
  [[nodiscard]] OptionError error(std::size_t offset) const { return {static_cast<std::uint8_t>(at + offset)}; }
  /// Bytes of the slot that the pointer names; the pointer moves behind it.
  [[nodiscard]] std::size_t take_slot(std::size_t bytes) const {
    const std::size_t slot = at + pointer() - 1U;
    set_byte(2, pointer() + static_cast<unsigned>(bytes));
    return slot;
  }
  [[nodiscard]] bool has_room(std::size_t bytes) const { return pointer() + bytes - 1 <= length; }
};

using Verdict = std::optional<OptionError>;

Verdict record_route(const Option& option, const OptionStamp& stamp, IpOptions& found) {
  if (found.recorded_address != 0 || option.length < 3) {
    return option.error(option.length < 3 ? 1 : 0);
  }
  if (option.pointer() < 4) {
    return option.error(2);
  }
  if (option.pointer() > option.length) {
    return std::nullopt;  // full
  }
  if (!option.has_room(kAddressBytes)) {
    return option.error(2);
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
    return option.error(3);
  }
  option.set_byte(3, (flags & 0xfU) | (overflow + 1) << 4U);
  found.changed = true;
  return std::nullopt;
}

Verdict timestamp(const Option& option, const OptionStamp& stamp, IpOptions& found) {
  if (option.length < 4) {
    return option.error(1);
  }
  if (option.pointer() < 5) {
    return option.error(2);
  }
  if (option.pointer() > option.length) {
    return count_overflow(option, found);
  }
  const std::uint8_t flag = option.byte(3) & 0xfU;
  const bool time_only = flag == kTimeOnly;
  if (!time_only && flag != kTimeAndAddress && flag != kPrespecified) {
    return std::nullopt;  // somebody else's meaning
  }
  const std::size_t wanted = time_only ? sizeof(std::uint32_t) : kAddressBytes + sizeof(std::uint32_t);
  if (!option.has_room(wanted)) {
    return option.error(2);
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
    return option.error(option.length < 3 ? 1 : 0);
  }
  if (option.pointer() < 4) {
    return option.error(2);
  }
  found.source_route = static_cast<std::uint8_t>(option.at);
  found.strict_route = option.byte(0) == kStrictRoute;
  return std::nullopt;
}

Verdict check(const Option& option, const OptionStamp& stamp, IpOptions& found) {
  switch (option.byte(0)) {
    case kRecordRoute:
      return record_route(option, stamp, found);
    case kTimestamp:
      return timestamp(option, stamp, found);
    case kLooseRoute:
    case kStrictRoute:
      return source_route(option, found);
    case kRouterAlert:
      return option.length < 4 ? Verdict(option.error(1)) : std::nullopt;
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
  for (std::size_t at = headers::kIpv4HeaderBytes; at < header.size();) {
    const std::uint8_t kind = base::load_u8(header, at);
    if (kind == kEnd) {
      break;
    }
    if (kind == kNoOperation) {
      ++at;
      continue;
    }
    const std::size_t left = header.size() - at;
    const std::size_t length = left < 2 ? 0 : base::load_u8(header, at + 1);
    const Option option{header, at, length};
    if (length < 2 || length > left) {
      return option.error(0);
    }
    if (const Verdict error = check(option, stamp, found)) {
      return error;
    }
    at += length;
  }
  return std::nullopt;
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
