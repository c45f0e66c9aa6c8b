// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/queue_packed.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "sim/nic_model/little_endian.hpp"

namespace sim::nic_model {
namespace {

using namespace contract;

constexpr unsigned kFirstBatch = 4;
constexpr unsigned kLargestBatch = 16;
// 2.8.13: le64 address, le32 length, le16 id, le16 flags
constexpr std::size_t kLength = 8;
constexpr std::size_t kId = 12;
constexpr std::size_t kFlags = 14;
constexpr std::uint32_t kWrapBit = 1U << 15;

}  // namespace

Task<bool> QueuePacked::fetch_batch() {
  const unsigned index = static_cast<unsigned>(next_ % settings_.size);
  const unsigned count = std::min(batch_, settings_.size - index);
  const ReadResult ring = co_await dma_.read(settings_.descriptors + DESC_BYTES * index, DESC_BYTES * count);
  if (!running()) co_return false;
  if (!ring.ok()) co_return fail(DESC_ERR_READ);
  unsigned taken = 0;
  for (; taken < count; ++taken) {
    const std::size_t at = DESC_BYTES * taken;
    const auto flags = static_cast<std::uint32_t>(read_le(ring.bytes, at + kFlags, 2));
    const bool available = (flags & DESC_F_AVAIL) != 0;
    const bool used = (flags & DESC_F_USED) != 0;
    if (available != wrap(next_) || used == wrap(next_)) break;
    ++next_;
    if (!co_await take_descriptor(read_le(ring.bytes, at, 8),
                                  static_cast<std::uint32_t>(read_le(ring.bytes, at + kLength, 4)),
                                  static_cast<std::uint16_t>(read_le(ring.bytes, at + kId, 2)), flags)) {
      co_return false;
    }
  }
  batch_ = taken == count ? std::min(2 * batch_, kLargestBatch) : kFirstBatch;
  co_return taken != 0;
}

Task<bool> QueuePacked::take_descriptor(std::uint64_t address, std::uint32_t length, std::uint16_t id,
                                        std::uint32_t flags) {
  ++descriptors_;
  const bool more = (flags & DESC_F_NEXT) != 0;
  if ((flags & DESC_F_INDIRECT) != 0) {  // 2.8.7: a buffer of its own
    if (!offered(RING_F_INDIRECT_DESC) || more || started()) co_return fail(DESC_ERR_INDIRECT);
    if (!co_await indirect_table(address, length)) co_return false;
  } else if (!gather(address, length, flags)) {
    co_return false;
  }
  if (more) co_return gather_count_ok(settings_.size);
  complete(id, descriptors_);
  descriptors_ = 0;
  co_return true;
}

/// 2.8.7: entries in order, only the write flag means something.
Task<bool> QueuePacked::indirect_table(std::uint64_t address, std::uint32_t length) {
  if (length == 0 || length % DESC_BYTES != 0) co_return fail(DESC_ERR_LENGTH);
  if (address + (length - 1) < address) co_return fail(DESC_ERR_ADDRESS);
  const std::uint32_t entries = length / DESC_BYTES;
  if (entries > settings_.size) co_return fail(DESC_ERR_CHAIN);
  const ReadResult table = co_await dma_.read(address, length);
  if (!running()) co_return false;
  if (!table.ok()) co_return fail(DESC_ERR_READ);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t at = DESC_BYTES * std::size_t{i};
    const auto flags = static_cast<std::uint32_t>(read_le(table.bytes, at + kFlags, 2));
    if ((flags & DESC_F_INDIRECT) != 0) co_return fail(DESC_ERR_INDIRECT);
    if (started() && !gather_count_ok(settings_.size)) co_return false;
    if (!gather(read_le(table.bytes, at, 8), static_cast<std::uint32_t>(read_le(table.bytes, at + kLength, 4)),
                flags)) {
      co_return false;
    }
  }
  co_return true;
}

/// 2.8.10: with EVENT_IDX for the next entry, without for every entry, once.
bool QueuePacked::arm() {
  const bool exact = offered(RING_F_EVENT_IDX);
  if (armed_ == next_ || (!exact && armed_ != UINT64_MAX)) return false;
  armed_ = next_;
  std::array<std::byte, EVENT_BYTES> event{};
  if (exact) write_le(event, 0, 2, next_ % settings_.size | (wrap(next_) ? kWrapBit : 0U));
  write_le(event, 2, 2, exact ? EVENT_DESC : EVENT_ENABLE);
  dma_.write(settings_.device, event);
  return true;
}

/// 2.8.6 and 5.1.6.4: the first of the group last, so that the driver sees all or nothing.
unsigned QueuePacked::publish(std::span<const Used> group) {
  std::vector<std::uint64_t> places;
  const std::uint64_t before = used_;
  for (const Used& used : group) {
    places.push_back(used_);
    used_ += used.descriptors;
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    const std::size_t which = (i + 1) % group.size();
    const Used& used = group[which];
    std::array<std::byte, 8> entry{};
    write_le(entry, 0, 4, used.length);
    write_le(entry, kId - kLength, 2, used.id);
    write_le(entry, kFlags - kLength, 2,
             (wrap(places[which]) ? DESC_F_AVAIL | DESC_F_USED : 0U) | (used.written ? DESC_F_WRITE : 0U));
    dma_.write(settings_.descriptors + DESC_BYTES * (places[which] % settings_.size) + kLength, entry);
  }
  return static_cast<unsigned>(used_ - before);
}

/// 2.8.10: with a specific descriptor, yes iff it is among those that were used. When the wish cannot be
/// read, one interrupt too many does no harm.
Task<bool> QueuePacked::driver_wants(std::uint64_t from, std::uint64_t to) {
  const ReadResult event = co_await dma_.read(settings_.driver, EVENT_BYTES);
  if (!event.ok()) co_return true;
  const auto off_wrap = static_cast<std::uint32_t>(read_le(event.bytes, 0, 2));
  const auto flags = static_cast<std::uint32_t>(read_le(event.bytes, 2, 2)) & 3;
  if (flags == EVENT_DISABLE) co_return false;
  if (flags != EVENT_DESC || !offered(RING_F_EVENT_IDX) || to - from > settings_.size) co_return true;
  for (std::uint64_t position = from; position < to; ++position) {
    const bool same_lap = wrap(position) == ((off_wrap & kWrapBit) != 0);
    if (same_lap && position % settings_.size == (off_wrap & ~kWrapBit)) co_return true;
  }
  co_return false;
}

}  // namespace sim::nic_model
