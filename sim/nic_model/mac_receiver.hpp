// SPDX-License-Identifier: Apache-2.0
// The receiving MAC: XGMII words become frames with a verdict (IEEE 802.3 clause 46, 3.2.9, 4A.2.9).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "rtl/contract/nic_contract.hpp"
#include "sim/wire/xgmii.hpp"

namespace sim::nic_model {

class MacReceiver {
 public:
  /// The frame without FCS and one of the contract's FRAME_*; bytes count only with FRAME_OK.
  using Sink = std::function<void(std::vector<std::byte> bytes, std::uint32_t verdict, Picoseconds end)>;

  MacReceiver(unsigned max_frame, Picoseconds byte_time, Sink sink)
      : max_frame_(max_frame), byte_time_(byte_time), sink_(std::move(sink)) {}

  /// The word of the edge at `time`.
  void word(const wire::Word& word, Picoseconds time);

 private:
  void character(std::uint8_t value, bool control, unsigned lane, Picoseconds at);
  void data(std::uint8_t value, Picoseconds at);
  void end(std::uint32_t verdict, Picoseconds at);
  [[nodiscard]] std::size_t limit() const;
  [[nodiscard]] std::uint32_t judge() const;

  unsigned max_frame_;
  Picoseconds byte_time_;
  Sink sink_;
  bool in_frame_ = false;
  unsigned preamble_ = 0;         // characters of it seen, /S/ included
  std::vector<std::byte> bytes_;  // FCS included
};

/// The FCS of `bytes` as a number whose low byte is sent first.
[[nodiscard]] std::uint32_t frame_check(const std::vector<std::byte>& bytes, std::size_t count);

}  // namespace sim::nic_model
