// SPDX-License-Identifier: Apache-2.0
// Sends at each interval, prints each reply, sums up.
#include "host/console/ping_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "host/console/console.hpp"
#include "host/console/errors.hpp"
#include "host/headers/echo.hpp"

namespace host::console {
namespace {

using headers::AddressFamily;
using headers::kEchoHeaderBytes;
using kernel::Task;
using platform::Nanoseconds;

constexpr Nanoseconds kSecond = 1'000'000'000;
constexpr Nanoseconds kMillisecond = 1'000'000;
constexpr Nanoseconds kMicrosecond = 1'000;
constexpr std::size_t kLargest = 65'507;  // of what an IPv4 packet holds behind the ICMP header
constexpr std::size_t kHeaders = 28;      // of IP and ICMP
constexpr int kNoHost = 2;

struct Options {
  std::optional<std::uint64_t> count;
  std::size_t size = 56;
  Nanoseconds interval = kSecond;
  std::optional<Nanoseconds> patience;
  bool quiet = false;
  std::optional<AddressFamily> family;
  std::string target;
};

/// A complaint, or nothing.
using Complaint = std::optional<std::string>;

template <typename Number>
std::optional<Number> to_number(const std::string& word) {
  Number value{};
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

Complaint out_of_range(const std::string& word, std::uint64_t least, std::uint64_t most) {
  return fmt::format("ping: invalid argument: '{}': out of range: {} <= value <= {}\n", word, least, most);
}

Complaint take_seconds(const std::string& word, Nanoseconds& time) {
  const auto seconds = to_number<double>(word);
  constexpr double kMost = 1e9;
  if (!seconds || !(*seconds >= 0) || *seconds > kMost) return fmt::format("ping: bad timing interval: {}\n", word);
  time = std::max<Nanoseconds>(std::llround(*seconds * static_cast<double>(kSecond)), 1);
  return {};
}

Complaint take_number(const std::string& word, std::uint64_t least, std::uint64_t most, std::uint64_t& value) {
  const auto number = to_number<std::uint64_t>(word);
  if (!number) return fmt::format("ping: invalid argument: '{}'\n", word);
  if (*number < least || *number > most) return out_of_range(word, least, most);
  value = *number;
  return {};
}

/// An option with its argument.
Complaint take_option(char letter, const std::string& argument, Options& options) {
  constexpr std::uint64_t kMostPackets = INT64_MAX;
  std::uint64_t number = 0;
  Nanoseconds time = 0;
  switch (letter) {
    case 'c':
      if (auto wrong = take_number(argument, 1, kMostPackets, number)) return wrong;
      options.count = number;
      return {};
    case 's':
      if (auto wrong = take_number(argument, 0, kLargest, number)) return wrong;
      options.size = number;
      return {};
    case 'i':
      return take_seconds(argument, options.interval);
    default:
      if (auto wrong = take_seconds(argument, time)) return wrong;
      options.patience = time;
      return {};
  }
}

Complaint parse(const std::vector<std::string>& words, Options& options) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.size() < 2 || word.front() != '-') {
      options.target = word;
      continue;
    }
    const char letter = word[1];
    if (letter == 'q' || letter == 'n') {
      options.quiet = options.quiet || letter == 'q';
      continue;
    }
    if (letter == '4' || letter == '6') {
      options.family = letter == '4' ? AddressFamily::inet : AddressFamily::inet6;
      continue;
    }
    if (std::string_view("csiW").find(letter) == std::string_view::npos) {
      return fmt::format("ping: invalid option -- '{}'\n", letter);
    }
    if (word.size() == 2 && ++i == words.size()) {
      return fmt::format("ping: option requires an argument -- '{}'\n", letter);
    }
    if (auto wrong = take_option(letter, word.size() > 2 ? word.substr(2) : words[i], options)) return wrong;
  }
  if (options.target.empty()) return "ping: usage error: Destination address required\n";
  return {};
}

/// As iputils cuts it: three digits, or as many as there are microseconds.
std::string milliseconds(Nanoseconds time) {
  const Nanoseconds micros = (time + kMicrosecond / 2) / kMicrosecond;
  const double millis = static_cast<double>(micros) / 1000;
  if (micros >= 100'000) return fmt::format("{}", micros / 1000);
  if (micros >= 10'000) return fmt::format("{:.1f}", std::floor(millis * 10) / 10);
  if (micros >= 1'000) return fmt::format("{:.2f}", std::floor(millis * 100) / 100);
  return fmt::format("{:.3f}", millis);
}

/// One run of the command.
class Ping {
 public:
  Ping(socket::SocketCalls& sockets, Invocation& call, Options options, const socket::SocketAddress& target)
      : sockets_(sockets), call_(call), options_(std::move(options)), target_(target) {}

  Task<int> run() {
    const bool inet = target_.address.is_ipv4();
    const auto fd = sockets_.socket(call_.self, inet ? socket::SocketKind::ping : socket::SocketKind::ping6);
    if (!fd) co_return complain("socket", fd.error());
    fd_ = *fd;
    const auto connected = sockets_.connect(call_.self, fd_, target_);
    if (!connected) {
      static_cast<void>(sockets_.close(call_.self, fd_));
      co_return complain("connect", connected.error());
    }
    const std::string name = to_string(target_.address);
    call_.out(inet ? fmt::format("PING {} ({}) {}({}) bytes of data.\n", options_.target, name, options_.size,
                                 options_.size + kHeaders)
                   : fmt::format("PING {}({}) {} data bytes\n", options_.target, options_.target, options_.size));
    first_ = last_ = call_.self.cpu().now();
    co_await exchange();
    static_cast<void>(sockets_.close(call_.self, fd_));
    sum_up();
    co_return received_ != 0 ? 0 : kFailure;
  }

 private:
  int complain(std::string_view step, base::Errno error) {
    call_.err(fmt::format("ping: {}: {}\n", step, error_text(error)));
    return kNoHost;
  }

  Task<void> exchange() {
    Nanoseconds next = first_;
    while (!options_.count || transmitted_ < *options_.count) {
      co_await send();
      next += options_.interval;
      const bool more = !options_.count || transmitted_ < *options_.count;
      if (more) co_await listen(next);
    }
    const Nanoseconds begin = call_.self.cpu().now();
    const Nanoseconds slow = std::max(2 * longest_, options_.interval);
    const Nanoseconds patience = options_.patience.value_or(received_ != 0 ? slow : 10 * kSecond);
    if (!waiting_.empty()) co_await listen(begin + patience, Until::all_came);
  }

  Task<void> send() {
    ++transmitted_;
    const auto sequence = static_cast<std::uint16_t>(transmitted_);
    std::vector<std::byte> message(kEchoHeaderBytes + options_.size);
    for (std::size_t i = 0; i < options_.size; ++i) message[kEchoHeaderBytes + i] = static_cast<std::byte>(i);
    headers::write_echo_request(message, target_.address.family(), sequence);
    const Nanoseconds at = call_.self.cpu().now();
    waiting_[sequence] = at;
    const auto sent = co_await sockets_.sendto(call_.self, fd_, message);
    last_ = std::max(last_, at);
    if (sent) co_return;
    waiting_.erase(sequence);
    ++errors_;
    call_.err(fmt::format("ping: sendmsg: {}\n", error_text(sent.error())));
  }

  enum class Until : std::uint8_t { deadline, all_came };

  Task<void> listen(Nanoseconds deadline, Until until = Until::deadline) {
    std::vector<std::byte> buffer(kEchoHeaderBytes + kLargest);
    while (call_.self.cpu().now() < deadline && (until == Until::deadline || !waiting_.empty())) {
      static_cast<void>(sockets_.set_receive_timeout(fd_, deadline - call_.self.cpu().now()));
      const auto message = co_await sockets_.recvfrom(call_.self, fd_, buffer);
      if (message) {
        take(headers::Bytes(buffer).first(message->bytes), *message);
      } else if (message.error() != base::Errno::again) {
        ++errors_;
        if (!waiting_.empty()) waiting_.erase(waiting_.begin());
        call_.err(fmt::format("ping: recvmsg: {}\n", error_text(message.error())));
      }
    }
  }

  void take(headers::Bytes bytes, const socket::Message& message) {
    const auto echo = headers::read_echo(bytes, target_.address.family());
    if (!echo) return;
    const Nanoseconds now = call_.self.cpu().now();
    const auto request = waiting_.find(echo->sequence);
    const bool duplicate = request == waiting_.end();
    if (duplicate) {
      ++duplicates_;
    } else {
      note(now - request->second);
      waiting_.erase(request);
    }
    last_ = std::max(last_, now);
    if (options_.quiet) return;
    const bool of_link = target_.scope != 0;
    call_.out(fmt::format("{} bytes from {}: icmp_seq={} ttl={} time={} ms{}\n", bytes.size(),
                          of_link ? options_.target : to_string(message.from.address), echo->sequence, message.ttl,
                          milliseconds(newest_), duplicate ? " (DUP!)" : ""));
  }

  void note(Nanoseconds time) {
    ++received_;
    newest_ = time;
    shortest_ = received_ == 1 ? time : std::min(shortest_, time);
    longest_ = std::max(longest_, time);
    const double micros = static_cast<double>(time) / 1000;
    sum_ += micros;
    sum_of_squares_ += micros * micros;
  }

  void sum_up() {
    const std::uint64_t lost = transmitted_ - std::min(received_, transmitted_);
    call_.out(fmt::format(
        "\n--- {} ping statistics ---\n{} packets transmitted, {} received{}{}, {}% packet loss, ", options_.target,
        transmitted_, received_, duplicates_ == 0 ? "" : fmt::format(", +{} duplicates", duplicates_),
        errors_ == 0 ? "" : fmt::format(", +{} errors", errors_), transmitted_ == 0 ? 0 : lost * 100 / transmitted_));
    call_.out(fmt::format("time {}ms\n", (last_ - first_) / kMillisecond));
    if (received_ == 0) {
      call_.out("\n");
      return;
    }
    const auto count = static_cast<double>(received_);
    const double mean = sum_ / count;
    const double deviation = std::sqrt(std::max(0.0, sum_of_squares_ / count - mean * mean));
    call_.out(fmt::format("rtt min/avg/max/mdev = {:.3f}/{:.3f}/{:.3f}/{:.3f} ms\n",
                          static_cast<double>(shortest_) / 1e6, mean / 1000, static_cast<double>(longest_) / 1e6,
                          deviation / 1000));
  }

  socket::SocketCalls& sockets_;
  Invocation& call_;
  Options options_;
  socket::SocketAddress target_;
  int fd_ = -1;
  std::map<std::uint16_t, Nanoseconds> waiting_;  // when each was sent
  std::uint64_t transmitted_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t errors_ = 0;
  Nanoseconds first_ = 0;
  Nanoseconds last_ = 0;
  Nanoseconds newest_ = 0;
  Nanoseconds shortest_ = 0;
  Nanoseconds longest_ = 0;
  double sum_ = 0;
  double sum_of_squares_ = 0;
};

/// A.B.C.D, or X:Y::Z with %DEVICE if it is a link's.
std::optional<socket::SocketAddress> to_target(device::NetCore& net, const std::string& word) {
  if (const auto address = headers::Ipv4Address::parse(word)) return socket::SocketAddress{*address};
  const auto percent = word.find('%');
  const auto address = headers::Ipv6Address::parse(word.substr(0, percent));
  if (!address) return std::nullopt;
  if (percent == std::string::npos) return socket::SocketAddress{*address};
  const device::NetDevice* device = net.device_by_name(word.substr(percent + 1));
  if (device == nullptr) return std::nullopt;
  return socket::SocketAddress{*address, 0, device->ifindex()};
}

/// Why there is nobody of this name; nothing: there is.
Complaint check_target(const Options& options, const std::optional<socket::SocketAddress>& target) {
  if (!target) return fmt::format("ping: {}: Name or service not known\n", options.target);
  const bool fits = !options.family || *options.family == target->address.family();
  if (!fits) return fmt::format("ping: {}: Address family for hostname not supported\n", options.target);
  return {};
}

}  // namespace

void add_ping_command(Console& console) {
  console.add("ping", "is somebody there: ping -c 3 -i 0.001 10.0.0.1",
              [&system = console.system()](Invocation& call) -> Task<int> {
                Options options;
                if (const auto complaint = parse(call.words, options)) {
                  call.err(*complaint);
                  co_return kFailure;
                }
                const auto target = to_target(system.net, options.target);
                if (const auto complaint = check_target(options, target)) {
                  call.err(*complaint);
                  co_return kNoHost;
                }
                Ping ping(system.sockets, call, std::move(options), *target);
                co_return co_await ping.run();
              });
}

}  // namespace host::console
