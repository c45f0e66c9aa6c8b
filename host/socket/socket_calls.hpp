// SPDX-License-Identifier: Apache-2.0
// The calls that applications make (Linux: net/socket.c): descriptors, blocking, options.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "host/kernel/process.hpp"
#include "host/socket/datagram.hpp"

namespace host::socket {

enum class SocketKind {
  udp,   // AF_INET, SOCK_DGRAM, IPPROTO_UDP
  ping,  // AF_INET, SOCK_DGRAM, IPPROTO_ICMP
};

/// Linux: MSG_*.
struct ReceiveFlags {
  bool peek = false;
  /// Report the datagram's true length, though the buffer held less.
  bool truncate = false;
  bool dont_wait = false;
};

/// Linux: struct msghdr after recvmsg.
struct Message {
  std::size_t bytes = 0;
  SocketAddress from;
  /// The datagram was longer than the buffer; the rest is lost.
  bool truncated = false;
};

/// The socket calls of one host. Every call takes the calling process; those that may sleep are tasks. Descriptors
/// belong to the host, not to a process.
class SocketCalls {
 public:
  static constexpr std::size_t kMaxDescriptors = 4'096;

  /// The layers outlive it.
  SocketCalls(udp::UdpLayer& udp, ip::PingTable& pings);
  ~SocketCalls();
  SocketCalls(const SocketCalls&) = delete;
  SocketCalls& operator=(const SocketCalls&) = delete;

  using Process = kernel::Process;

  /// The lowest free descriptor; too_many_open.
  [[nodiscard]] base::Result<int> socket(Process& self, SocketKind kind);
  [[nodiscard]] base::Result<void> bind(Process& self, int fd, SocketAddress local);
  [[nodiscard]] base::Result<void> connect(Process& self, int fd, SocketAddress peer);
  [[nodiscard]] base::Result<void> disconnect(Process& self, int fd);
  [[nodiscard]] base::Result<void> close(Process& self, int fd);

  /// Bytes sent. Reports an error that waits (connection_refused) before it sends anything.
  [[nodiscard]] kernel::Task<base::Result<std::size_t>> sendto(Process& self, int fd, headers::Bytes payload,
                                                               std::optional<SocketAddress> to = std::nullopt);
  /// Sleeps until a datagram or an error is there; again when it must not sleep or the timeout has passed,
  /// bad_descriptor when the socket was closed meanwhile.
  [[nodiscard]] kernel::Task<base::Result<Message>> recvfrom(Process& self, int fd, headers::MutableBytes out,
                                                             ReceiveFlags flags = {});

  [[nodiscard]] base::Result<SocketAddress> name(int fd) const;  // getsockname
  /// O_NONBLOCK.
  enum class Blocking : std::uint8_t { yes, no };
  [[nodiscard]] base::Result<void> set_blocking(int fd, Blocking blocking);
  /// SO_RCVTIMEO; none: for ever.
  [[nodiscard]] base::Result<void> set_receive_timeout(int fd, std::optional<platform::Nanoseconds> timeout);
  /// SO_RCVBUF: doubled for overhead and kept to what rmem_max allows, as Linux does.
  [[nodiscard]] base::Result<void> set_receive_buffer(int fd, std::int64_t bytes);
  [[nodiscard]] base::Result<std::int64_t> receive_buffer(int fd) const;

  [[nodiscard]] std::size_t open_sockets() const { return sockets_.size(); }

 private:
  struct Socket;
  class InUse;

  [[nodiscard]] Socket* find(int fd) const;
  void wake(kernel::Cpu& cpu, Socket& socket);
  [[nodiscard]] Message copy_out(kernel::Cpu& cpu, Socket& socket, headers::MutableBytes out, ReceiveFlags flags);

  udp::UdpLayer& udp_;
  ip::PingTable& pings_;
  std::map<int, std::unique_ptr<Socket>> sockets_;
  /// Closed while a call or a wake-up was under way on them; freed at a later close.
  std::vector<std::unique_ptr<Socket>> closing_;
  std::uint64_t last_generation_ = 0;
};

}  // namespace host::socket
