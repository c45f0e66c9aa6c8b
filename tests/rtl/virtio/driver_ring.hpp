// SPDX-License-Identifier: Apache-2.0
// The driver's side of a virtqueue, step by step as virtio 1.2 writes it: what both kinds of ring can do.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/rtl/virtio/dma_model.hpp"

namespace tests::virtio {

struct Piece {
  std::uint64_t addr = 0;
  std::uint32_t len = 0;
};

struct Used {
  unsigned id = 0;
  std::uint32_t len = 0;
  bool written = false;
};

/// Packed: descriptor ring, driver and device event suppression. Split: table, available ring, used ring.
struct RingPlace {
  std::uint64_t desc = 0;
  std::uint64_t driver = 0;
  std::uint64_t device = 0;
  std::uint64_t tables = 0;  // for indirect descriptors: kTableBytes for each id
};

struct RingMode {
  bool packed = true;
  bool event_idx = true;
  bool in_order = false;
  bool device_writes = false;
};

class DriverRing {
 public:
  static constexpr unsigned kTableEntries = 32;
  static constexpr unsigned kTableBytes = kTableEntries * 16;

  DriverRing(HostMemory& memory, RingPlace place, unsigned size, RingMode mode)
      : memory_(memory), place_(place), size_(size), mode_(mode), free_(size) {}
  virtual ~DriverRing() = default;

  [[nodiscard]] unsigned room() const { return free_; }
  [[nodiscard]] unsigned size() const { return size_; }
  [[nodiscard]] bool all_back() const { return order_.empty(); }
  [[nodiscard]] const RingPlace& place() const { return place_; }
  /// The first rule of the ring that the device broke, or nothing.
  [[nodiscard]] const std::string& violation() const { return violation_; }

  /// Makes a buffer available under `id`, which is not in use; needs room() >= pieces.size(), or 1 if indirect.
  virtual void add(unsigned id, const std::vector<Piece>& pieces, bool indirect = false) = 0;
  /// Whether the device wants a kick for what was added since the last call.
  [[nodiscard]] virtual bool kick_wanted() = 0;
  /// What a kick says with NOTIFICATION_DATA: bits 31:16 of it.
  [[nodiscard]] virtual unsigned notification() const = 0;
  [[nodiscard]] virtual bool used_waits() = 0;
  [[nodiscard]] std::optional<Used> take_used();
  virtual void disable_interrupts() = 0;
  /// Asks for an interrupt once `after` further entries are used (event index), or for every one.
  virtual void enable_interrupts(unsigned after) = 0;

  static std::unique_ptr<DriverRing> make(HostMemory& memory, RingPlace place, unsigned size, RingMode mode);

 protected:
  /// Reads the next used entry; then steps behind it and gives up the buffers it stands for.
  virtual Used read_used() = 0;
  virtual void step_used(const std::vector<unsigned>& ids, unsigned entries) = 0;
  void violate(const std::string& what) {
    if (violation_.empty()) violation_ = what;
  }
  void write_table(unsigned id, const std::vector<Piece>& pieces);
  [[nodiscard]] std::uint64_t table_of(unsigned id) const { return place_.tables + std::uint64_t{id} * kTableBytes; }
  void opened(unsigned id, unsigned entries) {
    free_ -= entries;
    order_.emplace_back(id, entries);
  }

  HostMemory& memory_;
  RingPlace place_;
  unsigned size_;
  RingMode mode_;

 private:
  unsigned free_;
  std::deque<std::pair<unsigned, unsigned>> order_;  // id, ring entries: with the device, oldest first
  std::deque<Used> batch_;                           // IN_ORDER: used by an entry already read
  std::string violation_;
};

}  // namespace tests::virtio
