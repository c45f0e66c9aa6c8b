// SPDX-License-Identifier: Apache-2.0
// Numbers at the end of frames by which they are known everywhere, and when each was last seen.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "host/headers/ipv4_address.hpp"
#include "sim/pcie/ports.hpp"

namespace sim::experiment {

/// Who is who: the host, its neighbour at the other end of the wire, and somebody behind that one.
inline constexpr host::headers::Ipv4Prefix kHostAddress{host::headers::Ipv4Address::of(10, 77, 0, 2), 24};
inline constexpr auto kPeerAddress = host::headers::Ipv4Address::of(10, 77, 0, 1);
inline constexpr auto kElsewhere = host::headers::Ipv4Address::of(10, 78, 0, 9);
inline constexpr std::array<std::byte, 6> kPeerMac = {std::byte{0x52}, std::byte{0x54}, std::byte{0x00},
                                                      std::byte{0xBE}, std::byte{0xE7}, std::byte{0x01}};
inline constexpr std::size_t kMarkBytes = 8;

/// In the last bytes; only those `timed` have a number.
void mark(std::span<std::byte> bytes, std::uint32_t number, bool timed);
[[nodiscard]] std::optional<std::uint32_t> mark_of(std::span<const std::byte> bytes);

/// From one place to another: how long each number took, while it is told to count.
class Stopwatch {
 public:
  void start(std::uint32_t number, Picoseconds at) { started_[number] = at; }
  /// Nothing happens to a number that was not started.
  void stop(std::uint32_t number, Picoseconds at, bool counts);
  /// Microseconds below which so many percent of the samples are; 0 without any.
  [[nodiscard]] double percentile(unsigned percent) const;

 private:
  std::unordered_map<std::uint32_t, Picoseconds> started_;
  std::vector<Picoseconds> samples_;
};

}  // namespace sim::experiment
