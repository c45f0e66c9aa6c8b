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

host::headers::Ipv4Prefix parse_address(const std::string& text) {
  const auto prefix = host::headers::Ipv4Prefix::parse(text);
  const bool usable = prefix && text.find('/') != std::string::npos && !prefix->address.is_zero_net() &&
                      !prefix->address.is_loopback() && !prefix->address.is_multicast() &&
                      !prefix->address.is_limited_broadcast() && prefix->broadcast() != prefix->address &&
                      (prefix->length >= 31 || prefix->network() != prefix->address);
  if (!usable) throw UserError(fmt::format("'{}' is no address of a host; write one like 10.77.0.2/24", text));
  return *prefix;
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
  if (auto added = host.add_address(device, address_); !added) {
    return fmt::format("the host cannot have the address {}: {}", to_string(address_), errno_name(added.error()));
  }
  host.kernel().spawn(0, "udp-echo",
                      [this, &host](host::kernel::Process& self) { return serve(self, host.sockets()); });
  return {};
}

host::kernel::Task<void> HostApp::serve(host::kernel::Process& self, host::socket::SocketCalls& sockets) {
  const auto result = co_await host::apps::udp_echo(self, sockets, echo_);
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
