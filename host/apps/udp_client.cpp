// SPDX-License-Identifier: Apache-2.0
// The echo client: sends a datagram of each size and verifies what comes back.
#include "host/apps/udp_client.hpp"

#include <algorithm>

#include "host/apps/pattern.hpp"
#include "host/apps/udp_kind.hpp"

namespace host::apps {

using kernel::Process;
using kernel::Task;
using platform::Nanoseconds;
using socket::SocketCalls;

namespace {

/// Room for one byte more than any datagram has: an echo that grew is seen.
constexpr std::size_t kBuffer = 65'508;

void note_error(UdpClientReport& report, base::Errno error) {
  ++report.errors;
  report.last_error = error;
}

void note_echo(UdpClientReport& report, Nanoseconds took) {
  ++report.echoed;
  report.shortest = report.echoed == 1 ? took : std::min(report.shortest, took);
  report.longest = std::max(report.longest, took);
}

/// One datagram and its echo.
Task<void> exchange(Process& self, SocketCalls& sockets, int fd, headers::Bytes payload, std::uint32_t sequence,
                    headers::MutableBytes buffer, UdpClientReport& report) {
  const Nanoseconds start = self.cpu().now();
  const auto sent = co_await sockets.sendto(self, fd, payload);
  if (!sent.ok()) {
    note_error(report, sent.error());
    co_return;
  }
  ++report.sent;
  const auto echo = co_await sockets.recvfrom(self, fd, buffer);
  if (!echo.ok()) {
    if (echo.error() == base::Errno::again) {
      ++report.timeouts;
    } else {
      note_error(report, echo.error());
    }
    co_return;
  }
  const headers::Bytes received = headers::Bytes(buffer).first(echo->bytes);
  if (received.size() != payload.size() || !matches_pattern(received, sequence)) {
    ++report.corrupted;
    co_return;
  }
  note_echo(report, self.cpu().now() - start);
}

}  // namespace

std::vector<std::size_t> size_range(std::size_t first, std::size_t last, std::size_t step) {
  std::vector<std::size_t> sizes;
  for (std::size_t size = first; size <= last; size += step) {
    sizes.push_back(size);
  }
  return sizes;
}

Task<void> udp_client(Process& self, SocketCalls& sockets, UdpClientOptions options, UdpClientReport& report) {
  const auto fd = sockets.socket(self, udp_kind(options.server.address));
  if (!fd.ok()) {
    note_error(report, fd.error());
    report.finished = true;
    co_return;
  }
  const auto connected = sockets.connect(self, *fd, options.server);
  if (!connected.ok()) {
    note_error(report, connected.error());
  } else {
    static_cast<void>(sockets.set_receive_timeout(*fd, options.timeout));
    std::vector<std::byte> payload;
    std::vector<std::byte> buffer(kBuffer);
    std::uint32_t sequence = 0;
    for (const std::size_t size : options.sizes) {
      const Nanoseconds next = self.cpu().now() + options.interval;
      payload.resize(size);
      fill_pattern(payload, ++sequence);
      co_await exchange(self, sockets, *fd, payload, sequence, buffer, report);
      if (options.interval > 0) {
        co_await self.sleep_until(next);
      }
    }
  }
  static_cast<void>(sockets.close(self, *fd));
  report.finished = true;
}

}  // namespace host::apps
