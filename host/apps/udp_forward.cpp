// SPDX-License-Identifier: Apache-2.0
// A relay for datagrams.
#include "host/apps/udp_forward.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <vector>

#include "host/apps/udp_kind.hpp"

namespace host::apps {

using base::Errno;
using base::Result;
using kernel::Process;
using kernel::Task;
using socket::SocketAddress;
using socket::SocketCalls;

namespace {

constexpr std::size_t kLargestDatagram = 65'507;
constexpr socket::ReceiveFlags kDontWait{.peek = false, .truncate = false, .dont_wait = true};

/// The clients, the one that spoke last in front.
class Relay {
 public:
  Relay(Process& self, SocketCalls& sockets, const UdpForwardOptions& options, UdpForwardStats& stats)
      : self_(self), sockets_(sockets), options_(options), stats_(stats), buffer_(kLargestDatagram) {}

  Result<void> open() {
    const auto front = sockets_.socket(self_, kBothFamilies);
    if (!front.ok()) return front.error();
    front_ = *front;
    if (auto bound = sockets_.bind(self_, front_, {.address = {}, .port = options_.port}); !bound.ok()) return bound;
    const auto epoll = sockets_.epoll_create(self_);
    if (!epoll.ok()) return epoll.error();
    epoll_ = *epoll;
    return watch(front_);
  }

  Task<Result<void>> serve() {
    std::array<socket::EpollEvent, 16> events{};
    while (true) {
      const auto ready = co_await sockets_.epoll_wait(self_, epoll_, events);
      if (!ready.ok()) co_return ready.error();
      for (std::size_t i = 0; i < *ready; ++i) {
        const int fd = static_cast<int>(events[i].data);
        if (fd == front_) {
          co_await from_client();
        } else {
          co_await from_server(fd);
        }
      }
    }
  }

 private:
  struct Client {
    SocketAddress address;
    int fd = -1;
  };

  Result<void> watch(int fd) {
    return sockets_.epoll_ctl(self_, epoll_, socket::EpollControl::add, fd,
                              {.events = socket::kPollIn, .data = static_cast<std::uint64_t>(fd)});
  }

  Task<void> from_client() {
    const auto message = co_await sockets_.recvfrom(self_, front_, buffer_, kDontWait);
    if (!message.ok()) co_return;
    const auto fd = socket_of(message->from);
    if (!fd.ok()) {
      ++stats_.failures;
      co_return;
    }
    const auto sent = co_await sockets_.sendto(self_, *fd, headers::Bytes(buffer_).first(message->bytes));
    ++(sent.ok() ? stats_.to_server : stats_.failures);
  }

  Task<void> from_server(int fd) {
    const auto client = std::ranges::find(clients_, fd, &Client::fd);
    if (client == clients_.end()) co_return;
    const SocketAddress back = client->address;
    const auto message = co_await sockets_.recvfrom(self_, fd, buffer_, kDontWait);
    if (!message.ok()) co_return;
    const auto sent = co_await sockets_.sendto(self_, front_, headers::Bytes(buffer_).first(message->bytes), back);
    ++(sent.ok() ? stats_.to_clients : stats_.failures);
  }

  Result<int> socket_of(const SocketAddress& address) {
    const auto known = std::ranges::find(clients_, address, &Client::address);
    if (known != clients_.end()) {
      clients_.splice(clients_.begin(), clients_, known);
      return known->fd;
    }
    if (clients_.size() >= std::max<std::size_t>(options_.clients, 1)) {
      ++stats_.evicted;
      static_cast<void>(sockets_.close(self_, clients_.back().fd));
      clients_.pop_back();
    }
    const auto fd = sockets_.socket(self_, udp_kind(options_.server.address));
    if (!fd.ok()) return fd;
    auto ready = sockets_.connect(self_, *fd, options_.server);
    if (ready.ok()) ready = watch(*fd);
    if (!ready.ok()) {
      static_cast<void>(sockets_.close(self_, *fd));
      return ready.error();
    }
    ++stats_.clients;
    clients_.push_front({address, *fd});
    return *fd;
  }

  Process& self_;
  SocketCalls& sockets_;
  const UdpForwardOptions& options_;
  UdpForwardStats& stats_;
  std::vector<std::byte> buffer_;
  int front_ = -1;
  int epoll_ = -1;
  std::list<Client> clients_;
};

}  // namespace

Task<Result<void>> udp_forward(Process& self, SocketCalls& sockets, UdpForwardOptions options, UdpForwardStats& stats) {
  Relay relay(self, sockets, options, stats);
  if (auto opened = relay.open(); !opened.ok()) co_return opened.error();
  const auto ended = co_await relay.serve();
  co_return ended;
}

}  // namespace host::apps
