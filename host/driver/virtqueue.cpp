// SPDX-License-Identifier: Apache-2.0
// What both ring kinds share: ids, bounds of what the device says, order, and when to look again.
#include "host/driver/virtqueue.hpp"

#include <bit>
#include <type_traits>

#include "host/base/invariant.hpp"
#include "host/driver/virtqueue_packed.hpp"
#include "host/driver/virtqueue_split.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using base::Errno;

constexpr unsigned kMaxSize = 32768;  // 2.7, 2.8: maximum queue size

}  // namespace

template <typename Self, typename Call>
[[gnu::always_inline]] inline decltype(auto) Virtqueue::by_kind(Self& self, Call&& call) {
  using Packed = std::conditional_t<std::is_const_v<Self>, const PackedVirtqueue, PackedVirtqueue>;
  return self.options_.kind == RingKind::packed ? call(static_cast<Packed&>(self)) : call(self);
}

base::Result<std::unique_ptr<Virtqueue>> Virtqueue::create(platform::DmaMemory& dma, const RingOptions& options) {
  if (options.size == 0 || options.size > kMaxSize) return Errno::invalid;
  const bool split = options.kind == RingKind::split;
  if (split && !std::has_single_bit(options.size)) return Errno::invalid;
  RingAreas areas = split ? split_areas(options.size) : packed_areas(options.size);
  areas.areas[static_cast<std::size_t>(RingArea::tables)].bytes =
      std::size_t{options.size} * options.indirect_pieces * contract::DESC_BYTES;
  const auto memory = dma.allocate(areas.total(), RingMemory::kAlignment);
  if (memory.empty()) return Errno::no_memory;
  if (split) return std::unique_ptr<Virtqueue>(new SplitVirtqueue(dma, options, areas, memory));
  return std::unique_ptr<Virtqueue>(new PackedVirtqueue(dma, options, areas, memory));
}

Virtqueue::Virtqueue(platform::DmaMemory& dma, const RingOptions& options, const RingAreas& areas,
                     std::span<std::byte> memory)
    : options_(options), memory_(dma, areas, memory), free_descriptors_(options.size), ids_(options.size) {}

Virtqueue::~Virtqueue() = default;

std::vector<std::uint16_t> Virtqueue::outstanding() const {
  std::vector<std::uint16_t> result;
  for (unsigned id = 0; id < size(); ++id) {
    if (ids_[id].descriptors != 0) result.push_back(static_cast<std::uint16_t>(id));
  }
  return result;
}

/// 2.7.5.3.1: not even a table may hold more entries than the queue.
unsigned Virtqueue::descriptors_for(std::size_t pieces) const {
  const bool through_table = pieces > 1 && pieces <= options_.indirect_pieces && pieces <= size();
  return through_table ? 1 : static_cast<unsigned>(pieces);
}

platform::DmaAddress Virtqueue::table_address(std::uint16_t id) const {
  return memory_.address(RingArea::tables) + std::uint64_t{id} * options_.indirect_pieces * contract::DESC_BYTES;
}

std::span<std::byte> Virtqueue::table(std::uint16_t id) const {
  const std::size_t bytes = std::size_t{options_.indirect_pieces} * contract::DESC_BYTES;
  return memory_.area(RingArea::tables).subspan(id * bytes, bytes);
}

// --- making available --------------------------------------------------------------------------

template <typename Publish>
[[gnu::always_inline]] inline base::Result<std::uint16_t> Virtqueue::add_as(unsigned descriptors,
                                                                            std::uint64_t writable, Publish&& publish) {
  if (descriptors > free_descriptors_) return Errno::no_buffers;
  const std::uint16_t id = by_kind(*this, [&](auto& ring) { return ring.reserve(descriptors); });
  IdState& state = ids_[id];
  INVARIANT(state.descriptors == 0, "an outstanding buffer is added again");
  state = {static_cast<std::uint16_t>(descriptors), writable};
  by_kind(*this, [&](auto& ring) { publish(ring, id); });
  free_descriptors_ -= descriptors;
  ++outstanding_count_;
  added_since_kick_ = true;
  if (options_.in_order == InOrder::yes) order_.push_back(id);
  ++stats_.added;
  return id;
}

base::Result<std::uint16_t> Virtqueue::add(std::span<const BufferPiece> pieces) {
  if (broken()) return Errno::io;
  if (pieces.empty()) return Errno::invalid;
  return pieces.size() == 1 ? add_one(pieces.front()) : add_chain(pieces);
}

base::Result<std::uint16_t> Virtqueue::add_one(const BufferPiece& piece) {
  return add_as(1, piece.access == Access::device_writes ? piece.length : 0,
                [&](auto& ring, std::uint16_t id) { ring.publish_one(id, piece); });
}

base::Result<std::uint16_t> Virtqueue::add_chain(std::span<const BufferPiece> pieces) {
  std::uint64_t writable = 0;
  for (const auto& piece : pieces) writable += piece.access == Access::device_writes ? piece.length : 0;
  const unsigned descriptors = descriptors_for(pieces.size());
  const bool through_table = descriptors < pieces.size();
  const auto added = add_as(descriptors, writable, [&](auto& ring, std::uint16_t id) {
    ring.publish(id, pieces, through_table ? table(id) : std::span<std::byte>{});
  });
  stats_.indirect += through_table && added.ok() ? 1 : 0;
  return added;
}

bool Virtqueue::should_kick() {
  virtio_mb();  // what was added is visible before the device's wish is read
  if (!std::exchange(added_since_kick_, false)) return false;
  const bool kick = kick_wanted();
  ++(kick ? stats_.kicks : stats_.kicks_suppressed);
  return kick;
}

// --- taking back -----------------------------------------------------------------------------------

bool Virtqueue::has_used() const {
  return !broken() && (batch_ || by_kind(*this, [](const auto& ring) { return ring.used_ready(); }));
}

bool Virtqueue::accept(UsedEntry entry) {
  if (!by_kind(*this, [](const auto& ring) { return ring.used_count_plausible(); })) {
    fault_ = RingFault::index_jump;
  } else if (entry.id >= size()) {
    fault_ = RingFault::id_out_of_range;
  } else if (ids_[entry.id].descriptors == 0) {
    fault_ = RingFault::not_outstanding;
  } else if (entry.length > ids_[entry.id].writable) {
    fault_ = RingFault::length_too_long;
  }
  return !broken();
}

bool Virtqueue::take_next(UsedBuffer& used) {
  if (options_.in_order == InOrder::yes) return take_in_order(used);
  dma_rmb();  // that it is there before what it says
  const UsedEntry entry = by_kind(*this, [](const auto& ring) { return ring.used_entry(); });
  if (!accept(entry)) return false;
  used = {static_cast<std::uint16_t>(entry.id), entry.length};
  take_back(used.id);
  return true;
}

/// 2.7.9, 2.8.10: buffers before the batch's last one were used completely.
bool Virtqueue::take_in_order(UsedBuffer& used) {
  if (!batch_) {
    dma_rmb();
    const UsedEntry entry = used_entry();
    if (!accept(entry)) return false;
    batch_ = UsedBuffer{static_cast<std::uint16_t>(entry.id), entry.length};
  }
  used = *batch_;
  const std::uint16_t oldest = order_.front();
  order_.pop_front();
  if (oldest != used.id) used = {oldest, static_cast<std::uint32_t>(ids_[oldest].writable)};
  if (used.id == batch_->id) batch_.reset();
  take_back(used.id);
  return true;
}

[[gnu::always_inline]] inline void Virtqueue::take_back(std::uint16_t id) {
  IdState& state = ids_[id];
  by_kind(*this, [&](auto& ring) { ring.release(id, state.descriptors); });
  free_descriptors_ += state.descriptors;
  state.descriptors = 0;
  --outstanding_count_;
  ++stats_.used;
}

// --- interrupts ----------------------------------------------------------------------------------

bool Virtqueue::arm(unsigned later) {
  write_interrupt_event(later);
  virtio_mb();  // our wish is visible before we look whether it came too late
  if (!has_used()) return true;
  ++stats_.rearm_races;
  return false;
}

bool Virtqueue::enable_interrupts() {
  return arm(0);
}

bool Virtqueue::enable_interrupts_delayed() {
  return arm(distance_out() * 3 / 4);
}

}  // namespace host::driver
