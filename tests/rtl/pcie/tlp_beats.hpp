// SPDX-License-Identifier: Apache-2.0
// TLPs as beats of the PCIe edge, and packed structs in Verilated words.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "rtl/contract/pci_contract.hpp"
#include "sim/pcie/tlp.hpp"

namespace tests {

using sim::pcie::Tlp;

/// Bits [lsb + width - 1 : lsb] of a Verilated wide signal, width <= 64.
template <typename Words>
std::uint64_t get_bits(const Words& words, unsigned lsb, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned done = 0; done < width;) {
    const unsigned bit = (lsb + done) % 32;
    const unsigned n = std::min(width - done, 32 - bit);
    const std::uint64_t part = (words[(lsb + done) / 32] >> bit) & ((std::uint64_t{1} << n) - 1);
    value |= part << done;
    done += n;
  }
  return value;
}

template <typename Words>
void set_bits(Words& words, unsigned lsb, unsigned width, std::uint64_t value) {
  for (unsigned done = 0; done < width;) {
    const unsigned bit = (lsb + done) % 32;
    const unsigned n = std::min(width - done, 32 - bit);
    const auto mask = static_cast<std::uint32_t>(((std::uint64_t{1} << n) - 1) << bit);
    auto& word = words[(lsb + done) / 32];
    word = (word & ~mask) | (static_cast<std::uint32_t>((value >> done) << bit) & mask);
    done += n;
  }
}

inline constexpr unsigned kBeatBytes = 8;

/// tlp_pkg::beat_t: {hdr[127:0], first, last, data[63:0]}.
struct TlpBeat {
  std::array<std::uint32_t, 4> header{};
  bool first = false;
  bool last = false;
  std::uint64_t data = 0;
};

template <typename Words>
TlpBeat read_beat(const Words& words) {
  TlpBeat beat;
  beat.data = get_bits(words, 0, 64);
  beat.last = get_bits(words, 64, 1) != 0;
  beat.first = get_bits(words, 65, 1) != 0;
  for (unsigned dw = 0; dw < 4; ++dw) {
    beat.header[dw] = static_cast<std::uint32_t>(get_bits(words, 66 + 32 * (3 - dw), 32));
  }
  return beat;
}

/// Zero, also in the bits above the signal's width: Verilator trusts its caller to keep those clear.
template <typename Words>
void clear_words(Words& words) {
  for (std::size_t i = 0; i < sizeof(words) / sizeof(words[0]); ++i) words[i] = 0;
}

template <typename Words>
void write_beat(Words& words, const TlpBeat& beat) {
  clear_words(words);
  set_bits(words, 0, 64, beat.data);
  set_bits(words, 64, 1, beat.last ? 1 : 0);
  set_bits(words, 65, 1, beat.first ? 1 : 0);
  for (unsigned dw = 0; dw < 4; ++dw) set_bits(words, 66 + 32 * (3 - dw), 32, beat.header[dw]);
}

inline std::deque<TlpBeat> beats_of(const Tlp& tlp) {
  std::deque<TlpBeat> beats;
  std::size_t at = 0;
  do {
    TlpBeat beat{tlp.header, at == 0, false, 0};
    for (std::size_t i = 0; i < kBeatBytes && at < tlp.payload.size(); ++i, ++at) {
      beat.data |= std::to_integer<std::uint64_t>(tlp.payload[at]) << (8 * i);
    }
    beat.last = at >= tlp.payload.size();
    beats.push_back(beat);
  } while (at < tlp.payload.size());
  return beats;
}

// --- header fields ---

inline unsigned fmt_type(const Tlp& t) {
  return t.header[0] >> 24;
}
inline bool has_data(const Tlp& t) {
  return ((fmt_type(t) >> 6) & 1) != 0;
}
inline bool is_wide(const Tlp& t) {
  return ((fmt_type(t) >> 5) & 1) != 0;
}
inline unsigned length_dw(const Tlp& t) {
  const unsigned field = t.header[0] & 0x3ff;
  return field == 0 ? 1024 : field;
}
inline unsigned requester_of(const Tlp& t) {
  return t.header[1] >> 16;
}
inline unsigned tag_of(const Tlp& t) {
  return (t.header[1] >> 8) & 0xff;
}
inline unsigned first_be(const Tlp& t) {
  return t.header[1] & 0xf;
}
inline unsigned last_be(const Tlp& t) {
  return (t.header[1] >> 4) & 0xf;
}
inline std::uint64_t address_of(const Tlp& t) {
  if (is_wide(t)) return (static_cast<std::uint64_t>(t.header[2]) << 32) | t.header[3];
  return t.header[2];
}
inline unsigned cpl_status(const Tlp& t) {
  return (t.header[1] >> 13) & 7;
}
inline unsigned cpl_byte_count(const Tlp& t) {
  return t.header[1] & 0xfff;
}
inline unsigned cpl_tag(const Tlp& t) {
  return (t.header[2] >> 8) & 0xff;
}
inline unsigned cpl_lower_address(const Tlp& t) {
  return t.header[2] & 0x7f;
}

/// Collects beats into TLPs; empty until the last beat. A broken stream gives `broken`.
class TlpCollector {
 public:
  std::optional<Tlp> add(const TlpBeat& beat) {
    if (beat.first == open_) broken = true;
    if (beat.first) tlp_ = Tlp{beat.header, {}};
    if (beat.header != tlp_.header) broken = true;
    open_ = !beat.last;
    for (unsigned i = 0; i < kBeatBytes; ++i) {
      tlp_.payload.push_back(static_cast<std::byte>(beat.data >> (8 * i)));
    }
    if (!beat.last) return std::nullopt;
    const std::size_t bytes = has_data(tlp_) ? std::size_t{4} * length_dw(tlp_) : 0;
    const std::size_t beats = bytes == 0 ? 1 : (bytes + kBeatBytes - 1) / kBeatBytes;
    if (tlp_.payload.size() != beats * kBeatBytes) broken = true;
    tlp_.payload.resize(bytes);
    return std::move(tlp_);
  }

  bool broken = false;

 private:
  Tlp tlp_;
  bool open_ = false;
};

}  // namespace tests
