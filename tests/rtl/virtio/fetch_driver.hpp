// SPDX-License-Identifier: Apache-2.0
// The driver's side of one queue, packed or split, that only makes buffers available: chains, tables, kicks.
//
// It rings exactly when the rules of the ring say that it must, after delays of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace tests::virtio {

/// Host memory from kBase on; everything else is not there.
class FetchMemory {
 public:
  static constexpr std::uint64_t kBase = 0x12'3400'0000;
  static constexpr std::size_t kBytes = 16u << 20;

  [[nodiscard]] bool holds(std::uint64_t addr, std::size_t len) const {
    return addr >= kBase && addr - kBase <= kBytes && len <= kBytes - (addr - kBase);
  }
  [[nodiscard]] std::uint8_t& at(std::uint64_t addr) { return bytes_.at(addr - kBase); }
  [[nodiscard]] std::uint64_t read(std::uint64_t addr, unsigned bytes);
  void write(std::uint64_t addr, std::uint64_t value, unsigned bytes);

 private:
  std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(kBytes);
};

struct FetchMode {
  bool packed = true;
  bool event_idx = true;
  bool notification_data = false;
  bool indirect = false;
  [[nodiscard]] unsigned bits() const {
    return (packed ? 32u : 0) | (event_idx ? 16u : 0) | (notification_data ? 4u : 0) | (indirect ? 2u : 0);
  }
};

struct FetchPiece {
  std::uint64_t addr = 0;
  std::uint32_t len = 0;
  unsigned flags = 0;  // beyond NEXT, WRITE and what the ring needs
};

/// A buffer as the engine has to see it.
struct FetchBuffer {
  unsigned id = 0;
  unsigned descs = 0;
  std::vector<FetchPiece> pieces;
  unsigned ring_entries = 0;      // to free when it is used
  std::vector<unsigned> indices;  // split: its descriptors
  [[nodiscard]] std::uint32_t total() const;
};

struct FetchShape {
  unsigned direct = 1;  // pieces in the ring or the split table
  unsigned table = 0;   // pieces in an indirect table behind them
};

class FetchDriver {
 public:
  FetchDriver(FetchMemory& memory, std::uint64_t base, unsigned size, FetchMode mode, bool device_writes,
              unsigned seed);

  /// Whether a buffer of this shape fits now.
  [[nodiscard]] bool room(FetchShape shape) const;
  void add(const std::vector<FetchPiece>& direct, const std::vector<FetchPiece>& table);
  void add_random(FetchShape shape);
  /// Descriptors become visible one a step, the first of a chain (or the index) last. True: nothing is left.
  bool publish();
  /// After publish(): whether the device asked for a kick for what became visible since the last call.
  [[nodiscard]] bool kick_wanted();
  /// What NOTIFICATION_DATA says: where the next buffer goes.
  [[nodiscard]] unsigned next() const { return mode_.packed ? (shown_wrap_ ? 0x8000u : 0u) | shown_ : shown_avail_; }
  /// The engine has the oldest buffer: back to the driver.
  void use(const FetchBuffer& buffer);

  [[nodiscard]] std::uint64_t desc() const { return base_; }
  [[nodiscard]] std::uint64_t driver_area() const { return base_ + 16u * size_; }
  [[nodiscard]] std::uint64_t device_area() const { return driver_area() + (2u * size_ + 67) / 4 * 4; }
  [[nodiscard]] unsigned size() const { return size_; }
  /// Where a table of the buffer added last stands.
  [[nodiscard]] std::uint64_t table_at() const { return table_; }
  std::deque<FetchBuffer> open;  // available, not taken
  unsigned last_head = 0;        // ring index of the buffer added last
  bool scatter = true;           // split: descriptors in random places
  std::size_t taken = 0;

 private:
  struct Write {
    std::uint64_t addr;
    std::uint64_t value;
    unsigned bytes;
  };
  void put_table(const std::vector<FetchPiece>& table);
  void add_packed(FetchBuffer& buffer, const std::vector<FetchPiece>& direct, const std::vector<FetchPiece>& table);
  void add_split(FetchBuffer& buffer, const std::vector<FetchPiece>& direct, const std::vector<FetchPiece>& table);
  unsigned pick_free();
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

  FetchMemory& memory_;
  std::uint64_t base_;
  unsigned size_;
  FetchMode mode_;
  bool device_writes_;
  std::mt19937 random_;
  unsigned next_ = 0;  // packed
  bool wrap_ = true;
  unsigned free_;
  unsigned used_ = 0;
  bool used_wrap_ = true;
  unsigned avail_ = 0;  // split: index, free-running
  unsigned shown_ = 0;  // the same, as published
  bool shown_wrap_ = true;
  unsigned shown_avail_ = 0;
  std::vector<unsigned> free_list_;
  std::uint64_t table_ = 0;
  unsigned tables_ = 0;
  unsigned next_id_ = 0;
  std::deque<Write> writes_;
  unsigned added_ = 0;  // packed: descriptors, split: buffers, since the last kick decision
};

}  // namespace tests::virtio
