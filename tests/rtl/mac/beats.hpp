// SPDX-License-Identifier: Apache-2.0
// Frames as beats of a stream link, and their FCS by zlib.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

namespace tests {

using Bytes = std::vector<std::uint8_t>;

/// 32 random bits at a time, the same everywhere.
class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  unsigned operator()() { return static_cast<unsigned>(engine_()); }

 private:
  std::mt19937 engine_;
};

/// stream_pkg::beat_t.
struct Beat {
  std::uint64_t data = 0;
  unsigned empty = 0;
  bool last = false;
  unsigned err = 0;
  friend bool operator==(const Beat&, const Beat&) = default;
};

/// A port of 64 bits of data with up to 32 bits above them.
template <typename Port>
void put_wide(Port& port, std::uint64_t data, unsigned above) {
  port[0] = static_cast<std::uint32_t>(data);
  port[1] = static_cast<std::uint32_t>(data >> 32);
  port[2] = above;
}
template <typename Port>
std::pair<std::uint64_t, unsigned> take_wide(const Port& port) {
  return {static_cast<std::uint64_t>(port[1]) << 32 | port[0], port[2]};
}

template <typename Port>
void put_beat(Port& port, const Beat& beat) {
  put_wide(port, beat.data, beat.err << 4 | (beat.last ? 8U : 0U) | beat.empty);
}
template <typename Port>
Beat take_beat(const Port& port) {
  const auto [data, above] = take_wide(port);
  return {data, above & 7U, (above & 8U) != 0, above >> 4};
}

inline std::vector<Beat> to_beats(const Bytes& frame, unsigned err = 0) {
  std::vector<Beat> beats((frame.size() + 7) / 8);
  for (std::size_t i = 0; i < frame.size(); ++i) beats[i / 8].data |= std::uint64_t{frame[i]} << (8 * (i % 8));
  beats.back().last = true;
  beats.back().empty = static_cast<unsigned>(8 * beats.size() - frame.size());
  beats.back().err = err;
  return beats;
}

struct Frame {
  Bytes bytes;
  unsigned err = 0;
  friend bool operator==(const Frame&, const Frame&) = default;
};

/// Puts beats together again.
class Collector {
 public:
  /// True when this beat closed a frame.
  bool add(const Beat& beat) {
    for (unsigned i = 0; i < 8 - (beat.last ? beat.empty : 0U); ++i) {
      current_.bytes.push_back(static_cast<std::uint8_t>(beat.data >> (8 * i)));
    }
    if (!beat.last && beat.empty != 0) throw std::runtime_error("a beat in the middle of a frame is not full");
    if (!beat.last) return false;
    current_.err = beat.err;
    frames.push_back(std::exchange(current_, {}));
    return true;
  }
  [[nodiscard]] bool inside() const { return !current_.bytes.empty(); }
  void forget() { current_ = {}; }
  std::vector<Frame> frames;

 private:
  Frame current_;
};

inline std::uint32_t fcs(const Bytes& frame) {
  return static_cast<std::uint32_t>(crc32(0, frame.data(), static_cast<uInt>(frame.size())));
}

inline Bytes with_fcs(Bytes frame) {
  const std::uint32_t value = fcs(frame);
  for (unsigned i = 0; i < 4; ++i) frame.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  return frame;
}

inline Bytes random_frame(Random& random, std::size_t length) {
  Bytes frame(length);
  for (auto& byte : frame) byte = static_cast<std::uint8_t>(random());
  return frame;
}

inline Bytes padded(Bytes frame) {
  frame.resize(std::max<std::size_t>(frame.size(), 60));
  return frame;
}

}  // namespace tests
