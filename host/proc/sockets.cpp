// SPDX-License-Identifier: Apache-2.0
// Sockets by line and in sum.
#include "host/proc/sockets.hpp"

#include <fmt/format.h>

#include "host/proc/net_tables.hpp"

namespace host::proc {
namespace {

constexpr std::size_t kWidth = 127;
constexpr std::int64_t kPage = 4096;
constexpr unsigned kConnected = 1;    // TCP_ESTABLISHED
constexpr unsigned kUnconnected = 7;  // TCP_CLOSE
constexpr unsigned kReferences = 2;   // the table's and the descriptor's

std::string padded(std::string line) {
  line.resize(std::max(line.size(), kWidth), ' ');
  return line + '\n';
}

std::string end_point(headers::Ipv4Address address, std::uint16_t port) {
  return fmt::format("{}:{:04X}", hex_address(address), port);
}

}  // namespace

std::string udp(const udp::UdpLayer& udp) {
  std::string text = padded(
      "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer "
      "drops");
  unsigned slot = 0;
  for (const udp::UdpSocket* socket : udp.table.all()) {
    const udp::Endpoints& names = socket->endpoints;
    std::string line =
        fmt::format("{:>5}: {} {} {:02X} ", slot++, end_point(names.local, names.local_port),
                    end_point(names.peer, names.peer_port), socket->is_connected() ? kConnected : kUnconnected);
    line += fmt::format("{:08X}:{:08X} 00:00000000 00000000 {:>5} {:>8} {} {} {:016x} {}", 0, socket->queue.charged(),
                        0, 0, 0, kReferences, 0, socket->drops);
    text += padded(std::move(line));
  }
  return text;
}

std::string sockstat(const udp::UdpLayer& udp, const socket::SocketCalls& sockets) {
  std::int64_t pages = 0;
  for (const udp::UdpSocket* socket : udp.table.all()) pages += (socket->queue.charged() + kPage - 1) / kPage;
  return fmt::format(
      "sockets: used {}\nTCP: inuse 0 orphan 0 tw 0 alloc 0 mem 0\nUDP: inuse {} mem {}\nUDPLITE: inuse 0\n"
      "RAW: inuse 0\nFRAG: inuse 0 memory 0\n",
      sockets.open_descriptors(), udp.table.size(), pages);
}

}  // namespace host::proc
