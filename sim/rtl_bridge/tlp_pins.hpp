// SPDX-License-Identifier: Apache-2.0
// TLPs cut into beats for the NIC's input pins and put together from its output pins.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <utility>

#include "sim/pcie/tlp.hpp"
#include "sim/pcie/tlp_format.hpp"

namespace sim::rtl_bridge {

/// Of a beat on the pins, of which a narrow data path has the first word only.
using BeatData = std::array<std::uint64_t, 2>;

/// {first, last} as on the pins.
inline constexpr std::uint8_t kFirst = 2;
inline constexpr std::uint8_t kLast = 1;

/// A TLP on its way in. A TLP without payload is one beat.
template <std::size_t kBeatBytes>
class BeatSource {
 public:
  void start(pcie::Tlp tlp) {
    tlp_ = std::move(tlp);
    beat_ = 0;
    beats_ = std::max<std::size_t>(1, (tlp_.payload.size() + kBeatBytes - 1) / kBeatBytes);
  }
  void advance() { ++beat_; }

  [[nodiscard]] bool done() const { return beat_ >= beats_; }
  [[nodiscard]] bool first() const { return beat_ == 0; }
  [[nodiscard]] std::uint8_t flags() const {
    return static_cast<std::uint8_t>((beat_ == 0 ? kFirst : 0) | (beat_ + 1 == beats_ ? kLast : 0));
  }
  [[nodiscard]] std::uint64_t header_high() const { return (std::uint64_t{tlp_.header[0]} << 32) | tlp_.header[1]; }
  [[nodiscard]] std::uint64_t header_low() const { return (std::uint64_t{tlp_.header[2]} << 32) | tlp_.header[3]; }
  [[nodiscard]] BeatData data() const {
    BeatData data{};
    const std::size_t offset = beat_ * kBeatBytes;
    if (offset < tlp_.payload.size()) {
      std::memcpy(data.data(), tlp_.payload.data() + offset, std::min(kBeatBytes, tlp_.payload.size() - offset));
    }
    return data;
  }

 private:
  pcie::Tlp tlp_;
  std::size_t beat_ = 1;
  std::size_t beats_ = 1;
};

/// A TLP on its way out.
template <std::size_t kBeatBytes>
class BeatSink {
 public:
  /// False when first and last do not frame the beats.
  [[nodiscard]] bool beat(std::uint8_t flags, std::uint64_t header_high, std::uint64_t header_low,
                          const BeatData& data) {
    if (((flags & kFirst) != 0) == open_) return false;
    if ((flags & kFirst) != 0) open(header_high, header_low);
    if (with_payload_) {
      const std::size_t at = tlp_.payload.size();
      tlp_.payload.resize(at + kBeatBytes);
      std::memcpy(tlp_.payload.data() + at, data.data(), kBeatBytes);
    }
    open_ = (flags & kLast) == 0;
    if (!open_) trim();
    return true;
  }
  [[nodiscard]] bool whole() const { return !open_; }
  [[nodiscard]] pcie::Tlp take() { return std::move(tlp_); }

 private:
  void open(std::uint64_t header_high, std::uint64_t header_low) {
    tlp_.header = {static_cast<std::uint32_t>(header_high >> 32), static_cast<std::uint32_t>(header_high),
                   static_cast<std::uint32_t>(header_low >> 32), static_cast<std::uint32_t>(header_low)};
    tlp_.payload.clear();
    with_payload_ = pcie::has_payload(tlp_);
    if (with_payload_) tlp_.payload.reserve(4 * pcie::length_dw(tlp_) + kBeatBytes);
  }
  /// The rest of the last beat is not payload.
  void trim() {
    const std::size_t bytes = std::size_t{4} * pcie::length_dw(tlp_);
    const std::size_t whole = (bytes + kBeatBytes - 1) / kBeatBytes * kBeatBytes;
    if (with_payload_ && tlp_.payload.size() == whole) tlp_.payload.resize(bytes);
  }

  pcie::Tlp tlp_;
  bool open_ = false;
  bool with_payload_ = false;
};

}  // namespace sim::rtl_bridge
