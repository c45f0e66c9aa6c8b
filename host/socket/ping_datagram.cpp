// SPDX-License-Identifier: Apache-2.0
// SOCK_DGRAM over ICMP: the application's ping.
#include "host/headers/ipv4.hpp"
#include "host/ip/ip_route.hpp"
#include "host/ip/multicast_sock.hpp"
#include "host/socket/datagram.hpp"

namespace host::socket {
namespace {

class PingDatagram final : public Datagram {
 public:
  PingDatagram(ip::IpLayer& ip, ip::PingTable& pings)
      : ip_(ip), pings_(pings), socket_(ip.settings.rmem_default.value) {
    socket_.inet.pmtu_discovery = ip.settings.new_socket_discovery();
  }

  base::Result<void> bind(SocketAddress local) override {
    return speaks(local) ? pings_.bind(socket_, local.address.ipv4(), local.port) : base::Errno::invalid;
  }
  base::Result<void> connect(kernel::Cpu& cpu, SocketAddress peer) override {
    if (!speaks(peer)) {
      return base::Errno::invalid;
    }
    const auto route = ip::ip_route_output(ip_, cpu, peer.address.ipv4(), socket_.local);
    if (!route.ok()) {
      return route.error();
    }
    socket_.peer = peer.address.ipv4();
    return bind_if_needed();
  }
  void disconnect() override { socket_.peer = {}; }
  base::Result<void> send(kernel::Cpu& cpu, std::optional<SocketAddress> to, headers::Bytes payload) override {
    if (!to && socket_.peer.is_any()) {
      return base::Errno::destination_required;
    }
    if (to && !speaks(*to)) {
      return base::Errno::invalid;
    }
    const auto bound = bind_if_needed();
    if (!bound.ok()) {
      return bound;
    }
    return pings_.send(cpu, socket_, to ? to->address.ipv4() : socket_.peer, payload);
  }
  void close(kernel::Cpu& cpu) override {
    ip_mc_drop(ip_, cpu, socket_.inet);
    pings_.unbind(socket_);
    socket_.queue.purge(cpu);
  }

  SocketAddress local() const override { return {socket_.local, socket_.id}; }
  std::optional<SocketAddress> peer() const override {
    return socket_.peer.is_any() ? std::nullopt : std::optional(SocketAddress{socket_.peer, 0});
  }
  ip::ReceiveQueue& queue() override { return socket_.queue; }
  ip::InetSock& inet() override { return socket_.inet; }
  SocketAddress sender(const skb::SkBuff& skb) const override {
    const auto header = headers::Ipv4View::parse_quoted(skb.network_header());
    return {header ? header->source() : headers::Ipv4Address{}, 0};
  }
  void count_read(const skb::SkBuff&) override {}  // Linux has no counter for it

 private:
  static bool speaks(const SocketAddress& name) { return name.address.is_any() || name.address.is_ipv4(); }
  base::Result<void> bind_if_needed() {
    return socket_.id != 0 ? base::Result<void>{} : pings_.bind(socket_, socket_.local, 0);
  }

  ip::IpLayer& ip_;
  ip::PingTable& pings_;
  ip::PingSocket socket_;
};

}  // namespace

std::unique_ptr<Datagram> make_ping(ip::IpLayer& ip, ip::PingTable& pings) {
  return std::make_unique<PingDatagram>(ip, pings);
}

}  // namespace host::socket
