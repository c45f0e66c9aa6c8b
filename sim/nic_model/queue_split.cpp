// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/queue_split.hpp"

#include <algorithm>
#include <array>

#include "sim/nic_model/little_endian.hpp"

namespace sim::nic_model {
namespace {

using namespace contract;

constexpr unsigned kLargestBatch = 16;
// 2.7.6 and 2.7.8: le16 flags, le16 index, then the ring, then the other side's event index
constexpr std::uint64_t kIndex = 2;
constexpr std::uint64_t kRing = 4;
constexpr std::uint64_t kAvailBytes = 2;

}  // namespace

QueueSplit::Descriptor QueueSplit::descriptor_at(const std::vector<std::byte>& bytes, std::size_t index) {
  const std::size_t at = DESC_BYTES * index;
  return {read_le(bytes, at, 8), static_cast<std::uint32_t>(read_le(bytes, at + 8, 4)),
          static_cast<std::uint32_t>(read_le(bytes, at + 12, 2)), static_cast<unsigned>(read_le(bytes, at + 14, 2))};
}

/// The index, then the heads, then their descriptors: as many at once as stand side by side.
Task<bool> QueueSplit::fetch_batch() {
  const ReadResult index = co_await dma_.read(settings_.driver + kIndex, 2);
  if (!running()) co_return false;
  if (!index.ok()) co_return fail(DESC_ERR_READ);
  const auto pending = static_cast<std::uint16_t>(read_le(index.bytes, 0, 2) - next_);
  if (pending == 0) co_return false;
  if (pending > settings_.size) co_return fail(DESC_ERR_CHAIN);
  const unsigned slot = next_ % settings_.size;
  const unsigned count = std::min({unsigned{pending}, kLargestBatch, settings_.size - slot});
  const ReadResult heads = co_await dma_.read(settings_.driver + kRing + kAvailBytes * slot, kAvailBytes * count);
  if (!running()) co_return false;
  if (!heads.ok()) co_return fail(DESC_ERR_READ);
  const auto head = [&](unsigned i) { return static_cast<unsigned>(read_le(heads.bytes, 2 * std::size_t{i}, 2)); };
  for (unsigned i = 0; i < count;) {
    const unsigned first = head(i);
    if (first >= settings_.size) co_return fail(DESC_ERR_CHAIN);
    unsigned run = 1;
    while (i + run < count && head(i + run) == first + run && first + run < settings_.size) ++run;
    const ReadResult table = co_await dma_.read(settings_.descriptors + DESC_BYTES * first, DESC_BYTES * run);
    if (!running()) co_return false;
    if (!table.ok()) co_return fail(DESC_ERR_READ);
    for (unsigned k = 0; k < run; ++k, ++i) {
      ++next_;
      if (!co_await walk(first + k, descriptor_at(table.bytes, k))) co_return false;
    }
  }
  co_return true;
}

/// 2.7.5: along the chain; its last descriptor may point to a table.
Task<bool> QueueSplit::walk(unsigned head, Descriptor descriptor) {
  for (;;) {
    const bool more = (descriptor.flags & DESC_F_NEXT) != 0;
    if ((descriptor.flags & DESC_F_INDIRECT) != 0) {
      if (!offered(RING_F_INDIRECT_DESC) || more) co_return fail(DESC_ERR_INDIRECT);
      if (!co_await indirect_table(descriptor.address, descriptor.length)) co_return false;
    } else if (!gather(descriptor.address, descriptor.length, descriptor.flags)) {
      co_return false;
    }
    if (!more) break;
    if (descriptor.next >= settings_.size || !gather_count_ok(settings_.size)) co_return fail(DESC_ERR_CHAIN);
    const ReadResult entry = co_await dma_.read(settings_.descriptors + DESC_BYTES * descriptor.next, DESC_BYTES);
    if (!running()) co_return false;
    if (!entry.ok()) co_return fail(DESC_ERR_READ);
    descriptor = descriptor_at(entry.bytes, 0);
  }
  complete(static_cast<std::uint16_t>(head), 1);
  co_return true;
}

/// 2.7.5.3: chained by `next`, from entry 0 on.
Task<bool> QueueSplit::indirect_table(std::uint64_t address, std::uint32_t length) {
  if (length == 0 || length % DESC_BYTES != 0) co_return fail(DESC_ERR_LENGTH);
  if (address + (length - 1) < address) co_return fail(DESC_ERR_ADDRESS);
  const std::uint32_t entries = length / DESC_BYTES;
  if (entries > settings_.size) co_return fail(DESC_ERR_CHAIN);
  const ReadResult table = co_await dma_.read(address, length);
  if (!running()) co_return false;
  if (!table.ok()) co_return fail(DESC_ERR_READ);
  unsigned index = 0;
  for (;;) {
    const Descriptor descriptor = descriptor_at(table.bytes, index);
    if ((descriptor.flags & DESC_F_INDIRECT) != 0) co_return fail(DESC_ERR_INDIRECT);
    if (!gather(descriptor.address, descriptor.length, descriptor.flags)) co_return false;
    if ((descriptor.flags & DESC_F_NEXT) == 0) co_return true;
    if (descriptor.next >= entries || !gather_count_ok(settings_.size)) co_return fail(DESC_ERR_CHAIN);
    index = descriptor.next;
  }
}

/// 2.7.10: the device asks for a kick at the available index that it waits for.
bool QueueSplit::arm() {
  const bool exact = offered(RING_F_EVENT_IDX);
  if (armed_ && (!exact || armed_at_ == next_)) return false;
  armed_ = true;
  armed_at_ = next_;
  std::array<std::byte, 2> value{};
  write_le(value, 0, 2, exact ? next_ : 0U);
  dma_.write(settings_.device + (exact ? kRing + USED_ELEM_BYTES * std::uint64_t{settings_.size} : 0), value);
  return true;
}

/// 2.7.8: entries first, then the index that makes them visible.
unsigned QueueSplit::publish(std::span<const Used> group) {
  for (const Used& used : group) {
    std::array<std::byte, USED_ELEM_BYTES> entry{};
    write_le(entry, 0, 4, used.id);
    write_le(entry, 4, 4, used.length);
    dma_.write(settings_.device + kRing + USED_ELEM_BYTES * std::uint64_t{used_ % settings_.size}, entry);
    ++used_;
  }
  std::array<std::byte, 2> index{};
  write_le(index, 0, 2, used_);
  dma_.write(settings_.device + kIndex, index);
  return static_cast<unsigned>(group.size());
}

/// 2.7.7.
Task<bool> QueueSplit::driver_wants(std::uint64_t from, std::uint64_t to) {
  const bool exact = offered(RING_F_EVENT_IDX);
  const std::uint64_t at = exact ? kRing + kAvailBytes * settings_.size : 0;
  const ReadResult wish = co_await dma_.read(settings_.driver + at, 2);
  if (!wish.ok()) co_return true;
  const auto value = static_cast<std::uint16_t>(read_le(wish.bytes, 0, 2));
  if (!exact) co_return (value & AVAIL_F_NO_INTERRUPT) == 0;
  if (to - from > settings_.size) co_return true;
  const auto behind = static_cast<std::uint16_t>(to - value - 1);
  co_return behind < static_cast<std::uint16_t>(to - from);
}

}  // namespace sim::nic_model
