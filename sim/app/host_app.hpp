// SPDX-License-Identifier: Apache-2.0
// What the simulated host does with what it receives.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/apps/host.hpp"
#include "host/apps/reflect.hpp"
#include "host/apps/udp_echo.hpp"
#include "sim/board/report.hpp"

namespace sim::app {

enum class HostAppKind : std::uint8_t { udp_echo, sink, reflect };

/// Throws UserError for another name.
[[nodiscard]] HostAppKind parse_host_app(const std::string& name);

/// What the host's interface is called. With an IPv6 address it has IPv6, without duplicate detection and routers:
/// their seconds are long in simulation.
struct HostAddresses {
  host::headers::Ipv4Prefix ipv4;
  std::optional<host::headers::Ipv6Prefix> ipv6 = {};
};

/// "10.0.0.2/24" and "fd00::2/64", at most one of each; 10.77.0.2/24 when there is none of IPv4. Throws UserError for
/// anything that is no host address with a prefix length.
[[nodiscard]] HostAddresses parse_addresses(const std::vector<std::string>& texts);

class HostApp {
 public:
  HostApp(HostAppKind kind, const HostAddresses& addresses) : kind_(kind), addresses_(addresses) {}

  /// Gives the interface its addresses and starts. A problem in one line, or nothing.
  [[nodiscard]] std::string start(host::apps::Host& host, host::device::NetDevice& device);
  /// Adds what it counted, and a violation when it ended early.
  void report(board::Report& report) const;

 private:
  [[nodiscard]] std::string start_ipv6(host::apps::Host& host, host::device::NetDevice& device) const;
  [[nodiscard]] host::kernel::Task<void> serve(host::kernel::Process& self, host::socket::SocketCalls& sockets);

  HostAppKind kind_;
  HostAddresses addresses_;
  host::apps::UdpEchoStats echo_;
  std::string ended_;
  std::uint64_t swallowed_ = 0;
  std::unique_ptr<host::apps::Reflect> reflect_;
};

}  // namespace sim::app
