// SPDX-License-Identifier: Apache-2.0
// SOCK_RAW over IPv6.
#include "host/headers/ipv6.hpp"
#include "host/ip6/multicast_sock6.hpp"
#include "host/ip6/raw6.hpp"
#include "host/socket/socket_calls.hpp"
#include "host/socket/socket_entry.hpp"

namespace host::socket {

using base::Errno;
using base::Result;
using headers::NextHeader;

namespace {

class Raw6Datagram final : public Datagram {
 public:
  Raw6Datagram(ip6::Ip6Layer& ip6, ip6::Raw6Table& table, std::uint8_t protocol)
      : ip6_(ip6),
        table_(table),
        socket_(protocol, ip6.ipv4.settings.rmem_default.value, ip6.ipv4.settings.wmem_default.value) {
    table_.add(socket_);
  }

  Result<void> bind(SocketAddress local) override {
    if (local.address.is_ipv4()) {
      return Errno::invalid;
    }
    const headers::Ipv6Address& address = local.address.value;
    const bool ours = std::ranges::any_of(ip6_.addresses.all(), [&](const ip6::InterfaceAddress6& each) {
      return each.usable() && each.prefix.address == address;
    });
    if (!ours && !address.is_unspecified() && !address.is_multicast()) {
      return Errno::address_not_available;
    }
    socket_.local = address;
    return {};
  }
  Result<void> connect(kernel::Cpu& cpu, SocketAddress peer) override {
    if (peer.address.is_ipv4()) {
      return Errno::invalid;
    }
    const auto route = table_.route(cpu, socket_, peer.address.value, peer.scope);
    if (!route.ok()) {
      return route.error();
    }
    socket_.peer = peer.address.value;
    socket_.scope = peer.scope;
    return {};
  }
  void disconnect() override { socket_.peer = {}; }
  Result<void> send(kernel::Cpu& cpu, std::optional<SocketAddress> to, headers::Bytes payload) override {
    const SocketAddress peer = to.value_or(SocketAddress{socket_.peer, 0, socket_.scope});
    if (peer.address.value.is_unspecified()) {
      return Errno::destination_required;
    }
    return peer.address.is_ipv4() ? Errno::invalid : table_.send(cpu, socket_, peer.address.value, peer.scope, payload);
  }
  void close(kernel::Cpu& cpu) override {
    ipv6_sock_mc_close(ip6_, cpu, socket_.inet6);
    table_.remove(socket_);
    while (socket_.queue.pop() != nullptr) {
      // Copies: nobody misses them.
    }
  }

  SocketAddress local() const override { return {socket_.local, socket_.protocol}; }
  std::optional<SocketAddress> peer() const override {
    return socket_.peer.is_unspecified() ? std::nullopt : std::optional(SocketAddress{socket_.peer, 0, socket_.scope});
  }
  ip::ReceiveQueue& queue() override { return socket_.queue; }
  ip::InetSock& inet() override { return socket_.inet; }
  ip6::Inet6Sock* inet6() override { return &socket_.inet6; }
  ip::Sock* sock() override { return &socket_; }
  ip6::Raw6Socket* raw6() override { return &socket_; }
  Result<void> bind_device(unsigned ifindex) override {
    socket_.bound_ifindex = ifindex;
    return {};
  }
  SocketAddress sender(const skb::SkBuff& skb) const override {
    const auto header = headers::Ipv6View::parse_quoted(skb.network_header());
    const auto source = header ? header->source() : headers::kUnspecified;
    return {source, 0, source.is_link_local() ? Datagram::info(skb).ifindex : 0};
  }
  void count_read(const skb::SkBuff&) override {}  // Linux has no counter for it

 private:
  ip6::Ip6Layer& ip6_;
  ip6::Raw6Table& table_;
  ip6::Raw6Socket socket_;
};

}  // namespace

Result<int> SocketCalls::raw6_socket(Process& self, std::uint8_t protocol) {
  self.cpu().charge(kernel::Op::syscall);
  if (protocol == 0) {
    return Errno::protocol_not_supported;
  }
  auto half = std::make_unique<Raw6Datagram>(udp_.ip6, raws6_, protocol);
  return descriptors_.install(std::make_unique<Socket>(std::move(half), descriptors_.next_generation()));
}

Result<void> SocketCalls::set_checksum6(int fd, std::optional<std::uint16_t> at) {
  const Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  ip6::Raw6Socket* raw = entry->protocol->raw6();
  if (raw == nullptr) {
    return Errno::not_supported;
  }
  const bool odd = at && *at % 2 != 0;
  if (odd || NextHeader{raw->protocol} == NextHeader::icmp6) {
    return Errno::invalid;  // RFC 3542 section 3.1
  }
  raw->checksum_at = at;
  return {};
}

Result<void> SocketCalls::set_icmp6_filter(int fd, const ip6::Icmp6Filter& types) {
  const Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  ip6::Raw6Socket* raw = entry->protocol->raw6();
  if (raw == nullptr || NextHeader{raw->protocol} != NextHeader::icmp6) {
    return Errno::not_supported;
  }
  raw->icmp_filter = types;
  return {};
}

}  // namespace host::socket
