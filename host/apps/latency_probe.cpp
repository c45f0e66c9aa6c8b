// SPDX-License-Identifier: Apache-2.0
// The latency prober.
#include "host/apps/latency_probe.hpp"

#include <algorithm>

#include "host/apps/udp_kind.hpp"
#include "host/base/byte_order.hpp"

namespace host::apps {

using base::Errno;
using base::Result;
using kernel::Process;
using kernel::Task;
using platform::Nanoseconds;
using socket::SocketCalls;

namespace {

constexpr std::size_t kSequenceBytes = 4;
constexpr std::size_t kLargestDatagram = 65'507;

/// Reads until the answer to `sequence` is there or its time is over.
Task<void> await_answer(Process& self, SocketCalls& sockets, int fd, std::uint32_t sequence, Nanoseconds asked,
                        const LatencyProbeOptions& options, headers::MutableBytes buffer, LatencyProbeReport& report) {
  const Nanoseconds deadline = asked + options.timeout;
  while (self.cpu().now() < deadline) {
    static_cast<void>(sockets.set_receive_timeout(fd, deadline - self.cpu().now()));
    const auto answer = co_await sockets.recvfrom(self, fd, buffer);
    if (!answer.ok()) {
      if (answer.error() == Errno::again) break;
      ++report.errors;
      report.last_error = answer.error();
      continue;
    }
    if (answer->bytes < kSequenceBytes || base::load_be32(buffer, 0) != sequence) {
      ++report.late;
      continue;
    }
    report.round_trips.push_back(self.cpu().now() - asked);
    co_return;
  }
  ++report.lost;
}

}  // namespace

Task<Result<void>> latency_probe(Process& self, SocketCalls& sockets, LatencyProbeOptions options,
                                 LatencyProbeReport& report) {
  const auto fd = sockets.socket(self, udp_kind(options.server.address));
  if (!fd.ok()) co_return fd.error();
  const auto connected = sockets.connect(self, *fd, options.server);
  if (!connected.ok()) co_return connected.error();
  std::vector<std::byte> payload(std::clamp(options.size, kSequenceBytes, kLargestDatagram));
  std::vector<std::byte> buffer(payload.size());
  for (std::uint32_t sequence = 1; sequence <= options.count; ++sequence) {
    if (options.stop != nullptr && *options.stop) break;
    const Nanoseconds asked = self.cpu().now();
    base::store_be32(payload, 0, sequence);
    const auto sent = co_await sockets.sendto(self, *fd, payload);
    if (sent.ok()) {
      ++report.sent;
      co_await await_answer(self, sockets, *fd, sequence, asked, options, buffer, report);
    } else {
      ++report.errors;
      report.last_error = sent.error();
      co_await self.sleep_for(options.timeout);
    }
    if (asked + options.interval > self.cpu().now()) co_await self.sleep_until(asked + options.interval);
  }
  co_return sockets.close(self, *fd);
}

}  // namespace host::apps
