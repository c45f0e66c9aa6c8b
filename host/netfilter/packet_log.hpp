// SPDX-License-Identifier: Apache-2.0
// What `log` statements wrote: the last packets, as the kernel log shows them (Linux: nf_log_syslog).
#pragma once

#include <array>
#include <string>
#include <vector>

#include "host/netfilter/packet_info.hpp"
#include "host/netfilter/statement.hpp"

namespace host::netfilter {

/// A ring: writing takes no memory, the oldest line makes room. Lines are made when they are read.
class PacketLog {
 public:
  static constexpr std::size_t kMostLines = 512;

  void write(const Log& log, const PacketInfo& packet, const HookCall& call);
  /// The lines in order: "[    1.000000] PREFIXIN=eth0 OUT= SRC=... DST=...".
  [[nodiscard]] std::string text() const;
  /// Ever written.
  [[nodiscard]] std::uint64_t written() const { return written_; }

 private:
  static constexpr std::size_t kPrefixBytes = 128;  // nftables' bound
  static constexpr std::size_t kPacketBytes = 80;

  struct Line {
    platform::Nanoseconds when = 0;
    std::array<char, kPrefixBytes> prefix{};
    std::array<char, kInterfaceNameBytes> in{};
    std::array<char, kInterfaceNameBytes> out{};
    std::array<std::byte, kPacketBytes> packet{};
    std::size_t packet_bytes = 0;
    std::uint32_t mark = 0;
  };
  [[nodiscard]] static std::string render(const Line& line);

  std::vector<Line> lines_;  // grows to kMostLines with the first lines, then no more
  std::uint64_t written_ = 0;
};

}  // namespace host::netfilter
