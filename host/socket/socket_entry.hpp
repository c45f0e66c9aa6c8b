// SPDX-License-Identifier: Apache-2.0
// One open socket, as the socket calls see it (Linux: struct socket).
#pragma once

#include "host/socket/socket_calls.hpp"

namespace host::socket {

class SocketCalls::Socket final : public File {
 public:
  Socket(std::unique_ptr<Datagram> its_protocol, std::uint64_t generation)
      : File(generation, Kind::socket),
        protocol(std::move(its_protocol)),
        queue(protocol->queue()),
        sock(protocol->sock()),
        is_packet(protocol->packet() != nullptr) {
    queue.on_ready([this](kernel::Cpu& cpu) { wake(cpu); });
    if (sock != nullptr) sock->send.on_space([this](kernel::Cpu& cpu) { wake_writers(cpu); });
  }

  [[nodiscard]] unsigned napi_id() const override { return sock == nullptr ? 0 : sock->napi_id; }
  [[nodiscard]] PollMask poll(PollMask wanted) const override {
    const PollMask writeable = (wanted & kPollOut) != 0 && may_write() ? kPollOut : 0;
    return (readable() | writeable) & wanted;
  }
  void release(kernel::Cpu& cpu) override {
    protocol->close(cpu);
    readers.wake_all(cpu);
    writers.wake_all(cpu);
  }

  /// Its next packet may be made.
  [[nodiscard]] bool has_room() const { return sock == nullptr || sock->send.has_room(); }

  const std::unique_ptr<Datagram> protocol;
  ip::ReceiveQueue& queue;  // the protocol's
  ip::Sock* const sock;     // the protocol's; null: it has none
  const bool is_packet;
  kernel::WaitQueue readers;
  Blocking blocking = Blocking::yes;
  std::optional<platform::Nanoseconds> receive_timeout;
  kernel::WaitQueue writers;
  std::optional<platform::Nanoseconds> send_timeout;

 private:
  /// Linux: datagram_poll. An error ends the next call of either kind.
  [[nodiscard]] PollMask readable() const {
    return (queue.empty() ? 0 : kPollIn) | (queue.has_error() ? kPollErr | kPollIn : 0) |
           (queue.queued_errors().empty() ? 0 : kPollErr);
  }
  /// Its other half. Who asks while there is no room will be told.
  [[nodiscard]] bool may_write() const {
    if (sock == nullptr || sock->send.is_writeable()) return true;
    sock->send.want_space();
    return false;
  }
  /// Softirq context: something has come (Linux: sock_def_readable).
  void wake(kernel::Cpu& cpu);
  void wake_writers(kernel::Cpu& cpu);
};

}  // namespace host::socket
