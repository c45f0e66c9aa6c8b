// SPDX-License-Identifier: Apache-2.0
#include "sim/app/host_app.hpp"

#include <fmt/format.h>

#include "sim/pcie/user_error.hpp"

namespace sim::app {

HostAppKind parse_host_app(const std::string& name) {
  if (name == "udp-echo") return HostAppKind::udp_echo;
  if (name == "sink") return HostAppKind::sink;
  if (name == "reflect") return HostAppKind::reflect;
  throw UserError(fmt::format("no application '{}'; choose udp-echo, sink or reflect", name));
}

namespace {

using host::headers::Ipv4Prefix;
using host::headers::Ipv6Prefix;

const Ipv4Prefix kDefaultAddress{host::headers::Ipv4Address::of(10, 77, 0, 2), 24};

bool is_a_hosts(const Ipv4Prefix& prefix) {
  return !prefix.address.is_zero_net() && !prefix.address.is_loopback() && !prefix.address.is_multicast() &&
         !prefix.address.is_limited_broadcast() && prefix.broadcast() != prefix.address &&
         (prefix.length >= 31 || prefix.network() != prefix.address);
}

bool is_a_hosts(const Ipv6Prefix& prefix) {
  const auto& address = prefix.address;
  return !address.is_unspecified() && !address.is_loopback() && !address.is_multicast() && !address.is_mapped();
}

}  // namespace

HostAddresses parse_addresses(const std::vector<std::string>& texts) {
  std::optional<Ipv4Prefix> ipv4;
  std::optional<Ipv6Prefix> ipv6;
  for (const std::string& text : texts) {
    const auto four = Ipv4Prefix::parse(text);
    const auto six = Ipv6Prefix::parse(text);
    if (!(four && is_a_hosts(*four)) && !(six && is_a_hosts(*six))) {
      throw UserError(fmt::format("'{}' is no address of a host; write one like 10.77.0.2/24 or fd00::2/64", text));
    }
    if (four ? ipv4.has_value() : ipv6.has_value()) {
      throw UserError(fmt::format("'{}' is a second address of its family; give one of each", text));
    }
    if (four) ipv4 = four;
    if (six) ipv6 = six;
  }
  return {.ipv4 = ipv4.value_or(kDefaultAddress), .ipv6 = ipv6};
}

std::string HostApp::start(host::apps::Host& host, host::device::NetDevice& device) {
  if (kind_ == HostAppKind::reflect) {
    reflect_ = std::make_unique<host::apps::Reflect>(host.net(), device);
    return {};
  }
  if (kind_ == HostAppKind::sink) {
    device.set_rx_handler([this](host::kernel::Cpu&, host::skb::Skb& skb) {
      ++swallowed_;
      skb.reset();
      return host::device::RxHandlerResult::consumed;
    });
    return {};
  }
  if (auto added = host.add_address(device, addresses_.ipv4); !added) {
    return fmt::format("the host cannot have the address {}: {}", to_string(addresses_.ipv4),
                       errno_name(added.error()));
  }
  if (std::string problem = start_ipv6(host, device); !problem.empty()) return problem;
  host.kernel().spawn(0, "udp-echo",
                      [this, &host](host::kernel::Process& self) { return serve(self, host.sockets()); });
  return {};
}

std::string HostApp::start_ipv6(host::apps::Host& host, host::device::NetDevice& device) const {
  if (!addresses_.ipv6) return {};
  for (const char* slow : {"accept_dad", "accept_ra"}) {
    const auto set = host.kernel().sysctl().set(fmt::format("net.ipv6.conf.{}.{}", device.name(), slow), 0);
    if (!set) return fmt::format("IPv6 cannot be set up: {}", errno_name(set.error()));
  }
  const auto added = host.add_address(device, *addresses_.ipv6);
  if (added) return {};
  return fmt::format("the host cannot have the address {}: {}", to_string(*addresses_.ipv6), errno_name(added.error()));
}

host::kernel::Task<void> HostApp::serve(host::kernel::Process& self, host::socket::SocketCalls& sockets) {
  using host::socket::SocketKind;
  const SocketKind kind = addresses_.ipv6 ? SocketKind::udp6 : SocketKind::udp;
  const auto result = co_await host::apps::udp_echo(self, sockets, echo_, host::apps::kEchoPort, kind);
  if (!result)
    ended_ = fmt::format("udp-echo could not serve port {}: {}", host::apps::kEchoPort, errno_name(result.error()));
}

void HostApp::report(board::Report& report) const {
  if (kind_ == HostAppKind::udp_echo) {
    report.add("run", "udp_echo_received", echo_.received);
    report.add("run", "udp_echo_sent", echo_.sent);
    report.add("run", "udp_echo_send_errors", echo_.send_failures);
  }
  if (kind_ == HostAppKind::sink) report.add("run", "sink_received", swallowed_);
  if (reflect_) {
    report.add("run", "reflect_received", reflect_->stats().received);
    report.add("run", "reflect_sent", reflect_->stats().sent);
    report.add("run", "reflect_refused_dropped", reflect_->stats().refused);
  }
  if (!ended_.empty()) report.violations.push_back(ended_);
}

}  // namespace sim::app
