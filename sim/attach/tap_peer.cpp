// SPDX-License-Identifier: Apache-2.0
#include "sim/attach/tap_peer.hpp"

#include <utility>

namespace sim::attach {
namespace {

constexpr std::size_t kHeader = 14;
constexpr std::size_t kLongest = 9216;              // without FCS; the NIC counts what is too long for it
constexpr Picoseconds kLongestQueue = 100'000'000;  // let Linux queue what the line cannot take

}  // namespace

TapPeer::TapPeer(wire::Cable& cable, Tap& tap, Picoseconds interval) : cable_(cable), tap_(tap), interval_(interval) {}

void TapPeer::begin(Picoseconds when) {
  cable_.agenda().at(when, wire::Rank::peer, [this] { poll(); });
}

void TapPeer::poll() {
  if (stopped_) return;
  while (cable_.line_free() < cable_.agenda().now() + kLongestQueue) {
    std::optional<std::vector<std::byte>> frame = tap_.receive();
    if (!frame) break;
    if (frame->size() < kHeader || frame->size() > kLongest) {
      ++unusable_;
    } else {
      cable_.send({std::move(*frame)});
    }
  }
  begin(cable_.agenda().now() + interval_);
}

void TapPeer::arrived(std::vector<std::byte> bytes, wire::FrameSink::Verdict verdict) {
  if (verdict == wire::FrameSink::Verdict::good && !tap_.send(bytes)) ++refused_;
}

}  // namespace sim::attach
