// SPDX-License-Identifier: Apache-2.0
// The calls of packet sockets (Linux: packet_create, packet_bind, packet_sendmsg, packet_setsockopt).
#include "host/socket/socket_calls.hpp"
#include "host/socket/socket_entry.hpp"

namespace host::socket {

using base::Errno;
using base::Result;
using kernel::Task;

namespace {

class PacketDatagram final : public Datagram {
 public:
  PacketDatagram(packet::PacketLayer& layer, const ip::IpSettings& settings, packet::PacketKind kind,
                 std::uint16_t protocol)
      : layer_(layer), socket_(kind, settings.rmem_default.value, settings.wmem_default.value) {
    packet_create(layer_, socket_, protocol);
  }

  Result<void> bind(SocketAddress) override { return Errno::invalid; }  // packet_bind
  Result<void> connect(kernel::Cpu&, SocketAddress) override { return Errno::not_supported; }
  void disconnect() override {}
  Result<void> send(kernel::Cpu& cpu, std::optional<SocketAddress> to, headers::Bytes payload) override {
    return to ? Errno::invalid : packet_send(layer_, cpu, socket_, std::nullopt, payload);
  }
  void close(kernel::Cpu&) override { packet_close(layer_, socket_); }

  SocketAddress local() const override { return {}; }
  std::optional<SocketAddress> peer() const override { return std::nullopt; }
  ip::ReceiveQueue& queue() override { return socket_.queue; }
  ip::InetSock& inet() override { return socket_.inet; }
  ip::Sock* sock() override { return &socket_; }
  packet::PacketSocket* packet() override { return &socket_; }
  SocketAddress sender(const skb::SkBuff&) const override { return {}; }  // Message::link
  void count_read(const skb::SkBuff&) override {}

 private:
  packet::PacketLayer& layer_;
  packet::PacketSocket socket_;
};

}  // namespace

Result<int> SocketCalls::packet_socket(Process& self, packet::PacketKind kind, std::uint16_t protocol) {
  self.cpu().charge(kernel::Op::syscall);
  auto half = std::make_unique<PacketDatagram>(packets_, udp_.ip.settings, kind, protocol);
  return descriptors_.install(std::make_unique<Socket>(std::move(half), descriptors_.next_generation()));
}

Result<packet::PacketSocket*> SocketCalls::packet(int fd) const {
  const Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  packet::PacketSocket* socket = entry->protocol->packet();
  return socket == nullptr ? Result<packet::PacketSocket*>(Errno::not_supported) : socket;
}

Result<void> SocketCalls::bind_packet(Process& self, int fd, const packet::LinkAddress& local) {
  self.cpu().charge(kernel::Op::syscall);
  const auto socket = packet(fd);
  return socket ? packet_bind(packets_, **socket, local.ifindex, local.protocol) : socket.error();
}

Task<Result<std::size_t>> SocketCalls::send_packet(Process& self, int fd, headers::Bytes frame,
                                                   std::optional<packet::LinkAddress> to) {
  self.cpu().charge(kernel::Op::syscall);
  if (const auto socket = packet(fd); !socket) {
    co_return socket.error();
  }
  if (const auto error = find(fd)->protocol->queue().take_error()) {
    co_return *error;
  }
  if (!has_room(fd)) {
    const auto room = co_await wait_for_room(self, fd);
    if (!room.ok()) {
      co_return room.error();
    }
  }
  Socket& entry = *find(fd);
  const InUse use(self.cpu(), entry);
  const auto sent = packet_send(packets_, self.cpu(), *entry.protocol->packet(), to, frame);
  co_return sent.ok() ? Result<std::size_t>(frame.size()) : sent.error();
}

Result<void> SocketCalls::set_packet_membership(int fd, std::string_view device, packet::Membership kind, bool member) {
  const auto socket = packet(fd);
  if (!socket) {
    return socket.error();
  }
  const device::NetDevice* named = udp_.ip.net.device_by_name(device);
  if (named == nullptr) {
    return Errno::no_device;
  }
  return member ? packet_join(packets_, **socket, named->ifindex(), kind)
                : packet_leave(packets_, **socket, named->ifindex(), kind);
}

Result<packet::PacketStatistics> SocketCalls::packet_statistics(int fd) const {
  const auto socket = packet(fd);
  return socket ? Result<packet::PacketStatistics>(packet::packet_statistics(**socket)) : socket.error();
}

}  // namespace host::socket
