// SPDX-License-Identifier: Apache-2.0
// A name server for a few names (RFC 1035): answers A questions out of a table.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "host/socket/socket_calls.hpp"

namespace host::apps {

inline constexpr std::uint16_t kDnsPort = 53;

/// Names without the last dot, in lower case, to their addresses.
using DnsNames = std::map<std::string, std::vector<headers::Ipv4Address>>;

struct DnsStats {
  std::uint64_t queries = 0;
  std::uint64_t answered = 0;  // with an address
  std::uint64_t no_data = 0;   // the name is known, what was asked for is not
  std::uint64_t unknown = 0;   // NXDOMAIN
  std::uint64_t refused = 0;   // NOTIMP or FORMERR
  std::uint64_t ignored = 0;   // no query at all: no answer, so that two servers cannot talk for ever
  std::uint64_t send_failures = 0;
};

/// The answer to one datagram; empty when it deserves none. A record for each address that fits into 512 bytes
/// (section 4.2.1), TC set when some do not.
[[nodiscard]] std::vector<std::byte> dns_answer(headers::Bytes query, const DnsNames& names, DnsStats& stats);

/// Serves for ever, or until the socket cannot be had (its Errno). `names` and `stats` outlive it.
[[nodiscard]] kernel::Task<base::Result<void>> dns_responder(kernel::Process& self, socket::SocketCalls& sockets,
                                                             const DnsNames& names, DnsStats& stats,
                                                             std::uint16_t port = kDnsPort);

}  // namespace host::apps
