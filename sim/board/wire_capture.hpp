// SPDX-License-Identifier: Apache-2.0
// A pcapng file of the cable, in the order of time although the NIC runs ahead of it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "sim/attach/capture_writer.hpp"
#include "sim/wire/cable.hpp"

namespace sim::board {

class WireCapture {
 public:
  /// What is written: both directions, or what left the NIC whole.
  enum class Content : std::uint8_t { everything, sent_by_nic };

  /// Throws UserError when the file cannot be written.
  WireCapture(const std::string& path, Content content);

  /// To be called for what the cable observes.
  void on_wire(wire::Cable::Way way, std::span<const std::byte> bytes, wire::FrameSink::Verdict verdict,
               Picoseconds start);
  /// Throws UserError when the file could not be written to its end.
  void close();
  [[nodiscard]] std::uint64_t frames() const { return writer_.frames(); }

 private:
  struct Record {
    wire::Cable::Way way;
    wire::FrameSink::Verdict verdict;
    std::vector<std::byte> bytes;
  };
  void write_until(Picoseconds time);

  Content content_;
  attach::CaptureWriter writer_;
  std::multimap<Picoseconds, Record> waiting_;
};

}  // namespace sim::board
