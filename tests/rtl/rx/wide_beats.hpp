// SPDX-License-Identifier: Apache-2.0
// Frames as beats of a stream of either width, and the records of rx_pkg as C++ values.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/rtl/mac/beats.hpp"
#include "tests/rtl/virtio/bits.hpp"

#ifndef RX_DATA_W
#define RX_DATA_W 64
#endif

namespace tests::rx {

inline constexpr unsigned kBytes = RX_DATA_W / 8;
inline constexpr unsigned kEmptyBits = RX_DATA_W == 64 ? 3 : 4;

struct WideBeat {
  Bytes data;         // kBytes of them
  unsigned used = 0;  // from the front
  bool last = false;
  unsigned err = 0;
};

/// Unused bytes of the last beat hold `filler`: nobody may look at them.
inline std::vector<WideBeat> to_wide(const Bytes& frame, unsigned err = 0, std::uint8_t filler = 0) {
  std::vector<WideBeat> beats;
  for (std::size_t at = 0; at < frame.size(); at += kBytes) {
    WideBeat beat;
    beat.used = static_cast<unsigned>(std::min<std::size_t>(kBytes, frame.size() - at));
    beat.data.assign(kBytes, filler);
    std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(at), beat.used, beat.data.begin());
    beats.push_back(beat);
  }
  beats.back().last = true;
  beats.back().err = err;
  return beats;
}

template <typename Port>
void put_wide_beat(Port& port, const WideBeat& beat) {
  for (unsigned b = 0; b < kBytes; ++b) virtio::set_bits(port, 8 * b, 8, beat.data[b]);
  virtio::set_bits(port, RX_DATA_W, kEmptyBits, beat.last ? kBytes - beat.used : 0);
  virtio::set_bits(port, RX_DATA_W + kEmptyBits, 1, beat.last ? 1 : 0);
  virtio::set_bits(port, RX_DATA_W + kEmptyBits + 1, 4, beat.err);
}

template <typename Port>
WideBeat take_wide_beat(const Port& port) {
  WideBeat beat;
  for (unsigned b = 0; b < kBytes; ++b) beat.data.push_back(static_cast<std::uint8_t>(virtio::bits(port, 8 * b, 8)));
  beat.last = virtio::bits(port, RX_DATA_W + kEmptyBits, 1) != 0;
  beat.used = kBytes - (beat.last ? static_cast<unsigned>(virtio::bits(port, RX_DATA_W, kEmptyBits)) : 0U);
  beat.err = static_cast<unsigned>(virtio::bits(port, RX_DATA_W + kEmptyBits + 1, 4));
  return beat;
}

/// rx_pkg::meta_t.
struct Meta {
  bool drop = false;
  unsigned pair = 0, hash = 0, hash_report = 0, flags = 0, gso_type = 0;
  unsigned hdr_len = 0, gso_size = 0, csum_start = 0, csum_offset = 0;
  friend bool operator==(const Meta&, const Meta&) = default;
};

template <typename Port>
Meta take_meta(const Port& port) {
  const auto field = [&](unsigned lsb, unsigned width) {
    return static_cast<unsigned>(virtio::bits(port, lsb, width));
  };
  return {field(122, 1) != 0, field(116, 6), field(84, 32), field(80, 4),  field(72, 8),
          field(64, 8),       field(48, 16), field(32, 16), field(16, 16), field(0, 16)};
}

template <typename Port>
void put_meta(Port& port, const Meta& meta) {
  virtio::set_bits(port, 0, 16, meta.csum_offset);
  virtio::set_bits(port, 16, 16, meta.csum_start);
  virtio::set_bits(port, 32, 16, meta.gso_size);
  virtio::set_bits(port, 48, 16, meta.hdr_len);
  virtio::set_bits(port, 64, 8, meta.gso_type);
  virtio::set_bits(port, 72, 8, meta.flags);
  virtio::set_bits(port, 80, 4, meta.hash_report);
  virtio::set_bits(port, 84, 32, meta.hash);
  virtio::set_bits(port, 116, 6, meta.pair);
  virtio::set_bits(port, 122, 1, meta.drop ? 1 : 0);
}

}  // namespace tests::rx
