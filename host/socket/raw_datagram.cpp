// SPDX-License-Identifier: Apache-2.0
// SOCK_RAW over IPv4.
#include "host/headers/ipv4.hpp"
#include "host/ip/multicast_sock.hpp"
#include "host/ip/raw.hpp"
#include "host/socket/socket_calls.hpp"
#include "host/socket/socket_entry.hpp"

namespace host::socket {

using base::Errno;
using base::Result;

namespace {

class RawDatagram final : public Datagram {
 public:
  RawDatagram(ip::IpLayer& ip, ip::RawTable& table, std::uint8_t protocol)
      : ip_(ip), table_(table), socket_(protocol, ip.settings.rmem_default.value, ip.settings.wmem_default.value) {
    socket_.inet.pmtu_discovery = ip.settings.new_socket_discovery();
    table_.add(socket_);
  }

  Result<void> bind(SocketAddress local) override {
    if (!local.address.is_ipv4() && !local.address.is_any()) {
      return Errno::invalid;
    }
    const headers::Ipv4Address address = local.address.ipv4();
    if (!address.is_any() && ip_.routes.address_type(address) == ip::RouteType::unicast) {
      return Errno::address_not_available;
    }
    socket_.local = address;
    return {};
  }
  Result<void> connect(kernel::Cpu& cpu, SocketAddress peer) override {
    if (!peer.address.is_ipv4()) {
      return Errno::invalid;
    }
    const auto route = ip::ip_route_output(ip_, cpu, peer.address.ipv4(), socket_.local);
    if (!route.ok()) {
      return route.error();
    }
    socket_.peer = peer.address.ipv4();
    return {};
  }
  void disconnect() override { socket_.peer = {}; }
  Result<void> send(kernel::Cpu& cpu, std::optional<SocketAddress> to, headers::Bytes payload) override {
    if (to && !to->address.is_ipv4()) {
      return Errno::invalid;
    }
    const headers::Ipv4Address peer = to ? to->address.ipv4() : socket_.peer;
    return peer.is_any() ? Errno::destination_required : table_.send(cpu, socket_, peer, payload);
  }
  void close(kernel::Cpu& cpu) override {
    ip_mc_drop(ip_, cpu, socket_.inet);
    table_.remove(socket_);
    while (socket_.queue.pop() != nullptr) {
      // Copies: nobody misses them.
    }
  }

  SocketAddress local() const override { return {socket_.local, socket_.protocol}; }
  std::optional<SocketAddress> peer() const override {
    return socket_.peer.is_any() ? std::nullopt : std::optional(SocketAddress{socket_.peer, 0});
  }
  ip::ReceiveQueue& queue() override { return socket_.queue; }
  ip::InetSock& inet() override { return socket_.inet; }
  ip::Sock* sock() override { return &socket_; }
  ip::RawSocket* raw() override { return &socket_; }
  Result<void> bind_device(unsigned ifindex) override {
    socket_.bound_ifindex = ifindex;
    return {};
  }
  SocketAddress sender(const skb::SkBuff& skb) const override {
    const auto header = headers::Ipv4View::parse_quoted(skb.network_header());
    return {header ? header->source() : headers::Ipv4Address{}, 0};
  }
  void count_read(const skb::SkBuff&) override {}  // Linux has no counter for it

 private:
  ip::IpLayer& ip_;
  ip::RawTable& table_;
  ip::RawSocket socket_;
};

}  // namespace

Result<int> SocketCalls::raw_socket(Process& self, std::uint8_t protocol) {
  self.cpu().charge(kernel::Op::syscall);
  if (protocol == 0) {
    return Errno::protocol_not_supported;
  }
  auto half = std::make_unique<RawDatagram>(udp_.ip, raws_, protocol);
  return descriptors_.install(std::make_unique<Socket>(std::move(half), descriptors_.next_generation()));
}

Result<void> SocketCalls::set_header_included(int fd, bool on) {
  const Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  if (entry->protocol->raw() == nullptr) {
    return Errno::not_supported;
  }
  entry->protocol->raw()->header_included = on;
  return {};
}

Result<void> SocketCalls::set_icmp_filter(int fd, std::uint32_t types) {
  const Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  if (entry->protocol->raw() == nullptr || entry->protocol->raw()->protocol != 1) {
    return Errno::not_supported;
  }
  entry->protocol->raw()->icmp_filter = types;
  return {};
}

}  // namespace host::socket
