// SPDX-License-Identifier: Apache-2.0
// What differs between the variants of the MAC, so that one text tests all: MAC_XGMII, MAC_GMII, MAC_WIDE.
#pragma once

#include "tests/rtl/mac/xgmii_stream.hpp"

namespace tests {

#ifdef MAC_GMII
inline constexpr bool kGmii = true;
using LineWord = std::uint16_t;
template <typename Model>
void put_line(Model& dut, LineWord word) {
  dut->gmii_i = word;
}
template <typename Model>
void hear_line(Model& dut, XgmiiReader& reader) {
  reader.gmii(dut->gmii_o);
}
inline std::vector<LineWord> line_words(const XgmiiWriter& line) {
  return line.gmii_words();
}
#else
inline constexpr bool kGmii = false;
using LineWord = XgmiiWord;
template <typename Model>
void put_line(Model& dut, LineWord word) {
  put_xgmii(dut->xgmii_i, word);
}
template <typename Model>
void hear_line(Model& dut, XgmiiReader& reader) {
  reader.word(take_xgmii(dut->xgmii_o));
}
inline std::vector<LineWord> line_words(const XgmiiWriter& line) {
  return line.words();
}
#endif

/// MAC clocks that one word of 64 bits takes.
inline constexpr unsigned kWordTime = kGmii ? 8 : 1;

/// Words of 64 bits in a beat of the core.
#ifdef MAC_WIDE
inline constexpr unsigned kBeatWords = 2;

/// stream_pkg::beat_t of 128 bits.
struct CoreBeat {
  Beat low, high;  // `high` is unused when `low` ends the frame
  bool last = false;
};
inline std::vector<CoreBeat> core_beats(const Bytes& frame) {
  std::vector<CoreBeat> result;
  for (const Beat& beat : to_beats(frame)) {
    if (result.empty() || result.back().last || result.back().high.empty != 99) {
      result.push_back({beat, {0, 99, false, 0}, beat.last});
    } else {
      result.back().high = beat;
      result.back().last = beat.last;
    }
  }
  return result;
}
template <typename Port>
void put_core(Port& port, const CoreBeat& beat) {
  const bool half = beat.low.last;
  const std::uint64_t high = half ? 0x5A5A5A5A5A5A5A5AU : beat.high.data;
  port[0] = static_cast<std::uint32_t>(beat.low.data);
  port[1] = static_cast<std::uint32_t>(beat.low.data >> 32);
  port[2] = static_cast<std::uint32_t>(high);
  port[3] = static_cast<std::uint32_t>(high >> 32);
  port[4] = (beat.last ? 16U : 0U) | (half ? 8U | beat.low.empty : beat.high.empty);
}
template <typename Port>
void collect_core(Collector& collector, const Port& port) {
  const bool last = (port[4] & 16U) != 0;
  const bool half = last && (port[4] & 8U) != 0;
  const unsigned empty = port[4] & 7U, err = port[4] >> 5;
  const auto word = [&](unsigned at) { return static_cast<std::uint64_t>(port[at + 1]) << 32 | port[at]; };
  collector.add({word(0), half ? empty : 0U, half, half ? err : 0U});
  if (!half) collector.add({word(2), last ? empty : port[4] & 15U, last, last ? err : 0U});
}
#else
inline constexpr unsigned kBeatWords = 1;

using CoreBeat = Beat;
inline std::vector<CoreBeat> core_beats(const Bytes& frame) {
  return to_beats(frame);
}
template <typename Port>
void put_core(Port& port, const CoreBeat& beat) {
  put_beat(port, beat);
}
template <typename Port>
void collect_core(Collector& collector, const Port& port) {
  collector.add(take_beat(port));
}
#endif

}  // namespace tests
