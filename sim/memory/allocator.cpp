// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/allocator.hpp"

#include <algorithm>
#include <iterator>

namespace sim::memory {
namespace {

constexpr std::size_t kLine = 64;

std::size_t round_up(std::size_t value, std::size_t align) {
  return (value + align - 1) & ~(align - 1);
}

}  // namespace

Allocator::Allocator(std::size_t bytes) {
  if (bytes >= kLine) gaps_.emplace(0, bytes / kLine * kLine);
}

std::optional<std::size_t> Allocator::allocate(std::size_t bytes, std::size_t align) {
  if (bytes > SIZE_MAX / 2) return std::nullopt;
  const std::size_t size = round_up(std::max<std::size_t>(bytes, 1), kLine);
  const std::size_t step = std::max(align, kLine);
  for (auto gap = gaps_.begin(); gap != gaps_.end(); ++gap) {
    const auto [first, length] = *gap;
    const std::size_t start = round_up(first, step);
    if (start - first > length || length - (start - first) < size) continue;
    gaps_.erase(gap);
    if (start != first) gaps_.emplace(first, start - first);
    const std::size_t rest = first + length - start - size;
    if (rest != 0) gaps_.emplace(start + size, rest);
    blocks_.emplace(start, size);
    used_ += size;
    return start;
  }
  return std::nullopt;
}

bool Allocator::free(std::size_t offset) {
  const auto block = blocks_.find(offset);
  if (block == blocks_.end()) return false;
  std::size_t first = offset;
  std::size_t length = block->second;
  used_ -= length;
  blocks_.erase(block);

  auto next = gaps_.lower_bound(first);
  if (next != gaps_.end() && next->first == first + length) {
    length += next->second;
    next = gaps_.erase(next);
  }
  if (next != gaps_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == first) {
      first = before->first;
      length += before->second;
      gaps_.erase(before);
    }
  }
  gaps_.emplace(first, length);
  return true;
}

}  // namespace sim::memory
