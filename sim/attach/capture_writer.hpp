// SPDX-License-Identifier: Apache-2.0
// A pcapng file of what crossed the wire, with interface names and nanoseconds of simulated time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "sim/pcie/ports.hpp"

namespace sim::attach {

/// draft-ietf-opsawg-pcapng: one section, one interface description for each name, enhanced packets.
class CaptureWriter {
 public:
  enum class Direction : std::uint8_t { inbound = 1, outbound = 2 };  // epb_flags, bits 0-1
  enum class Error : std::uint8_t { none, fcs, preamble, symbol };    // epb_flags, bits 16-31

  /// Throws UserError when the file cannot be written.
  CaptureWriter(const std::string& path, const std::vector<std::string>& interfaces);

  /// `length`: what a frame had that was cut; 0: it was not.
  void write(unsigned interface, std::span<const std::byte> frame, Picoseconds at, Direction direction,
             Error error = Error::none, std::size_t length = 0);
  [[nodiscard]] std::uint64_t frames() const { return frames_; }
  /// Throws UserError when the disk was full or the like.
  void close();

 private:
  std::string path_;
  std::ofstream file_;
  std::uint64_t frames_ = 0;
};

}  // namespace sim::attach
