// SPDX-License-Identifier: Apache-2.0
// Names and numbers of a route's parts.
#include <array>
#include <charconv>
#include <utility>

#include "host/console/ip_route.hpp"

namespace host::console {

using ip::RouteProtocol;
using ip::RouteScope;
using ip::RouteType;

namespace {

template <typename Value, std::size_t N>
using Names = std::array<std::pair<std::string_view, Value>, N>;

constexpr Names<RouteType, 9> kTypes{{{"unicast", RouteType::unicast},
                                      {"local", RouteType::local},
                                      {"broadcast", RouteType::broadcast},
                                      {"brd", RouteType::broadcast},
                                      {"multicast", RouteType::multicast},
                                      {"blackhole", RouteType::blackhole},
                                      {"unreachable", RouteType::unreachable},
                                      {"prohibit", RouteType::prohibit},
                                      {"throw", RouteType::throw_}}};
constexpr Names<RouteScope, 5> kScopes{{{"global", RouteScope::universe},
                                        {"site", RouteScope::site},
                                        {"link", RouteScope::link},
                                        {"host", RouteScope::host},
                                        {"nowhere", RouteScope::nowhere}}};
constexpr Names<RouteProtocol, 5> kProtocols{{{"unspec", RouteProtocol::unspecified},
                                              {"redirect", RouteProtocol::redirect},
                                              {"kernel", RouteProtocol::kernel},
                                              {"boot", RouteProtocol::boot},
                                              {"static", RouteProtocol::static_}}};
constexpr Names<std::uint32_t, 4> kTables{
    {{"default", ip::kDefaultTable}, {"main", ip::kMainTable}, {"local", ip::kLocalTable}, {"all", kAllTables}}};

template <typename Value, std::size_t N>
std::optional<Value> find(const Names<Value, N>& names, std::string_view word) {
  for (const auto& [name, value] : names) {
    if (name == word) return value;
  }
  return std::nullopt;
}

template <typename Value, std::size_t N>
std::string_view name_of(const Names<Value, N>& names, Value wanted) {
  for (const auto& [name, value] : names) {
    if (value == wanted) return name;
  }
  return {};
}

std::optional<std::uint32_t> to_number(std::string_view word) {
  std::uint32_t number = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace

std::optional<RouteType> route_type(std::string_view word) {
  return find(kTypes, word);
}

std::string_view route_type_name(RouteType type) {
  return name_of(kTypes, type);
}

RouteScope to_route_scope(const std::string& word) {
  if (const auto scope = find(kScopes, word)) return *scope;
  const auto number = to_number(word);
  if (!number || *number > 0xff) throw wrong_argument("invalid \"scope\" value\n", word);
  return static_cast<RouteScope>(*number);
}

RouteProtocol to_route_protocol(const std::string& word) {
  if (const auto protocol = find(kProtocols, word)) return *protocol;
  throw wrong_argument("\"protocol\" value is invalid\n", word);
}

std::uint32_t to_route_table(const std::string& word) {
  if (const auto table = find(kTables, word)) return *table;
  const auto number = to_number(word);
  if (!number) throw wrong_argument("table id value is invalid\n", word);
  return *number;
}

std::string route_scope_name(RouteScope scope) {
  const std::string_view name = name_of(kScopes, scope);
  return name.empty() ? std::to_string(static_cast<unsigned>(scope)) : std::string(name);
}

std::string_view route_protocol_name(RouteProtocol protocol) {
  return name_of(kProtocols, protocol);
}

std::string route_table_name(std::uint32_t table) {
  const std::string_view name = name_of(kTables, table);
  return name.empty() ? std::to_string(table) : std::string(name);
}

}  // namespace host::console
