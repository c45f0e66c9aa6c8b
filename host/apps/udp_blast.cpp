// SPDX-License-Identifier: Apache-2.0
// The load generator and its sink.
#include "host/apps/udp_blast.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

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
constexpr double kSecond = 1e9;
constexpr unsigned kYieldEvery = 64;  // datagrams, when it is behind its schedule

/// From one datagram to the next, in nanoseconds. Its own generator: no library's distribution is the same everywhere.
class Schedule {
 public:
  explicit Schedule(const UdpBlastOptions& options) : options_(options), random_(options.seed) {}
  double next() {
    const double mean = kSecond / options_.rate;
    switch (options_.distribution) {
      case Distribution::constant:
        return mean;
      case Distribution::poisson: {
        const double uniform = (static_cast<double>(random_() >> 11) + 1) * 0x1p-53;  // of (0, 1]
        return -std::log(uniform) * mean;
      }
      case Distribution::burst:
        break;
    }
    if (++in_burst_ < std::max(options_.burst, 1U)) return 0;
    in_burst_ = 0;
    return mean * std::max(options_.burst, 1U);
  }

 private:
  const UdpBlastOptions& options_;
  std::mt19937_64 random_;
  unsigned in_burst_ = 0;
};

void note(UdpBlastReport& report, const Result<std::size_t>& sent) {
  if (sent.ok()) {
    ++report.sent;
  } else if (sent.error() == Errno::no_buffers || sent.error() == Errno::again) {
    ++report.refused;
  } else {
    ++report.errors;
    report.last_error = sent.error();
  }
}

}  // namespace

Task<Result<void>> udp_blast(Process& self, SocketCalls& sockets, UdpBlastOptions options, UdpBlastReport& report) {
  const auto fd = sockets.socket(self, udp_kind(options.to.address));
  if (!fd.ok()) co_return fd.error();
  const auto connected = sockets.connect(self, *fd, options.to);
  if (!connected.ok()) co_return connected.error();
  std::vector<std::byte> payload(std::clamp(options.size, kSequenceBytes, kLargestDatagram));
  Schedule schedule(options);
  auto due = static_cast<double>(self.cpu().now());
  for (std::uint64_t number = 1; options.count == 0 || number <= options.count; ++number) {
    if (static_cast<Nanoseconds>(due) > self.cpu().now()) {
      co_await self.sleep_until(static_cast<Nanoseconds>(due));
    } else if (number % kYieldEvery == 0) {
      co_await self.yield();
    }
    if (options.stop != nullptr && *options.stop) break;
    base::store_be32(payload, 0, static_cast<std::uint32_t>(number));
    const auto sent = co_await sockets.sendto(self, *fd, payload);
    note(report, sent);
    due += schedule.next();
  }
  co_return sockets.close(self, *fd);
}

Task<Result<void>> udp_sink(Process& self, SocketCalls& sockets, UdpSinkOptions options, UdpSinkReport& report) {
  const auto fd = sockets.socket(self, options.group.is_any() ? kBothFamilies : udp_kind(options.group));
  if (!fd.ok()) co_return fd.error();
  if (options.reuse_port) {
    const auto shared = sockets.set_option(*fd, socket::SocketOption::reuse_port, true);
    if (!shared.ok()) co_return shared.error();
  }
  if (options.receive_buffer > 0) {
    const auto sized = sockets.set_receive_buffer(*fd, options.receive_buffer);
    if (!sized.ok()) co_return sized.error();
  }
  const auto bound = sockets.bind(self, *fd, {.address = {}, .port = options.port});
  if (!bound.ok()) co_return bound.error();
  if (!options.group.is_any()) {
    const auto joined = options.group.is_ipv4() ? sockets.join_group(self, *fd, options.group.ipv4())
                                                : sockets.join_group6(self, *fd, options.group.value);
    if (!joined.ok()) co_return joined.error();
  }
  std::vector<std::byte> buffer(kLargestDatagram);
  while (true) {
    const auto message = co_await sockets.recvfrom(self, *fd, buffer);
    if (!message.ok()) co_return message.error();
    report.last = self.cpu().now();
    if (report.received == 0) report.first = report.last;
    ++report.received;
    report.bytes += message->bytes;
    if (message->bytes >= kSequenceBytes) {
      const std::uint32_t sequence = base::load_be32(buffer, 0);
      report.late += sequence < report.highest ? 1 : 0;
      report.highest = std::max(report.highest, sequence);
    }
    if (options.work > 0) self.work(options.work);
  }
}

}  // namespace host::apps
