// SPDX-License-Identifier: Apache-2.0
// Turns frames into XGMII words: preamble, padding, FCS, terminate, gap, and every fault on request.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <vector>

#include "sim/wire/ports.hpp"
#include "sim/wire/xgmii.hpp"

namespace sim::wire {

/// In which lane /S/ may stand.
enum class StartLane : std::uint8_t { any, lane0, lane4, random };

struct EncoderOptions {
  StartLane start_lane = StartLane::any;
  unsigned random_gap = 0;  ///< up to this many columns of 4 bytes more than the standard gap
  bool pad = true;          ///< to kMinFrame, as a sender would; off to make runts
  std::uint64_t seed = 1;
  Picoseconds byte_time = kByteTime;
};

class XgmiiEncoder {
 public:
  /// Called when a frame's words are laid out: its bytes as on the wire (padded, without FCS), the times
  /// of its start and of its terminate.
  using Observer = std::function<void(const Frame&, Picoseconds start, Picoseconds end)>;

  explicit XgmiiEncoder(EncoderOptions options = {});

  void observe(Observer observer) { observer_ = std::move(observer); }

  /// Frames are sent in the order of these calls, none before its `earliest`.
  void push(Frame frame, Picoseconds earliest);

  /// The word of the edge at `edge_time`; to be called once for each edge.
  [[nodiscard]] Word next(Picoseconds edge_time) {
    if (word_ < words_.size()) return take();
    if (queue_.empty() || queue_.front().earliest > edge_time) return ++edges_, kIdleWord;
    return start(edge_time);
  }

  /// Nothing but idle comes until somebody pushes.
  [[nodiscard]] bool idle() const { return word_ >= words_.size() && queue_.empty(); }
  /// Nothing but idle comes before this time. Not for ever when idle(): the largest time.
  [[nodiscard]] Picoseconds idle_until() const;
  /// Stands for `edges` calls of next() that would all have returned kIdleWord.
  void skip(std::uint64_t edges) { edges_ += edges; }

  [[nodiscard]] std::size_t queued() const { return queue_.size(); }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }

 private:
  struct Pending {
    Frame frame;
    Picoseconds earliest;
  };

  Word take() { return ++edges_, words_[word_++]; }
  Word start(Picoseconds edge_time);
  [[nodiscard]] std::uint64_t align(std::uint64_t position) const;
  std::uint64_t lay_out(const Frame& frame, unsigned lane);
  void put(std::uint8_t character, bool control);
  void put_body(const Frame& frame);
  void plan_next(std::uint64_t terminate);

  EncoderOptions options_;
  std::mt19937_64 random_;
  Observer observer_;
  std::deque<Pending> queue_;
  std::vector<Word> words_;       // of the frame being sent
  std::size_t word_ = 0;          // next of them
  unsigned lane_ = 0;             // while laying out: the lane that put() fills
  std::uint64_t edges_ = 0;       // words given so far; the byte position of the next is 8 * edges_
  std::uint64_t next_start_ = 0;  // byte position from which the next /S/ may stand
  StartLane next_lane_;           // drawn once for each frame
  unsigned deficit_ = 0;          // 46.3.1.4: deficit idle count, 0..3
  std::uint64_t sent_ = 0;
};

}  // namespace sim::wire
