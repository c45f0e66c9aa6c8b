// SPDX-License-Identifier: Apache-2.0
// XGMII written and read one character at a time, legal or not; the same line on GMII.
#pragma once

#include <array>
#include <optional>
#include <stdexcept>

#include "tests/rtl/mac/beats.hpp"

namespace tests {

struct Character {
  std::uint8_t value = 0x07;
  bool control = true;
};
inline constexpr Character kIdle{0x07, true}, kStart{0xFB, true}, kTerminate{0xFD, true}, kError{0xFE, true};

struct XgmiiWord {
  std::uint64_t data = 0x0707070707070707U;
  std::uint8_t ctrl = 0xFF;
  friend bool operator==(const XgmiiWord&, const XgmiiWord&) = default;
};

/// A line to be sent.
class XgmiiWriter {
 public:
  void put(Character c) { line_.push_back(c); }
  void idle(std::size_t count) { line_.insert(line_.end(), count, kIdle); }
  void idle_to(std::size_t lane, std::size_t modulus) {
    while (line_.size() % modulus != lane) put(kIdle);
  }
  void bytes(const Bytes& bytes) {
    for (const auto b : bytes) line_.push_back({b, false});
  }
  void head() {
    put(kStart);
    bytes({0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xD5});
  }
  /// A whole frame at this very place; `body` has its FCS.
  void frame(const Bytes& body) {
    head();
    bytes(body);
    terminate();
  }
  void terminate() {
    terminate_ = line_.size();
    put(kTerminate);
  }
  /// The gap (terminate included) of a sender with deficit idle count.
  void standard_gap() {
    const std::size_t ideal = terminate_ + 12;
    const std::size_t down = ideal % 4;
    const bool three = deficit_ + down > 3;
    deficit_ = (deficit_ + down) % 4;
    idle(ideal - down + (three ? 4 : 0) - line_.size());
  }
  /// The next column of 4 bytes that leaves a gap of `minimum` bytes.
  void gap(std::size_t minimum) {
    while (line_.size() < terminate_ + minimum) put(kIdle);
    idle_to(0, 4);
  }
  [[nodiscard]] std::size_t size() const { return line_.size(); }
  [[nodiscard]] std::vector<XgmiiWord> words(std::size_t idle_words = 16) const {
    std::vector<XgmiiWord> result((line_.size() + 7) / 8 + idle_words);
    for (std::size_t i = 0; i < line_.size(); ++i) {
      XgmiiWord& word = result[i / 8];
      const unsigned lane = i % 8;
      word.data = (word.data & ~(std::uint64_t{0xFF} << (8 * lane))) | std::uint64_t{line_[i].value} << (8 * lane);
      if (!line_[i].control) word.ctrl = static_cast<std::uint8_t>(word.ctrl & ~(1U << lane));
    }
    return result;
  }
  /// The line on GMII, {RX_ER, RX_DV, byte} each: a start is a byte of preamble, other controls are silence.
  [[nodiscard]] std::vector<std::uint16_t> gmii_words(std::size_t idle_words = 128) const {
    std::vector<std::uint16_t> result(line_.size() + idle_words);
    for (std::size_t i = 0; i < line_.size(); ++i) {
      const Character c = line_[i];
      if (!c.control) result[i] = static_cast<std::uint16_t>(0x100U | c.value);
      if (c.control && c.value == kStart.value) result[i] = 0x155;
      if (c.control && c.value == kError.value) result[i] = 0x300;
    }
    return result;
  }

 private:
  std::vector<Character> line_;
  std::size_t terminate_ = 0;
  std::size_t deficit_ = 0;
};

/// A line as it was heard; throws on anything that a sender must not do.
class XgmiiReader {
 public:
  struct Heard {
    Bytes bytes;  // without FCS
    bool aborted = false;
    std::size_t lane = 0;
    std::optional<std::size_t> gap;  // before it, terminate included
  };
  std::vector<Heard> frames;

  void word(const XgmiiWord& word) {
    for (unsigned lane = 0; lane < 8; ++lane, ++place_) {
      character({static_cast<std::uint8_t>(word.data >> (8 * lane)), ((word.ctrl >> lane) & 1U) != 0});
    }
  }
  /// A byte of GMII, {TX_ER, TX_EN, byte}.
  void gmii(unsigned symbol) {
    any_lane_ = true;
    const bool valid = (symbol & 0x100U) != 0, error = (symbol & 0x200U) != 0;
    if (!valid && error) throw std::runtime_error("TX_ER outside a frame");
    if (!valid) {
      character(inside_ ? kTerminate : kIdle);
    } else if (!inside_) {
      if ((symbol & 0x3FFU) != 0x155U) throw std::runtime_error("preamble");
      character(kStart);
    } else {
      character(error ? kError : Character{static_cast<std::uint8_t>(symbol), false});
    }
    ++place_;
  }
  [[nodiscard]] bool inside() const { return inside_; }

 private:
  void character(Character c) {
    if (!inside_) {
      if (c.control && c.value == kIdle.value) return;
      const bool lane_fits = place_ % 4 == 0 || any_lane_;
      if (!c.control || c.value != kStart.value || !lane_fits) throw std::runtime_error("stray character");
      inside_ = true;
      heard_ = {{}, false, place_ % 8, {}};
      if (!frames.empty()) heard_.gap = place_ - terminate_;
    } else if (!c.control) {
      heard_.bytes.push_back(c.value);
    } else if (c.value == kError.value) {
      heard_.aborted = true;
    } else if (c.value == kTerminate.value) {
      finish();
    } else {
      throw std::runtime_error("control character inside a frame");
    }
  }
  void finish() {
    inside_ = false;
    terminate_ = place_;
    const Bytes head{0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xD5};
    Bytes& all = heard_.bytes;
    if (all.size() < 7 || !std::equal(head.begin(), head.end(), all.begin())) throw std::runtime_error("preamble");
    all.erase(all.begin(), all.begin() + 7);
    if (!heard_.aborted) {
      if (all.size() < 64) throw std::runtime_error("runt");
      const Bytes body(all.begin(), all.end() - 4);
      if (with_fcs(body) != all) throw std::runtime_error("FCS is not zlib's crc32");
      all = body;
    }
    frames.push_back(heard_);
  }

  std::size_t place_ = 0, terminate_ = 0;
  bool inside_ = false;
  bool any_lane_ = false;
  Heard heard_;
};

template <typename Port>
void put_xgmii(Port& port, const XgmiiWord& word) {
  put_wide(port, word.data, word.ctrl);
}
template <typename Port>
XgmiiWord take_xgmii(const Port& port) {
  const auto [data, above] = take_wide(port);
  return {data, static_cast<std::uint8_t>(above)};
}

}  // namespace tests
