// SPDX-License-Identifier: Apache-2.0
// What ICMP says of datagrams that went (Linux: __udp4_lib_err, __udp6_lib_err).
#include "host/udp/udp_error.hpp"

#include "host/base/byte_order.hpp"
#include "host/headers/udp.hpp"
#include "host/ip/icmp_send.hpp"
#include "host/ip/path_mtu.hpp"
#include "host/udp/udp_input.hpp"

namespace host::udp {

using base::Errno;

namespace {

/// Whose datagram an error quotes; null when nobody's.
UdpSocket* socket_of_error(UdpLayer& udp, const kernel::Cpu& cpu, const IpAddress& source, const IpAddress& destination,
                           headers::Bytes transport) {
  return udp.table.lookup({.local = source,
                           .local_port = base::load_be16(transport, 0),
                           .peer = destination,
                           .peer_port = base::load_be16(transport, 2)},
                          {.cpu = static_cast<int>(cpu.id())});
}

std::vector<std::byte> payload_of(headers::Bytes transport) {
  const auto payload = transport.subspan(std::min(transport.size(), headers::kUdpHeaderBytes));
  return {payload.begin(), payload.end()};
}

/// With IP_RECVERR every error counts, and its cause is there to read; else those that end a connection.
void report(UdpSocket& socket, kernel::Cpu& cpu, bool receive_errors, bool fatal, ip::ExtendedError error) {
  if (!receive_errors && (!fatal || !socket.is_connected())) {
    return;
  }
  const Errno number = *error.error;
  if (receive_errors && !socket.queue.queue_error(cpu, std::move(error))) {
    ++socket.drops;
  }
  socket.queue.report_error(cpu, number);
}

}  // namespace

void udp_err(UdpLayer& udp, kernel::Cpu& cpu, const ip::IcmpError& error) {
  UdpSocket* socket = socket_of_error(udp, cpu, error.source, error.destination, error.transport);
  if (socket == nullptr) {
    return;
  }
  if (error.is_redirect) {
    accept_redirect(udp.ip, cpu, error);
    return;
  }
  const bool too_big = error.error == Errno::message_size;
  bool fatal = error.fatal;
  if (too_big) {
    update_path_mtu(udp.ip, cpu, error);
    fatal = socket->inet.pmtu_discovery != ip::PmtuDiscovery::dont;
    if (!fatal) {
      return;
    }
  }
  report(*socket, cpu, socket->inet.receive_errors, fatal,
         {.error = error.error,
          .origin = ip::ErrorOrigin::icmp,
          .type = error.type,
          .code = error.code,
          .info = too_big ? error.mtu() : 0,
          .offender = error.reporter,
          .destination = error.destination,
          .port = base::load_be16(error.transport, 2),
          .payload = payload_of(error.transport)});
}

void udp_err(UdpLayer& udp, kernel::Cpu& cpu, const ip6::Icmp6Error& error) {
  UdpSocket* socket = socket_of_error(udp, cpu, error.source, error.destination, error.transport);
  if (socket == nullptr) {
    return;
  }
  const bool too_big = error.error == Errno::message_size;
  const bool fatal = error.fatal || (too_big && socket->inet6.pmtu_discovery != ip::PmtuDiscovery::dont);
  report(*socket, cpu, socket->inet6.receive_errors, fatal,
         {.error = error.error,
          .origin = ip::ErrorOrigin::icmp6,
          .type = error.type,
          .code = error.code,
          .info = too_big ? error.info : 0,
          .offender = error.reporter,
          .destination = error.destination,
          .port = base::load_be16(error.transport, 2),
          .payload = payload_of(error.transport)});
}

void note_too_big(UdpSocket& socket, kernel::Cpu& cpu, const IpAddress& destination, std::uint16_t port,
                  std::uint32_t mtu, headers::Bytes payload) {
  const bool wanted = destination.is_ipv4() ? socket.inet.receive_errors : socket.inet6.receive_errors;
  if (!wanted) {
    return;
  }
  const bool queued = socket.queue.queue_error(cpu, {.error = Errno::message_size,
                                                     .origin = ip::ErrorOrigin::local,
                                                     .info = mtu,
                                                     .destination = destination,
                                                     .port = port,
                                                     .payload = {payload.begin(), payload.end()}});
  socket.drops += queued ? 0 : 1;
}

}  // namespace host::udp
