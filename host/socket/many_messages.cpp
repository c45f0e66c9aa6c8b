// SPDX-License-Identifier: Apache-2.0
// Many datagrams for one entry into the kernel (Linux: __sys_sendmmsg, do_recvmmsg).
#include "host/socket/socket_calls.hpp"
#include "host/socket/socket_entry.hpp"

namespace host::socket {

using base::Errno;
using base::Result;
using kernel::Task;

Task<Result<std::size_t>> SocketCalls::sendmmsg(Process& self, int fd, std::span<const Outgoing> messages,
                                                SendOptions options) {
  std::size_t sent = 0;
  SendOptions own = options;
  for (const Outgoing& message : messages) {
    Result<std::size_t> done = Errno::bad_descriptor;
    own.source = message.source ? message.source : options.source;
    if (sent == 0 || !has_room(fd)) {
      done = co_await sendto(self, fd, message.payload, message.to, own);
    } else if (Socket* entry = find(fd)) {
      done = send_now(self.cpu(), *entry, message.payload, message.to, own);
    }
    if (!done.ok()) {
      co_return sent == 0 ? done : Result<std::size_t>(sent);
    }
    ++sent;
  }
  co_return sent;
}

Task<Result<std::vector<Message>>> SocketCalls::recvmmsg(Process& self, int fd,
                                                         std::span<const headers::MutableBytes> out, ReceiveMany how) {
  std::vector<Message> messages;
  std::optional<platform::Nanoseconds> deadline;
  if (how.timeout) {
    deadline = self.cpu().now() + *how.timeout;
  }
  if (out.empty()) {
    co_return Errno::invalid;
  }
  while (messages.size() < out.size()) {
    const headers::MutableBytes into = out[messages.size()];
    Socket* entry = find(fd);
    const bool waits = entry != nullptr && !entry->protocol->queue().empty();
    const bool sleeps = messages.empty() || !how.wait_for_one;
    if (!messages.empty() && waits) {
      Message message;
      copy_out(self.cpu(), *entry, into, how.flags, message);
      messages.push_back(message);
    } else if (sleeps) {
      const auto message = co_await recvfrom(self, fd, into, how.flags);
      if (!message.ok()) {
        if (messages.empty()) {
          co_return message.error();
        }
        break;
      }
      messages.push_back(*message);
    } else {
      break;
    }
    if (deadline && self.cpu().now() >= *deadline) {
      break;
    }
  }
  co_return messages;
}

}  // namespace host::socket
