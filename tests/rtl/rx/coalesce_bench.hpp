// SPDX-License-Identifier: Apache-2.0
// rx_path with coalescing built: frames in, frames out, and a packet buffer that has room or not.
#pragma once

#include <catch2/catch.hpp>
#include <deque>

#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/rx/frame_reference.hpp"
#include "tests/rtl/rx/tcp_segments.hpp"
#include "tests/rtl/rx/wide_beats.hpp"
#include MODEL_HEADER

namespace tests::rx {

using namespace contract;

inline constexpr unsigned kTso = 16 + 8 + 4;  // of rx_pkg::offload_t: GUEST_CSUM, TSO4, TSO6
inline constexpr unsigned kEcn = 2;

struct Seen {
  Bytes bytes;
  unsigned err = 0;
  Meta meta;
};

class Coalesce {
 public:
  explicit Coalesce(unsigned offload = kTso) {
    dut_->offload_i = static_cast<std::uint8_t>(offload);
    room(8192);
  }
  /// Words free in the packet buffer.
  void room(unsigned words) { dut_->room_i = static_cast<std::uint16_t>(words); }
  void hold(unsigned usecs) {
    dut_->rss_req_valid_i = 1;
    dut_->rss_req_i = std::uint64_t{1} << 44 | std::uint64_t{RSS_COALESCE_USECS} << 32 | usecs;
    dut_.tick();
    dut_->rss_req_valid_i = 0;
  }
  void offload(unsigned bits) { dut_->offload_i = static_cast<std::uint8_t>(bits); }
  void cycle(const WideBeat* beat) {
    dut_->in_valid_i = beat != nullptr;
    if (beat != nullptr) put_wide_beat(dut_->in_i, *beat);
    dut_.tick();
    merged += dut_->coalesced_o;
    lost += dut_->lost_o;
    if (!dut_->out_valid_o) return;
    const WideBeat out = take_wide_beat(dut_->out_o);
    REQUIRE((out.last || out.used == kBytes));
    current_.insert(current_.end(), out.data.begin(), out.data.begin() + out.used);
    if (!out.last) return;
    if (!dut_->out_void_o) seen.push_back({current_, out.err, take_meta(dut_->out_meta_o)});
    current_.clear();
  }
  void send(const Bytes& frame, unsigned err = FRAME_OK) {
    for (const WideBeat& beat : to_wide(padded(frame), err, 0xEE)) cycle(&beat);
  }
  void idle(int cycles) {
    for (int i = 0; i < cycles; ++i) cycle(nullptr);
  }
  /// Longer than anything may be held: 8 us of 250 cycles by default.
  void drain() { idle(12000); }
  std::deque<Seen> seen;
  unsigned merged = 0, lost = 0;

 private:
  Clocked<MODEL> dut_;
  Bytes current_;
};

}  // namespace tests::rx
