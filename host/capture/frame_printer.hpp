// SPDX-License-Identifier: Apache-2.0
// A frame in tcpdump's words (tcpdump 4.99: print.c, print-ether.c).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "host/headers/bytes.hpp"
#include "host/platform/cpu_platform.hpp"

namespace host::capture {

struct PrintOptions {
  /// -t: none; -tt: seconds since the beginning; -ttt: since the line before; -ttttt: since the first.
  enum class Time : std::uint8_t { of_day, none, seconds, since_last, since_first };
  Time time = Time::of_day;
  bool link_header = false;        // -e
  unsigned verbose = 0;            // -v, -vv, -vvv
  bool absolute_sequence = false;  // -S
  bool quiet = false;              // -q
  enum class Dump : std::uint8_t { none, hex, hex_and_text };
  Dump dump = Dump::none;         // -x, -X
  bool dump_link_header = false;  // -xx, -XX
};

/// One captured frame.
struct CapturedFrame {
  headers::Bytes bytes;    // from the Ethernet header on, as far as it was kept
  std::size_t length = 0;  // that it had
  platform::Nanoseconds time = 0;
  std::string_view device = {};     // said in front, of a capture of every device
  std::string_view direction = {};  // In, Out, B, M, P, with `device`
};

/// Where a TCP connection's numbers begin, so that they can be told relative to it.
class TcpStarts {
 public:
  /// Sequence and acknowledgement as they are printed; the first segment of a connection and a SYN are told as they
  /// are. At most kMost connections are known; then all are forgotten.
  struct Numbers {
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgement = 0;
    std::uint32_t sack_base = 0;  // what is told of SACK is relative to this, in the first segment, too
  };
  [[nodiscard]] Numbers relative(const std::string& from, const std::string& to, Numbers told, bool syn);

 private:
  static constexpr std::size_t kMost = 4'096;
  std::map<std::pair<std::string, std::string>, Numbers> starts_;  // from the one that compares less
};

/// Prints frames in the order in which they come. Any bytes may be given: what is cut short is said so.
class FramePrinter {
 public:
  explicit FramePrinter(PrintOptions options) : options_(options) {}

  /// With its end of line.
  [[nodiscard]] std::string print(const CapturedFrame& frame);

 private:
  [[nodiscard]] std::string time_of(platform::Nanoseconds time);

  PrintOptions options_;
  TcpStarts tcp_;
  platform::Nanoseconds first_ = -1;
  platform::Nanoseconds last_ = -1;
};

}  // namespace host::capture
