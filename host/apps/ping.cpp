// SPDX-License-Identifier: Apache-2.0
// The ping command: echo requests, verified replies, statistics.
#include "host/apps/ping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "host/apps/pattern.hpp"
#include "host/headers/echo.hpp"

namespace host::apps {

using headers::AddressFamily;
using headers::kEchoHeaderBytes;
using kernel::Process;
using kernel::Task;
using platform::Nanoseconds;
using socket::SocketCalls;

namespace {

constexpr std::size_t kBuffer = 65'536;

/// An echo request as the application writes it; identifier and checksum are the stack's.
std::vector<std::byte> request(AddressFamily family, std::size_t size, std::uint16_t sequence) {
  std::vector<std::byte> message(kEchoHeaderBytes + size);
  fill_pattern(headers::MutableBytes(message).subspan(kEchoHeaderBytes), sequence);
  headers::write_echo_request(message, family, sequence);
  return message;
}

void note_error(PingReport& report, base::Errno error) {
  ++report.errors;
  report.last_error = error;
}

/// Waits for the reply to `sequence`; replies to earlier requests are late and pass by.
Task<void> await_reply(Process& self, SocketCalls& sockets, int fd, const PingOptions& options, std::uint16_t sequence,
                       Nanoseconds sent_at, headers::MutableBytes buffer, PingReport& report) {
  const Nanoseconds deadline = sent_at + options.timeout;
  while (self.cpu().now() < deadline) {
    static_cast<void>(sockets.set_receive_timeout(fd, deadline - self.cpu().now()));
    const auto message = co_await sockets.recvfrom(self, fd, buffer);
    if (!message.ok()) {
      if (message.error() != base::Errno::again) {
        note_error(report, message.error());
      }
      co_return;
    }
    const auto reply = headers::read_echo(headers::Bytes(buffer).first(message->bytes), options.target.family());
    if (!reply || reply->sequence != sequence) {
      continue;
    }
    ++report.received;
    report.round_trips.push_back(self.cpu().now() - sent_at);
    if (reply->payload.size() != options.size || !matches_pattern(reply->payload, sequence)) {
      ++report.corrupted;
    }
    co_return;
  }
}

Task<void> ping_all(Process& self, SocketCalls& sockets, int fd, const PingOptions& options, PingReport& report) {
  std::vector<std::byte> buffer(kBuffer);
  for (unsigned i = 1; i <= options.count; ++i) {
    const auto sequence = static_cast<std::uint16_t>(i);
    const std::vector<std::byte> message = request(options.target.family(), options.size, sequence);
    const Nanoseconds sent_at = self.cpu().now();
    const auto sent = co_await sockets.sendto(self, fd, message);
    if (sent.ok()) {
      ++report.transmitted;
      co_await await_reply(self, sockets, fd, options, sequence, sent_at, buffer, report);
    } else {
      note_error(report, sent.error());
    }
    if (options.interval > 0 && i < options.count) {
      co_await self.sleep_until(sent_at + options.interval);
    }
  }
}

double milliseconds(Nanoseconds time) {
  return static_cast<double>(time) / 1e6;
}

}  // namespace

Task<void> ping(Process& self, SocketCalls& sockets, PingOptions options, PingReport& report) {
  const bool inet = options.target.is_ipv4();
  const auto fd = sockets.socket(self, inet ? socket::SocketKind::ping : socket::SocketKind::ping6);
  if (!fd.ok()) {
    note_error(report, fd.error());
    report.finished = true;
    co_return;
  }
  const auto connected = sockets.connect(self, *fd, {.address = options.target, .port = 0, .scope = options.scope});
  if (connected.ok()) {
    co_await ping_all(self, sockets, *fd, options, report);
  } else {
    note_error(report, connected.error());
  }
  static_cast<void>(sockets.close(self, *fd));
  report.finished = true;
}

std::string summary(const PingReport& report) {
  const std::uint64_t lost = report.transmitted - std::min(report.received, report.transmitted);
  const std::uint64_t percent = report.transmitted == 0 ? 0 : lost * 100 / report.transmitted;
  std::string text =
      fmt::format("{} packets transmitted, {} received, {}% packet loss", report.transmitted, report.received, percent);
  if (report.corrupted != 0) {
    text += fmt::format(", {} corrupted", report.corrupted);
  }
  text += '\n';
  if (!report.round_trips.empty()) {
    const auto& times = report.round_trips;
    const auto [least, most] = std::minmax_element(times.begin(), times.end());
    const Nanoseconds sum = std::accumulate(times.begin(), times.end(), Nanoseconds{0});
    const Nanoseconds mean = sum / static_cast<Nanoseconds>(times.size());
    text += fmt::format("rtt min/avg/max = {:.6f}/{:.6f}/{:.6f} ms\n", milliseconds(*least), milliseconds(mean),
                        milliseconds(*most));
  }
  return text;
}

}  // namespace host::apps
