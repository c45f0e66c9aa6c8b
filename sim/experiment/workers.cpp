// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/workers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sim::experiment {
namespace {

constexpr std::size_t kLargestDatagram = 65'507;
constexpr std::int64_t kMostSendBuffer = 64 << 20;  // bytes
constexpr std::uint32_t kTurn = 64;                 // datagrams between two times that a sender gives way

}  // namespace

void Workers::fail(const std::string& what) {
  if (problem_.empty()) problem_ = what;
}

std::string Workers::start(host::apps::Host& host, host::device::NetDevice& device) {
  host_ = &host;
  if (auto added = host.add_address(device, kHostAddress); !added) {
    return fmt::format("the host cannot have its address: {}", errno_name(added.error()));
  }
  if (trial_.prepare) trial_.prepare(host, device);
  host.kernel().spawn(0, "setup", [this](Process& self) { return set_up(self); });
  return {};
}

/// The neighbour answers nothing, so his address is written down.
host::kernel::Task<void> Workers::set_up(Process& self) {
  std::vector<std::string> lines = {
      fmt::format("ip neigh add {} lladdr 52:54:00:be:e7:01 nud permanent dev eth0", to_string(kPeerAddress))};
  lines.insert(lines.end(), trial_.setup.begin(), trial_.setup.end());
  for (const std::string& line : lines) {
    std::string answer;
    const int status = co_await host_->console().run(
        self, line, [&answer](host::console::Stream, std::string_view text) { answer += text; });
    if (status != 0) fail(fmt::format("'{}': {}", line, answer.substr(0, answer.find('\n'))));
  }
  for (const Reader& reader : trial_.readers) {
    host_->kernel().spawn(reader.cpu, "reader", [this, &reader](Process& process) { return read(process, reader); });
    host_->kernel().machine().irqs.send_ipi(reader.cpu);
  }
  ready_ = true;
}

host::base::Result<int> Workers::open(Process& self, const Reader& reader) {
  auto& sockets = host_->sockets();
  const auto fd = sockets.socket(self, host::socket::SocketKind::udp);
  if (!fd) return fd.error();
  if (trial_.readers.size() > 1) {
    if (auto set = sockets.set_option(*fd, host::socket::SocketOption::reuse_port, true); !set) return set.error();
  }
  if (reader.gro) {
    if (auto set = sockets.set_option(*fd, host::socket::SocketOption::udp_gro, true); !set) return set.error();
  }
  if (reader.filter) {
    if (auto set = sockets.attach_filter(*fd, *reader.filter); !set) return set.error();
  }
  if (reader.busy_poll_usecs != 0) {
    if (auto set = sockets.set_busy_poll(*fd, reader.busy_poll_usecs); !set) return set.error();
  }
  if (auto bound = sockets.bind(self, *fd, {.address = {}, .port = reader.port}); !bound) return bound.error();
  return *fd;
}

host::kernel::Task<void> Workers::read(Process& self, const Reader& reader) {
  const auto fd = open(self, reader);
  if (!fd) {
    fail(fmt::format("a reader's socket: {}", errno_name(fd.error())));
    co_return;
  }
  std::vector<std::byte> buffer(kLargestDatagram);
  while (reader.reads) {
    const auto message = co_await host_->sockets().recvfrom(self, *fd, buffer);
    if (!message) co_return;
    const auto bytes = std::span<const std::byte>(buffer).first(message->bytes);
    const std::size_t each = message->segment_bytes != 0 ? message->segment_bytes : bytes.size();
    for (std::size_t at = 0; at < bytes.size(); at += each) {
      const auto datagram = bytes.subspan(at, std::min(each, bytes.size() - at));
      ++read_;
      bytes_read_ += datagram.size();
      if (const auto number = mark_of(datagram)) receive_watch_.stop(*number, now_(), counts_());
    }
  }
}

void Workers::begin() {
  for (const Sender& sender : trial_.senders) {
    host_->kernel().spawn(sender.cpu, "sender", [this, &sender](Process& self) { return send(self, sender); });
    host_->kernel().machine().irqs.send_ipi(sender.cpu);
  }
}

/// A datagram that a full queue refuses is lost, as UDP's are; the sender goes on.
host::kernel::Task<void> Workers::send(Process& self, const Sender& sender) {
  auto& sockets = host_->sockets();
  const auto fd = sockets.socket(self, host::socket::SocketKind::udp);
  if (!fd || !sockets.connect(self, *fd, {.address = kPeerAddress, .port = sender.port})) {
    fail("a sender's socket could not be connected");
    co_return;
  }
  const bool room = host_->kernel().sysctl().set("net.core.wmem_max", kMostSendBuffer).ok();
  if (!room || !sockets.set_send_buffer(*fd, sender.send_buffer)) {
    fail("a sender's buffer was refused");
    co_return;
  }
  if (sender.tos != 0 && !sockets.set_tos(*fd, sender.tos)) fail("a sender's type of service was refused");
  if (!sockets.set_udp_segment(*fd, sender.segment)) fail("a sender's segments were refused");
  std::vector<std::byte> payload(sender.bytes);
  host::platform::Nanoseconds next = self.cpu().now();
  while (running_) {
    const std::uint32_t number = sent_++;
    mark(payload, number, sender.timed);
    if (sender.timed) send_watch_.start(number, now_());
    const auto sent = co_await sockets.sendto(self, *fd, payload);
    if (!sent && sent.error() != host::base::Errno::no_buffers) {
      fail(fmt::format("sendto: {}", errno_name(sent.error())));
      co_return;
    }
    next += sender.interval / 1000;
    if (sender.interval != 0) {
      co_await self.sleep_until(next);
    } else if (number % kTurn == 0) {
      co_await self.yield();
    }
  }
}

}  // namespace sim::experiment
