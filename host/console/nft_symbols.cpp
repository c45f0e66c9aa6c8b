// SPDX-License-Identifier: Apache-2.0
// The symbols of each data type, and values as text.
#include "host/console/nft_symbols.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <span>

#include "host/netfilter/address_value.hpp"

namespace host::console {

using netfilter::DataType;
using netfilter::Interval;
using netfilter::Value;

namespace {

struct Symbol {
  std::string_view name;
  std::uint32_t value;
};

constexpr std::array<Symbol, 14> kProtocols{{{"icmp", 1},
                                             {"igmp", 2},
                                             {"ipencap", 4},
                                             {"tcp", 6},
                                             {"udp", 17},
                                             {"dccp", 33},
                                             {"ipv6", 41},
                                             {"gre", 47},
                                             {"esp", 50},
                                             {"ah", 51},
                                             {"ipv6-icmp", 58},
                                             {"comp", 108},
                                             {"sctp", 132},
                                             {"udplite", 136}}};
/// Read, never written: nft shows ports as numbers.
constexpr std::array<Symbol, 20> kServices{{{"ftp", 21},    {"ssh", 22},    {"telnet", 23},    {"smtp", 25},
                                            {"domain", 53}, {"bootps", 67}, {"bootpc", 68},    {"tftp", 69},
                                            {"http", 80},   {"pop3", 110},  {"ntp", 123},      {"imap2", 143},
                                            {"snmp", 161},  {"ldap", 389},  {"https", 443},    {"syslog", 514},
                                            {"imaps", 993}, {"pop3s", 995}, {"openvpn", 1194}, {"http-alt", 8080}}};
constexpr std::array<Symbol, 22> kDscp{
    {{"cs0", 0},   {"cs1", 8},   {"cs2", 16},  {"cs3", 24},  {"cs4", 32},  {"cs5", 40},  {"cs6", 48},  {"cs7", 56},
     {"lephb", 1}, {"af11", 10}, {"af12", 12}, {"af13", 14}, {"af21", 18}, {"af22", 20}, {"af23", 22}, {"af31", 26},
     {"af32", 28}, {"af33", 30}, {"af41", 34}, {"af42", 36}, {"af43", 38}, {"ef", 46}}};
constexpr std::array<Symbol, 13> kIcmpTypes{{{"echo-reply", 0},
                                             {"destination-unreachable", 3},
                                             {"source-quench", 4},
                                             {"redirect", 5},
                                             {"echo-request", 8},
                                             {"router-advertisement", 9},
                                             {"router-solicitation", 10},
                                             {"time-exceeded", 11},
                                             {"parameter-problem", 12},
                                             {"timestamp-request", 13},
                                             {"timestamp-reply", 14},
                                             {"info-request", 15},
                                             {"info-reply", 16}}};
constexpr std::array<Symbol, 8> kIcmpCodes{{{"net-unreachable", 0},
                                            {"host-unreachable", 1},
                                            {"prot-unreachable", 2},
                                            {"port-unreachable", 3},
                                            {"frag-needed", 4},
                                            {"net-prohibited", 9},
                                            {"host-prohibited", 10},
                                            {"admin-prohibited", 13}}};
constexpr std::array<Symbol, 17> kIcmp6Types{{{"destination-unreachable", 1},
                                              {"packet-too-big", 2},
                                              {"time-exceeded", 3},
                                              {"parameter-problem", 4},
                                              {"echo-request", 128},
                                              {"echo-reply", 129},
                                              {"mld-listener-query", 130},
                                              {"mld-listener-report", 131},
                                              {"mld-listener-done", 132},
                                              {"nd-router-solicit", 133},
                                              {"nd-router-advert", 134},
                                              {"nd-neighbor-solicit", 135},
                                              {"nd-neighbor-advert", 136},
                                              {"nd-redirect", 137},
                                              {"router-renumbering", 138},
                                              {"mld2-listener-report", 143},
                                              {"mld-listener-reduction", 132}}};
constexpr std::array<Symbol, 6> kIcmp6Codes{{{"no-route", 0},
                                             {"admin-prohibited", 1},
                                             {"addr-unreachable", 3},
                                             {"port-unreachable", 4},
                                             {"policy-fail", 5},
                                             {"reject-route", 6}}};
constexpr std::array<Symbol, 2> kNfProtocols{{{"ipv4", 2}, {"ipv6", 10}}};
constexpr std::array<Symbol, 5> kEtherTypes{
    {{"ip", 0x0800}, {"arp", 0x0806}, {"ip6", 0x86dd}, {"vlan", 0x8100}, {"8021q", 0x8100}}};
constexpr std::array<Symbol, 8> kTcpFlags{{{"fin", 0x01},
                                           {"syn", 0x02},
                                           {"rst", 0x04},
                                           {"psh", 0x08},
                                           {"ack", 0x10},
                                           {"urg", 0x20},
                                           {"ecn", 0x40},
                                           {"cwr", 0x80}}};
constexpr std::array<Symbol, 5> kCtStates{
    {{"invalid", 1}, {"established", 2}, {"related", 4}, {"new", 8}, {"untracked", 64}}};
constexpr std::array<Symbol, 2> kCtDirections{{{"original", 0}, {"reply", 1}}};
constexpr std::array<Symbol, 7> kCtStatus{{{"expected", 0x01},
                                           {"seen-reply", 0x02},
                                           {"assured", 0x04},
                                           {"confirmed", 0x08},
                                           {"snat", 0x10},
                                           {"dnat", 0x20},
                                           {"dying", 0x200}}};

/// A data type: its name, what nft calls its values, and their symbols.
struct TypeInfo {
  DataType type;
  std::string_view name;
  std::string_view description;
  std::span<const Symbol> symbols;
};

constexpr std::array<TypeInfo, 19> kTypes{{
    {DataType::integer, "integer", "integer", {}},
    {DataType::ipv4_addr, "ipv4_addr", "IPv4 address", {}},
    {DataType::inet_proto, "inet_proto", "Internet protocol", kProtocols},
    {DataType::inet_service, "inet_service", "internet network service", kServices},
    {DataType::dscp, "dscp", "Differentiated Services Code Point", kDscp},
    {DataType::mark, "mark", "packet mark", {}},
    {DataType::ifname, "ifname", "network interface name", {}},
    {DataType::iface_index, "iface_index", "network interface index", {}},
    {DataType::icmp_type, "icmp_type", "ICMP type", kIcmpTypes},
    {DataType::icmp_code, "icmp_code", "icmp code", kIcmpCodes},
    {DataType::tcp_flag, "tcp_flag", "TCP flag", kTcpFlags},
    {DataType::ct_state, "ct_state", "conntrack state", kCtStates},
    {DataType::ct_dir, "ct_dir", "conntrack direction", kCtDirections},
    {DataType::ct_status, "ct_status", "conntrack status", kCtStatus},
    {DataType::ipv6_addr, "ipv6_addr", "IPv6 address", {}},
    {DataType::icmpv6_type, "icmpv6_type", "ICMPv6 type", kIcmp6Types},
    {DataType::icmpv6_code, "icmpv6_code", "icmpv6 code", kIcmp6Codes},
    {DataType::nf_proto, "nf_proto", "netfilter protocol", kNfProtocols},
    {DataType::ether_type, "ether_type", "Ethernet protocol", kEtherTypes},
}};

const TypeInfo& info_of(DataType type) {
  return kTypes[static_cast<std::size_t>(type)];
}

/// The free low bits of a range that is a prefix; nothing when it is none.
std::optional<unsigned> prefix_free_bits(const Interval& interval) {
  const Value free = interval.low ^ interval.high;
  if ((free & (free + 1)) != 0 || (interval.low & free) != 0) {
    return std::nullopt;
  }
  unsigned bits = 0;
  while (bits < 128 && (free >> bits) != 0) {
    ++bits;
  }
  return bits;
}

std::optional<Interval> read_name(std::string_view text) {
  if (text.ends_with("\\*")) {
    return std::nullopt;
  }
  const bool wildcard = text.ends_with('*');
  const std::string_view name = wildcard ? text.substr(0, text.size() - 1) : text;
  if (name.size() >= netfilter::kInterfaceNameBytes || text.empty()) {
    return std::nullopt;
  }
  const Value value = netfilter::name_value(name);
  return wildcard ? netfilter::names_with_prefix(name) : Interval{value, value};
}

std::optional<Value> read_single(DataType type, std::string_view text, const NftInterfaces& interfaces) {
  if (const auto symbol = nft_symbol_value(type, text)) {
    return *symbol;
  }
  if (type == DataType::ipv4_addr) {
    const auto address = headers::Ipv4Address::parse(text);
    return address ? std::optional<Value>(address->value) : std::nullopt;
  }
  if (type == DataType::ipv6_addr) {
    const auto address = headers::Ipv6Address::parse(text);
    return address ? std::optional<Value>(netfilter::address_value(*address)) : std::nullopt;
  }
  if (type == DataType::iface_index) {
    if (const auto index = interfaces.index_of(text)) {
      return *index;
    }
  }
  const auto number = nft_number(text);
  return number ? std::optional<Value>(*number) : std::nullopt;
}

std::string write_flags(const TypeInfo& info, Value value) {
  std::string text;
  for (const Symbol& symbol : info.symbols) {
    if ((value & symbol.value) != 0) {
      text.append(text.empty() ? "" : ",").append(symbol.name);
      value &= ~Value{symbol.value};
    }
  }
  if (value != 0 || text.empty()) {
    text += fmt::format("{}0x{:x}", text.empty() ? "" : ",", static_cast<std::uint64_t>(value));
  }
  return text;
}

}  // namespace

std::string_view nft_type_description(DataType type) {
  return info_of(type).description;
}

std::string_view nft_type_name(DataType type) {
  return info_of(type).name;
}

std::optional<DataType> nft_type_of_name(std::string_view name) {
  for (const TypeInfo& info : kTypes) {
    if (info.name == name && info.type != DataType::integer) {
      return info.type;
    }
  }
  return std::nullopt;
}

std::string nft_complaint(DataType type) {
  switch (type) {
    case DataType::ipv4_addr:
    case DataType::ipv6_addr:
      return "Could not resolve hostname: Name or service not known";
    case DataType::inet_proto:
      return "Could not resolve protocol name";
    case DataType::inet_service:
      return "Could not resolve service: Servname not supported for ai_socktype";
    case DataType::iface_index:
      return "Interface does not exist";
    case DataType::ifname:
      return "String exceeds maximum length of 16";
    default:
      return fmt::format("Could not parse {}", info_of(type).description);
  }
}

std::optional<std::uint32_t> nft_symbol_value(DataType type, std::string_view name) {
  for (const Symbol& symbol : info_of(type).symbols) {
    if (symbol.name == name) {
      return symbol.value;
    }
  }
  return std::nullopt;
}

std::string_view nft_symbol_name(DataType type, Value value) {
  for (const Symbol& symbol : info_of(type).symbols) {
    if (symbol.value == value && type != DataType::inet_service) {
      return symbol.name;
    }
  }
  return {};
}

std::optional<std::uint64_t> nft_number(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) {
    text.remove_prefix(2);
  }
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal ? 16 : 10);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<Interval> nft_read_value(DataType type, std::string_view text, const NftInterfaces& interfaces) {
  if (type == DataType::ifname) {
    return read_name(text);
  }
  const auto value = read_single(type, text, interfaces);
  return value ? std::optional(Interval{*value, *value}) : std::nullopt;
}

std::string nft_write_value(DataType type, Value value, const NftInterfaces& interfaces) {
  const auto number = static_cast<std::uint64_t>(value);
  if (nft_is_flags(type)) {
    return write_flags(info_of(type), value);
  }
  if (const std::string_view name = nft_symbol_name(type, value); !name.empty()) {
    return std::string(name);
  }
  switch (type) {
    case DataType::ipv4_addr:
      return to_string(headers::Ipv4Address{static_cast<std::uint32_t>(value)});
    case DataType::ipv6_addr:
      return to_string(netfilter::ipv6_address(value));
    case DataType::ether_type:
      return fmt::format("0x{:04x}", number);
    case DataType::mark:
      return fmt::format("0x{:08x}", number);
    case DataType::dscp:
      return fmt::format("0x{:02x}", number);
    case DataType::ifname:
      return '"' + netfilter::value_name(value) + '"';
    case DataType::iface_index:
      if (const auto name = interfaces.name_of(static_cast<unsigned>(value))) {
        return '"' + *name + '"';
      }
      return fmt::format("{}", number);
    default:
      return fmt::format("{}", number);
  }
}

std::string nft_write_interval(DataType type, const Interval& interval, const NftInterfaces& interfaces) {
  if (interval.is_single()) {
    return nft_write_value(type, interval.low, interfaces);
  }
  const auto free_bits = prefix_free_bits(interval);
  if (type == DataType::ifname) {
    return '"' + netfilter::value_name(interval.low) + "*\"";
  }
  if (const unsigned bits = nft_address_bits(type); bits != 0 && free_bits) {
    return fmt::format("{}/{}", nft_write_value(type, interval.low, interfaces), bits - *free_bits);
  }
  return nft_write_value(type, interval.low, interfaces) + '-' + nft_write_value(type, interval.high, interfaces);
}

std::string nft_write_time(platform::Nanoseconds time) {
  struct Unit {
    std::string_view name;
    std::int64_t milliseconds;
  };
  constexpr std::array<Unit, 5> kUnits{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
  std::int64_t left = time / 1'000'000;
  std::string text;
  for (const auto& [name, milliseconds] : kUnits) {
    if (left >= milliseconds) text += fmt::format("{}{}", left / milliseconds, name);
    left %= milliseconds;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace host::console
