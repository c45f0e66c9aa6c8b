// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/mac_receiver.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "rtl/contract/mac_contract.hpp"
#include "sim/nic_model/little_endian.hpp"

namespace sim::nic_model {
namespace {

using namespace contract;

constexpr std::uint32_t kPolynomial = 0xEDB8'8320;  // 802.3, 3.2.9, least significant bit first
constexpr unsigned kLanes = 8;
constexpr std::size_t kTypeAt = 12;
constexpr std::size_t kTagBytes = 4;

}  // namespace

std::uint32_t frame_check(const std::vector<std::byte>& bytes, std::size_t count) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> rows{};
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
      std::uint32_t row = i;
      for (int bit = 0; bit < 8; ++bit) row = (row >> 1) ^ ((row & 1) != 0 ? kPolynomial : 0);
      rows[i] = row;
    }
    return rows;
  }();
  std::uint32_t crc = 0xFFFF'FFFF;
  for (std::size_t i = 0; i < count; ++i) {
    crc = (crc >> 8) ^ table[(crc ^ std::to_integer<std::uint32_t>(bytes[i])) & 0xFF];
  }
  return ~crc;
}

void MacReceiver::word(const wire::Word& word, Picoseconds time) {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    character(static_cast<std::uint8_t>(word.data >> (8 * lane)), ((word.ctrl >> lane) & 1) != 0, lane,
              time + byte_time_ * lane);
  }
}

void MacReceiver::character(std::uint8_t value, bool control, unsigned lane, Picoseconds at) {
  if (in_frame_ && !control) return data(value, at);
  if (in_frame_) {
    if (preamble_ < wire::kPreambleBytes) {
      end(FRAME_BAD_PREAMBLE, at);
    } else if (value == wire::kTerminate) {
      end(judge(), at);
    } else {
      end(value == wire::kError ? FRAME_ERROR_CONTROL : FRAME_TRUNCATED, at);
    }
  }
  const bool start = control && value == wire::kStart && lane % 4 == 0;  // 46.3.1.2
  if (!start) return;
  in_frame_ = true;
  preamble_ = 1;
  bytes_.clear();
}

void MacReceiver::data(std::uint8_t value, Picoseconds at) {
  if (preamble_ < wire::kPreambleBytes) {
    const std::uint8_t expected = ++preamble_ == wire::kPreambleBytes ? wire::kSfd : wire::kPreamble;
    if (value != expected) end(FRAME_BAD_PREAMBLE, at);
    return;
  }
  bytes_.push_back(static_cast<std::byte>(value));
  if (bytes_.size() > max_frame_ + kTagBytes + wire::kFcsBytes + kLanes) end(FRAME_OVERSIZE, at);
}

/// A second VLAN tag comes on top (802.3, 3.2.7: envelope frames), but never above the most of all.
std::size_t MacReceiver::limit() const {
  const auto tag_at = [this](std::size_t at) {
    if (bytes_.size() < at + 2) return false;
    const std::uint64_t type = read_le(bytes_, at, 2);
    return type == 0x0081 || type == 0xA888;  // 0x8100 and 0x88A8 as they stand in the frame
  };
  const std::size_t plain = max_frame_ + wire::kFcsBytes;
  const bool two = tag_at(kTypeAt) && tag_at(kTypeAt + kTagBytes);
  return two ? std::min<std::size_t>(plain + kTagBytes, MAX_FRAME_MAX) : plain;
}

std::uint32_t MacReceiver::judge() const {
  if (bytes_.size() > limit()) return FRAME_OVERSIZE;
  if (bytes_.size() < MIN_FRAME_NO_FCS + wire::kFcsBytes) return FRAME_RUNT;
  const std::size_t length = bytes_.size() - wire::kFcsBytes;
  return read_le(bytes_, length, 4) == frame_check(bytes_, length) ? FRAME_OK : FRAME_BAD_FCS;
}

void MacReceiver::end(std::uint32_t verdict, Picoseconds at) {
  in_frame_ = false;
  if (verdict == FRAME_OK) bytes_.resize(bytes_.size() - wire::kFcsBytes);
  sink_(std::exchange(bytes_, {}), verdict, at);
}

}  // namespace sim::nic_model
