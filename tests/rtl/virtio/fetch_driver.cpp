// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/virtio/fetch_driver.hpp"

#include <algorithm>

#include "rtl/contract/virtio_contract.hpp"

namespace tests::virtio {

namespace {
constexpr unsigned kTableBytes = 64 * 16 + 8;
constexpr unsigned kTables = 128;
}  // namespace

std::uint64_t FetchMemory::read(std::uint64_t addr, unsigned bytes) {
  std::uint64_t value = 0;
  for (unsigned k = bytes; k-- > 0;) value = value << 8 | at(addr + k);
  return value;
}

void FetchMemory::write(std::uint64_t addr, std::uint64_t value, unsigned bytes) {
  for (unsigned k = 0; k < bytes; ++k) at(addr + k) = static_cast<std::uint8_t>(value >> (8 * k));
}

std::uint32_t FetchBuffer::total() const {
  std::uint32_t sum = 0;
  for (const FetchPiece& piece : pieces) sum += piece.len;
  return std::min(sum, 131071u);
}

FetchDriver::FetchDriver(FetchMemory& memory, std::uint64_t base, unsigned size, FetchMode mode, bool device_writes,
                         unsigned seed)
    : memory_(memory),
      base_(base),
      size_(size),
      mode_(mode),
      device_writes_(device_writes),
      random_(seed),
      free_(size),
      next_id_(static_cast<unsigned>(random_() & 0xffff)) {
  for (unsigned k = size; k-- > 0;) free_list_.push_back(k);
  const std::uint64_t end = device_area() + 8u * size + 64 + std::uint64_t{kTables} * kTableBytes;
  for (std::uint64_t addr = base; addr < end; ++addr) memory_.at(addr) = 0;
}

bool FetchDriver::room(FetchShape shape) const {
  const unsigned entries = shape.direct + (shape.table != 0 ? 1 : 0);
  return (mode_.packed ? free_ : free_list_.size()) >= entries &&
         (shape.table == 0 || open.size() < kTables - 8);  // a table stays until its buffer was taken
}

void FetchDriver::add_random(FetchShape shape) {
  const auto pieces = [this](unsigned count) {
    std::vector<FetchPiece> list(count);
    for (FetchPiece& piece : list) {
      piece.addr = static_cast<std::uint64_t>(random_()) << 32 | random_();
      if ((piece.addr >> 16) == 0xffff'ffff'ffff) piece.addr = 0;
      piece.len = below(10) == 0 ? 65535 : 1 + below(2000);
    }
    return list;
  };
  const auto direct = pieces(shape.direct);
  add(direct, pieces(shape.table));
}

void FetchDriver::put_table(const std::vector<FetchPiece>& table) {
  table_ = device_area() + 8u * size_ + 64 + std::uint64_t{tables_} * kTableBytes + below(8);
  tables_ = (tables_ + 1) % kTables;
  const unsigned write = device_writes_ ? contract::DESC_F_WRITE : 0;
  // A split table is a chain: entry 0 first, then in any order.
  std::vector<unsigned> order(table.size());
  for (unsigned k = 0; k < order.size(); ++k) order[k] = k;
  if (!mode_.packed && order.size() > 2) std::shuffle(order.begin() + 1, order.end(), random_);
  for (unsigned k = 0; k < table.size(); ++k) {
    const std::uint64_t at = table_ + 16u * order[k];
    const bool more = k + 1 < table.size();
    memory_.write(at, table[k].addr, 8);
    memory_.write(at + 8, table[k].len, 4);
    if (mode_.packed) {  // id and NEXT mean nothing here
      memory_.write(at + 12, random_() & 0xffff, 2);
      memory_.write(at + 14, table[k].flags ^ write, 2);
    } else {
      memory_.write(at + 12, (table[k].flags ^ write) | (more ? contract::DESC_F_NEXT : 0u), 2);
      memory_.write(at + 14, more ? order[k + 1] : random_() & 0xffff, 2);
    }
  }
}

void FetchDriver::add(const std::vector<FetchPiece>& direct, const std::vector<FetchPiece>& table) {
  FetchBuffer buffer;
  buffer.pieces = direct;
  buffer.pieces.insert(buffer.pieces.end(), table.begin(), table.end());
  if (!table.empty()) put_table(table);
  buffer.ring_entries = static_cast<unsigned>(direct.size()) + (table.empty() ? 0 : 1);
  if (mode_.packed) {
    add_packed(buffer, direct, table);
  } else {
    add_split(buffer, direct, table);
  }
  open.push_back(std::move(buffer));
}

void FetchDriver::add_packed(FetchBuffer& buffer, const std::vector<FetchPiece>& direct,
                             const std::vector<FetchPiece>& table) {
  buffer.id = next_id_ = (next_id_ * 5 + 1) & 0xffff;
  buffer.descs = buffer.ring_entries;
  const unsigned write = device_writes_ ? contract::DESC_F_WRITE : 0;
  std::deque<Write> flags;
  last_head = next_;
  for (unsigned k = 0; k < buffer.ring_entries; ++k) {
    const bool is_table = k == direct.size();
    const std::uint64_t at = base_ + 16u * next_;
    const unsigned avail = wrap_ ? contract::DESC_F_AVAIL : contract::DESC_F_USED;
    const unsigned more = k + 1 < buffer.ring_entries ? contract::DESC_F_NEXT : 0u;
    memory_.write(at, is_table ? table_ : direct[k].addr, 8);
    memory_.write(at + 8, is_table ? 16 * table.size() : direct[k].len, 4);
    memory_.write(at + 12, more != 0 ? random_() & 0xffff : buffer.id, 2);
    const unsigned own =
        is_table ? contract::DESC_F_INDIRECT | (below(2) ? contract::DESC_F_WRITE : 0u) : direct[k].flags ^ write;
    flags.push_front({at + 14, avail | more | own, 2});
    if (++next_ == size_) {
      next_ = 0;
      wrap_ = !wrap_;
    }
  }
  for (const Write& one : flags) writes_.push_back(one);
  free_ -= buffer.ring_entries;
}

unsigned FetchDriver::pick_free() {
  const std::size_t at =
      scatter && below(3) == 0 ? below(static_cast<unsigned>(free_list_.size())) : free_list_.size() - 1;
  const unsigned index = free_list_[at];
  free_list_.erase(free_list_.begin() + static_cast<std::ptrdiff_t>(at));
  return index;
}

void FetchDriver::add_split(FetchBuffer& buffer, const std::vector<FetchPiece>& direct,
                            const std::vector<FetchPiece>& table) {
  for (unsigned k = 0; k < buffer.ring_entries; ++k) buffer.indices.push_back(pick_free());
  buffer.id = last_head = buffer.indices.front();
  buffer.descs = 1;
  const unsigned write = device_writes_ ? contract::DESC_F_WRITE : 0;
  for (unsigned k = 0; k < buffer.ring_entries; ++k) {
    const bool is_table = k == direct.size();
    const bool more = k + 1 < buffer.ring_entries;
    const std::uint64_t at = base_ + 16u * buffer.indices[k];
    const unsigned own =
        is_table ? contract::DESC_F_INDIRECT | (below(2) ? contract::DESC_F_WRITE : 0u) : direct[k].flags ^ write;
    memory_.write(at, is_table ? table_ : direct[k].addr, 8);
    memory_.write(at + 8, is_table ? 16 * table.size() : direct[k].len, 4);
    memory_.write(at + 12, own | (more ? contract::DESC_F_NEXT : 0u), 2);
    memory_.write(at + 14, more ? buffer.indices[k + 1] : random_() & 0xffff, 2);
  }
  memory_.write(driver_area() + 4 + 2u * (avail_ % size_), buffer.id, 2);
  avail_ = (avail_ + 1) & 0xffff;
  writes_.push_back({driver_area() + 2, avail_, 2});
}

bool FetchDriver::publish() {
  if (!writes_.empty()) {
    const Write one = writes_.front();
    writes_.pop_front();
    memory_.write(one.addr, one.value, one.bytes);
    ++added_;
  }
  if (!writes_.empty()) return false;
  shown_ = next_;
  shown_wrap_ = wrap_;
  shown_avail_ = avail_;
  return true;
}

bool FetchDriver::kick_wanted() {
  const unsigned added = added_;
  added_ = 0;
  if (added == 0) return false;
  if (!mode_.packed) {
    if (!mode_.event_idx) return (memory_.read(device_area(), 2) & 1) == 0;
    const auto event = static_cast<unsigned>(memory_.read(device_area() + 4 + 8u * size_, 2));
    return ((shown_avail_ - event - 1) & 0xffff) < added;
  }
  const auto off_wrap = static_cast<unsigned>(memory_.read(device_area(), 2));
  const auto flags = static_cast<unsigned>(memory_.read(device_area() + 2, 2));
  if (flags == contract::EVENT_ENABLE) return true;
  if (flags != contract::EVENT_DESC) return false;
  // Positions on a circle of two laps; the entry asked for is among those added since.
  const auto place = [this](unsigned index, bool wrap) { return index + (wrap ? 0 : size_); };
  const unsigned now = place(shown_, shown_wrap_);
  const unsigned event = place(off_wrap & 0x7fff, off_wrap >> 15 != 0);
  return (now + 2 * size_ - event - 1) % (2 * size_) < added;
}

void FetchDriver::use(const FetchBuffer& buffer) {
  if (mode_.packed) {
    const unsigned both = contract::DESC_F_AVAIL | contract::DESC_F_USED;
    memory_.write(base_ + 16u * used_ + 14, used_wrap_ ? both : 0, 2);
    used_ += buffer.ring_entries;
    if (used_ >= size_) {
      used_ -= size_;
      used_wrap_ = !used_wrap_;
    }
    free_ += buffer.ring_entries;
  } else if (scatter) {
    for (const unsigned index : buffer.indices) free_list_.push_back(index);
  } else {
    for (const unsigned index : buffer.indices) free_list_.insert(free_list_.begin(), index);
  }
}

}  // namespace tests::virtio
