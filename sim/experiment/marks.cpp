// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/marks.hpp"

#include <algorithm>

#include "host/base/byte_order.hpp"

namespace sim::experiment {
namespace {

constexpr std::uint32_t kMagic = 0xC0517E57;

}  // namespace

void mark(std::span<std::byte> bytes, std::uint32_t number, bool timed) {
  host::base::store_be32(bytes, bytes.size() - kMarkBytes, timed ? kMagic : 0);
  host::base::store_be32(bytes, bytes.size() - kMarkBytes + 4, number);
}

std::optional<std::uint32_t> mark_of(std::span<const std::byte> bytes) {
  if (bytes.size() < kMarkBytes) return std::nullopt;
  if (host::base::load_be32(bytes, bytes.size() - kMarkBytes) != kMagic) return std::nullopt;
  return host::base::load_be32(bytes, bytes.size() - kMarkBytes + 4);
}

void Stopwatch::stop(std::uint32_t number, Picoseconds at, bool counts) {
  const auto found = started_.find(number);
  if (found == started_.end()) return;
  if (counts) samples_.push_back(at - found->second);
  started_.erase(found);
}

double Stopwatch::percentile(unsigned percent) const {
  if (samples_.empty()) return 0;
  std::vector<Picoseconds> sorted = samples_;
  std::sort(sorted.begin(), sorted.end());
  return static_cast<double>(sorted[(sorted.size() - 1) * percent / 100]) / 1e6;
}

}  // namespace sim::experiment
