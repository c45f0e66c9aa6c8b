// SPDX-License-Identifier: Apache-2.0
#include "sim/app/numbered_frames.hpp"

#include <algorithm>
#include <array>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "sim/wire/xgmii.hpp"

namespace sim::app {
namespace {

using namespace host::base;

constexpr std::array<unsigned, 12> kImix = {64, 594, 64, 64, 594, 64, 1518, 64, 594, 64, 594, 64};
constexpr std::uint32_t kMagic = 0xC05171C5;
constexpr std::size_t kMark = 8;  // magic and number
constexpr std::size_t kIp = 14;
constexpr std::size_t kUdp = kIp + 20;
constexpr unsigned kFlows = 251;

}  // namespace

std::size_t NumberedFrames::bytes() const {
  return (length_ != 0 ? length_ : kImix[number_ % kImix.size()]) - wire::kFcsBytes;
}

std::vector<std::byte> NumberedFrames::next() {
  std::vector<std::byte> frame(bytes(), std::byte{0x5A});
  const auto at = [&](std::size_t offset) { return std::span(frame).subspan(offset); };
  std::fill_n(frame.begin(), 6, std::byte{0xFF});
  store_be16(frame, 12, 0x0800);
  std::fill_n(frame.begin() + kIp, 20 + 8, std::byte{0});
  store_be16(frame, kIp, 0x4500);
  store_be16(frame, kIp + 2, static_cast<std::uint16_t>(frame.size() - kIp));
  store_be16(frame, kIp + 8, 0x4011);  // 64 hops, UDP
  store_be32(frame, kIp + 12, 0x0A4D0001);
  store_be32(frame, kIp + 16, 0x0A4D0002);
  store_be16(frame, kIp + 10, internet_checksum(at(kIp).first(20)));
  store_be16(frame, kUdp, static_cast<std::uint16_t>(1024 + number_ % kFlows));
  store_be16(frame, kUdp + 2, 9);  // discard
  store_be16(frame, kUdp + 4, static_cast<std::uint16_t>(frame.size() - kUdp));
  store_be32(frame, frame.size() - kMark, kMagic);
  store_be32(frame, frame.size() - kMark + 4, number_++);
  return frame;
}

std::optional<std::uint32_t> number_at_end(std::span<const std::byte> bytes) {
  if (bytes.size() < kMark || load_be32(bytes, bytes.size() - kMark) != kMagic) return std::nullopt;
  return load_be32(bytes, bytes.size() - kMark + 4);
}

}  // namespace sim::app
