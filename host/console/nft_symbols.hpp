// SPDX-License-Identifier: Apache-2.0
// How nft writes and reads values of each data type (nftables: datatype.c).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "host/netfilter/value.hpp"
#include "host/platform/cpu_platform.hpp"

namespace host::console {

/// The interfaces' names and indexes, which `iif` and `oif` need.
struct NftInterfaces {
  std::function<std::optional<unsigned>(std::string_view)> index_of;
  std::function<std::optional<std::string>(unsigned)> name_of;
  /// The host's time, from which elements' lives are counted.
  platform::Nanoseconds now = 0;
};

/// "ipv4_addr", as a set's type is declared.
[[nodiscard]] std::string_view nft_type_name(netfilter::DataType type);
/// "IPv4 address", as complaints call it.
[[nodiscard]] std::string_view nft_type_description(netfilter::DataType type);
[[nodiscard]] std::optional<netfilter::DataType> nft_type_of_name(std::string_view name);

/// One value; a name that ends in * is a range of names. Nothing: no such value.
[[nodiscard]] std::optional<netfilter::Interval> nft_read_value(netfilter::DataType type, std::string_view text,
                                                                const NftInterfaces& interfaces);
[[nodiscard]] std::string nft_write_value(netfilter::DataType type, netfilter::Value value,
                                          const NftInterfaces& interfaces);
/// A value, a prefix (10.0.0.0/8), names with a prefix ("eth*") or a range (1-5).
[[nodiscard]] std::string nft_write_interval(netfilter::DataType type, const netfilter::Interval& interval,
                                             const NftInterfaces& interfaces);
/// What nft says of a text that is no value of the type.
[[nodiscard]] std::string nft_complaint(netfilter::DataType type);

/// The number of a name among `icmp type host-unreachable` and its like; nothing when there is none.
[[nodiscard]] std::optional<std::uint32_t> nft_symbol_value(netfilter::DataType type, std::string_view name);
/// Its name; empty when it has none.
[[nodiscard]] std::string_view nft_symbol_name(netfilter::DataType type, netfilter::Value value);
/// The type is a set of flags (`ct state new,established`).
[[nodiscard]] constexpr bool nft_is_flags(netfilter::DataType type) {
  return type == netfilter::DataType::tcp_flag || type == netfilter::DataType::ct_state ||
         type == netfilter::DataType::ct_status;
}
/// 32 or 128 of the two kinds of addresses, else 0.
[[nodiscard]] constexpr unsigned nft_address_bits(netfilter::DataType type) {
  return type == netfilter::DataType::ipv4_addr ? 32 : type == netfilter::DataType::ipv6_addr ? 128 : 0;
}
/// "1h30m".
[[nodiscard]] std::string nft_write_time(platform::Nanoseconds time);
/// A number, decimal or 0x and hexadecimal.
[[nodiscard]] std::optional<std::uint64_t> nft_number(std::string_view text);

}  // namespace host::console
