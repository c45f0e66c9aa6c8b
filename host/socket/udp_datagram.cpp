// SPDX-License-Identifier: Apache-2.0
// SOCK_DGRAM over UDP.
#include "host/socket/datagram.hpp"
#include "host/udp/udp_input.hpp"
#include "host/udp/udp_output.hpp"

namespace host::socket {

using headers::AddressFamily;

namespace {

class UdpDatagram final : public Datagram {
 public:
  UdpDatagram(udp::UdpLayer& udp, AddressFamily family)
      : udp_(udp), socket_(udp.ip.settings.rmem_default.value, family) {
    socket_.send.set_limit(udp.ip.settings.wmem_default.value);
    socket_.inet6.v6only = udp.bindv6only.value != 0;
    socket_.inet.pmtu_discovery = udp.ip.settings.new_socket_discovery();
    socket_.busy_poll_usecs = udp.ip.net.busy_read();
  }

  base::Result<void> bind(SocketAddress local) override {
    return udp::udp_bind(udp_, socket_, local.address, local.port, local.scope);
  }
  base::Result<void> connect(kernel::Cpu& cpu, SocketAddress peer) override {
    return udp::udp_connect(udp_, cpu, socket_, peer.address, peer.port, peer.scope);
  }
  void disconnect() override { udp::udp_disconnect(udp_, socket_); }
  base::Result<void> send(kernel::Cpu& cpu, std::optional<SocketAddress> to, headers::Bytes payload) override {
    if (!to && !socket_.is_connected()) {
      return base::Errno::destination_required;
    }
    const SocketAddress peer = to.value_or(SocketAddress{socket_.endpoints.peer, socket_.endpoints.peer_port});
    return udp::udp_send(udp_, cpu, socket_, peer.address, peer.port, payload, peer.scope);
  }
  void close(kernel::Cpu& cpu) override { udp::udp_close(udp_, cpu, socket_); }

  SocketAddress local() const override { return name(socket_.endpoints.local, socket_.endpoints.local_port); }
  std::optional<SocketAddress> peer() const override {
    return socket_.is_connected() ? std::optional(name(socket_.endpoints.peer, socket_.endpoints.peer_port))
                                  : std::nullopt;
  }
  ip::ReceiveQueue& queue() override { return socket_.queue; }
  ip::InetSock& inet() override { return socket_.inet; }
  ip6::Inet6Sock* inet6() override { return socket_.family == AddressFamily::inet6 ? &socket_.inet6 : nullptr; }
  ip::Sock* sock() override { return &socket_; }
  base::Result<void> bind_device(unsigned ifindex) override {
    udp_.table.bind_device(socket_, ifindex);
    return {};
  }
  base::Result<void> choose_by(device::BpfProgram program) override {
    if (socket_.group == nullptr) {
      return base::Errno::invalid;
    }
    socket_.group->choose_by(std::move(program));
    return {};
  }
  base::Result<void> set_segment(std::uint16_t bytes) override {
    socket_.segment = bytes;
    return {};
  }
  base::Result<void> send_with(kernel::Cpu& cpu, std::optional<SocketAddress> to, headers::Bytes payload,
                               const SendControl& control) override {
    if (!to && !socket_.is_connected()) {
      return base::Errno::destination_required;
    }
    const SocketAddress peer = to.value_or(SocketAddress{socket_.endpoints.peer, socket_.endpoints.peer_port});
    return udp::udp_send(udp_, cpu, socket_, peer.address, peer.port, payload, peer.scope, control.segment_bytes,
                         control.source ? &*control.source : nullptr);
  }
  base::Result<void> set_incoming_cpu(int cpu) override {
    udp::UdpTable::set_incoming_cpu(socket_, cpu);
    return {};
  }
  base::Result<void> set_gro(bool on) override {
    udp::udp_set_gro(udp_, socket_, on);
    return {};
  }
  bool gro() const override { return socket_.gro; }
  SocketAddress sender(const skb::SkBuff& skb) const override {
    SocketAddress from;
    udp::udp_sender(skb, from.address, from.port, from.scope);
    return from;
  }
  PacketInfo info(const skb::SkBuff& skb) const override {
    PacketInfo info = Datagram::info(skb);
    info.drops = udp::udp_note(skb).drops;
    return info;
  }
  void count_read(const skb::SkBuff& skb) override { ++udp_.counters_of(udp::udp_family(skb)).in_datagrams; }

 private:
  /// As the socket's family says it.
  SocketAddress name(headers::IpAddress address, std::uint16_t port) const {
    if (socket_.family == AddressFamily::inet && address.is_any()) {
      return {headers::kAnyAddress, port};
    }
    return {address, port, address.value.is_link_local() ? socket_.bound_ifindex : 0};
  }

  udp::UdpLayer& udp_;
  udp::UdpSocket socket_;
};

}  // namespace

std::unique_ptr<Datagram> make_udp(udp::UdpLayer& udp, AddressFamily family) {
  return std::make_unique<UdpDatagram>(udp, family);
}

}  // namespace host::socket
