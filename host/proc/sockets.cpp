// SPDX-License-Identifier: Apache-2.0
// Sockets by line and in sum.
#include "host/proc/sockets.hpp"

#include <fmt/format.h>

#include <vector>

#include "host/proc/net_tables.hpp"
#include "host/proc/net_tables6.hpp"

namespace host::proc {
namespace {

constexpr std::size_t kWidth = 127;
constexpr std::string_view kHeader6 =
    "  sl  local_address                         remote_address                        st tx_queue rx_queue tr "
    "tm->when retrnsmt   uid  timeout inode ref pointer drops\n";
constexpr std::int64_t kPage = 4096;
constexpr unsigned kConnected = 1;    // TCP_ESTABLISHED
constexpr unsigned kUnconnected = 7;  // TCP_CLOSE
constexpr unsigned kReferences = 2;   // the table's and the descriptor's

std::string padded(std::string line) {
  line.resize(std::max(line.size(), kWidth), ' ');
  return line + '\n';
}

using headers::AddressFamily;

std::string end_point(const udp::UdpSocket& socket, const headers::IpAddress& address, std::uint16_t port) {
  const bool inet = socket.family == AddressFamily::inet;
  return fmt::format("{}:{:04X}", inet ? hex_address(address.ipv4()) : hex_address6(address.value), port);
}

std::string socket_line(const udp::UdpSocket& socket, unsigned slot) {
  const udp::Endpoints& names = socket.endpoints;
  return fmt::format("{:>5}: {} {} {:02X} {:08X}:{:08X} 00:00000000 00000000 {:>5} {:>8} {} {} {:016x} {}", slot,
                     end_point(socket, names.local, names.local_port), end_point(socket, names.peer, names.peer_port),
                     socket.is_connected() ? kConnected : kUnconnected, socket.send.charged(), socket.queue.charged(),
                     0, 0, 0, kReferences, 0, socket.drops);
}

/// Those of one family. A socket's number is its place among all: the table is one.
std::vector<std::string> socket_lines(const udp::UdpLayer& udp, AddressFamily family) {
  std::vector<std::string> lines;
  unsigned slot = 0;
  for (const udp::UdpSocket* socket : udp.table.all()) {
    if (socket->family == family) lines.push_back(socket_line(*socket, slot));
    ++slot;
  }
  return lines;
}

}  // namespace

std::string udp(const udp::UdpLayer& udp) {
  std::string text = padded(
      "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer "
      "drops");
  for (std::string& line : socket_lines(udp, AddressFamily::inet)) text += padded(std::move(line));
  return text;
}

std::string udp6(const udp::UdpLayer& udp) {
  std::string text(kHeader6);
  for (const std::string& line : socket_lines(udp, AddressFamily::inet6)) text += line + '\n';
  return text;
}

std::string raw(const ip::RawTable& raws) {
  std::string text = padded(
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer "
      "drops");
  for (const ip::RawSocket* socket : raws.sockets()) {
    text +=
        padded(fmt::format("{:>4}: {}:{:04X} {}:0000 {:02X} {:08X}:{:08X} 00:00000000 00000000 {:>5} {:>8} {} {} "
                           "{:016x} {}",
                           socket->protocol, hex_address(socket->local), socket->protocol, hex_address(socket->peer),
                           socket->peer.is_any() ? kUnconnected : kConnected, socket->send.charged(),
                           socket->queue.charged(), 0, 0, 0, kReferences, 0, socket->drops));
  }
  return text;
}

std::string raw6(const ip6::Raw6Table& raws) {
  std::string text(kHeader6);
  for (const ip6::Raw6Socket* socket : raws.sockets()) {
    text +=
        fmt::format("{:>5}: {}:{:04X} {}:0000 {:02X} {:08X}:{:08X} 00:00000000 00000000 {:>5} {:>8} {} {} {:016x} {}\n",
                    socket->protocol, hex_address6(socket->local), socket->protocol, hex_address6(socket->peer),
                    socket->peer.is_unspecified() ? kUnconnected : kConnected, socket->send.charged(),
                    socket->queue.charged(), 0, 0, 0, kReferences, 0, socket->drops);
  }
  return text;
}

std::string packet_sockets(const packet::PacketLayer& packets) {
  std::string text = "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n";
  for (const packet::PacketSocket* socket : packets.sockets) {
    text += fmt::format("{:016x} {:<6} {:<4} {:04x}   {:<5} {} {:<6} {:<6} {:<6}\n", 0, kReferences + 1,
                        static_cast<unsigned>(socket->kind), socket->protocol, socket->ifindex,
                        socket->running() ? 1 : 0, socket->queue.charged(), 0, 0);
  }
  return text;
}

std::string sockstat(const udp::UdpLayer& udp, const socket::SocketCalls& sockets) {
  std::int64_t pages = 0;
  for (const udp::UdpSocket* socket : udp.table.all()) pages += (socket->queue.charged() + kPage - 1) / kPage;
  return fmt::format(
      "sockets: used {}\nTCP: inuse 0 orphan 0 tw 0 alloc 0 mem 0\nUDP: inuse {} mem {}\nUDPLITE: inuse 0\n"
      "RAW: inuse 0\nFRAG: inuse 0 memory 0\n",
      sockets.open_descriptors(), socket_lines(udp, AddressFamily::inet).size(), pages);
}

std::string sockstat6(const udp::UdpLayer& udp) {
  return fmt::format("TCP6: inuse 0\nUDP6: inuse {}\nUDPLITE6: inuse 0\nRAW6: inuse 0\nFRAG6: inuse 0 memory 0\n",
                     socket_lines(udp, AddressFamily::inet6).size());
}

}  // namespace host::proc
