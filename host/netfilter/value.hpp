// SPDX-License-Identifier: Apache-2.0
// What rules compare: numbers as wide as nftables' registers, ranges of them, and the kinds that they are written as.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace host::netfilter {

/// An address, a port, a mark; a name as its bytes, the first one highest (Linux: 16 bytes of nft_regs).
__extension__ typedef unsigned __int128 Value;

/// Both ends belong to it.
struct Interval {
  Value low = 0;
  Value high = 0;

  [[nodiscard]] constexpr bool contains(Value value) const { return low <= value && value <= high; }
  [[nodiscard]] constexpr bool is_single() const { return low == high; }
  friend constexpr bool operator==(const Interval&, const Interval&) = default;
};

/// How a value is written and read (nftables' data types).
enum class DataType : std::uint8_t {
  integer,
  ipv4_addr,
  inet_proto,
  inet_service,
  dscp,
  mark,
  ifname,
  iface_index,
  icmp_type,
  icmp_code,
  tcp_flag,
  ct_state,
  ct_dir,
  ct_status,
  ipv6_addr,
  icmpv6_type,
  icmpv6_code,
  nf_proto,
  ether_type,
};

/// Linux: IFNAMSIZ, the end included.
inline constexpr std::size_t kInterfaceNameBytes = 16;

/// "eth0" as a number; longer names are cut.
[[nodiscard]] constexpr Value name_value(std::string_view name) {
  Value value = 0;
  for (std::size_t i = 0; i < kInterfaceNameBytes; ++i) {
    const auto byte = i < name.size() ? static_cast<unsigned char>(name[i]) : static_cast<unsigned char>(0);
    value = value << 8 | byte;
  }
  return value;
}

/// Every name that begins with `prefix` ("eth*").
[[nodiscard]] constexpr Interval names_with_prefix(std::string_view prefix) {
  const auto free_bits = static_cast<unsigned>(8 * (kInterfaceNameBytes - prefix.size()));
  const Value low = name_value(prefix);
  return {low, free_bits == 128 ? ~Value{0} : low | ((Value{1} << free_bits) - 1)};
}

/// The name of such a number, up to its first zero byte.
[[nodiscard]] inline std::string value_name(Value value) {
  std::string name;
  for (std::size_t i = 0; i < kInterfaceNameBytes; ++i) {
    const auto letter = static_cast<char>(static_cast<unsigned char>(value >> (8 * (kInterfaceNameBytes - 1 - i))));
    if (letter == '\0') {
      break;
    }
    name += letter;
  }
  return name;
}

}  // namespace host::netfilter
