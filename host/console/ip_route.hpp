// SPDX-License-Identifier: Apache-2.0
// The names of a route's types, scopes, protocols and tables, and the lists of routes (iproute2: lib/rt_names.c).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/console/ip_command.hpp"
#include "host/ip/fib.hpp"

namespace host::console {

/// Every table: `show table all`.
inline constexpr std::uint32_t kAllTables = 0;

/// Nothing for a word that is no type.
[[nodiscard]] std::optional<ip::RouteType> route_type(std::string_view word);
[[nodiscard]] std::string_view route_type_name(ip::RouteType type);
/// Names or numbers; each throws IpExit.
[[nodiscard]] ip::RouteScope to_route_scope(const std::string& word);
[[nodiscard]] ip::RouteProtocol to_route_protocol(const std::string& word);
[[nodiscard]] std::uint32_t to_route_table(const std::string& word);
[[nodiscard]] std::string route_scope_name(ip::RouteScope scope);
[[nodiscard]] std::string_view route_protocol_name(ip::RouteProtocol protocol);
[[nodiscard]] std::string route_table_name(std::uint32_t table);

void ip_route_list(IpCall& call, IpArguments& arguments);
void ip_route_flush(IpCall& call, IpArguments& arguments);

}  // namespace host::console
