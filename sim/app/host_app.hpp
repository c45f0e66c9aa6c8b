// SPDX-License-Identifier: Apache-2.0
// What the simulated host does with what it receives.
#pragma once

#include <memory>
#include <string>

#include "host/apps/host.hpp"
#include "host/apps/reflect.hpp"
#include "host/apps/udp_echo.hpp"
#include "sim/board/report.hpp"

namespace sim::app {

enum class HostAppKind : std::uint8_t { udp_echo, sink, reflect };

/// Throws UserError for another name.
[[nodiscard]] HostAppKind parse_host_app(const std::string& name);

/// "10.0.0.2/24"; throws UserError for anything that is no host address with a prefix length.
[[nodiscard]] host::headers::Ipv4Prefix parse_address(const std::string& text);

class HostApp {
 public:
  HostApp(HostAppKind kind, host::headers::Ipv4Prefix address) : kind_(kind), address_(address) {}

  /// Gives the interface its address and starts. A problem in one line, or nothing.
  [[nodiscard]] std::string start(host::apps::Host& host, host::device::NetDevice& device);
  /// Adds what it counted, and a violation when it ended early.
  void report(board::Report& report) const;

 private:
  [[nodiscard]] host::kernel::Task<void> serve(host::kernel::Process& self, host::socket::SocketCalls& sockets);

  HostAppKind kind_;
  host::headers::Ipv4Prefix address_;
  host::apps::UdpEchoStats echo_;
  std::string ended_;
  std::uint64_t swallowed_ = 0;
  std::unique_ptr<host::apps::Reflect> reflect_;
};

}  // namespace sim::app
