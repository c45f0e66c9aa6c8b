// SPDX-License-Identifier: Apache-2.0
// SOCK_DGRAM over ICMPv6: the application's ping.
#include "host/headers/ipv6.hpp"
#include "host/ip6/multicast_sock6.hpp"
#include "host/socket/datagram.hpp"

namespace host::socket {
namespace {

class Ping6Datagram final : public Datagram {
 public:
  Ping6Datagram(ip6::Ip6Layer& ip6, ip6::Ping6Table& pings)
      : ip6_(ip6), pings_(pings), socket_(ip6.ipv4.settings.rmem_default.value) {}

  base::Result<void> bind(SocketAddress local) override {
    return local.address.is_ipv4() ? base::Errno::invalid : pings_.bind(socket_, local.address.value, local.port);
  }
  base::Result<void> connect(kernel::Cpu& cpu, SocketAddress peer) override {
    if (peer.address.is_ipv4()) {
      return base::Errno::invalid;
    }
    const auto route = pings_.route(cpu, socket_, peer.address.value, peer.scope);
    if (!route.ok()) {
      return route.error();
    }
    socket_.peer = peer.address.value;
    socket_.scope = peer.scope;
    return bind_if_needed();
  }
  void disconnect() override { socket_.peer = {}; }
  base::Result<void> send(kernel::Cpu& cpu, std::optional<SocketAddress> to, headers::Bytes payload) override {
    if (!to && socket_.peer.is_unspecified()) {
      return base::Errno::destination_required;
    }
    const SocketAddress peer = to.value_or(SocketAddress{socket_.peer, 0, socket_.scope});
    if (peer.address.is_ipv4()) {
      return base::Errno::invalid;
    }
    const auto bound = bind_if_needed();
    return bound.ok() ? pings_.send(cpu, socket_, peer.address.value, peer.scope, payload) : bound;
  }
  void close(kernel::Cpu& cpu) override {
    ipv6_sock_mc_close(ip6_, cpu, socket_.inet6);
    pings_.unbind(socket_);
    socket_.queue.purge(cpu);
  }

  SocketAddress local() const override { return {socket_.local, socket_.id}; }
  std::optional<SocketAddress> peer() const override {
    return socket_.peer.is_unspecified() ? std::nullopt : std::optional(SocketAddress{socket_.peer, 0, socket_.scope});
  }
  ip::ReceiveQueue& queue() override { return socket_.queue; }
  ip::InetSock& inet() override { return socket_.inet; }
  ip6::Inet6Sock* inet6() override { return &socket_.inet6; }
  SocketAddress sender(const skb::SkBuff& skb) const override {
    const auto header = headers::Ipv6View::parse_quoted(skb.network_header());
    return {header ? header->source() : headers::kUnspecified, 0, socket_.scope};
  }
  void count_read(const skb::SkBuff&) override {}  // Linux has no counter for it

 private:
  base::Result<void> bind_if_needed() {
    return socket_.id != 0 ? base::Result<void>{} : pings_.bind(socket_, socket_.local, 0);
  }

  ip6::Ip6Layer& ip6_;
  ip6::Ping6Table& pings_;
  ip6::Ping6Socket socket_;
};

}  // namespace

std::unique_ptr<Datagram> make_ping6(ip6::Ip6Layer& ip6, ip6::Ping6Table& pings) {
  return std::make_unique<Ping6Datagram>(ip6, pings);
}

}  // namespace host::socket
