// SPDX-License-Identifier: Apache-2.0
// The driver's side of one queue whose buffers a device gives back: packed and split, written from virtio 1.2 alone.
//
// The driver makes buffers available, knows which frames they will come back as, and reads memory as a driver
// would. Whatever it sees has to be right at that moment: entries in order with id, length and flags; a frame of
// several buffers complete as soon as any of it shows.
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "tests/rtl/virtio/dma_model.hpp"

namespace tests::virtio {

struct GiveMode {
  bool packed = true;
  bool event_idx = true;
  bool in_order = false;  // batches: the driver of a transmit queue
};

/// A buffer as the engine gives it back.
struct Give {
  unsigned pair = 0;
  bool more = false;
  bool written = false;
  unsigned id = 0;
  unsigned descs = 1;
  std::uint32_t len = 0;
};

class GiveRing {
 public:
  static constexpr std::uint64_t kDriverArea = 0x8'0000;  // behind a ring of the largest size
  GiveRing(HostMemory& memory, std::uint64_t base, std::uint64_t spread, unsigned pair, unsigned size, GiveMode mode);

  [[nodiscard]] std::uint64_t desc() const { return desc_; }
  [[nodiscard]] std::uint64_t driver() const { return driver_; }
  [[nodiscard]] std::uint64_t device() const { return device_; }
  [[nodiscard]] unsigned size() const { return size_; }
  [[nodiscard]] unsigned room() const { return room_; }  // descriptors
  [[nodiscard]] std::size_t open() const { return frames_.size(); }

  /// Makes buffers of these many descriptors available; they come back as one frame.
  std::vector<Give> offer(const std::vector<unsigned>& descs, std::mt19937& random);
  /// Takes what shows as used; gives the number of frames.
  unsigned reap();
  [[nodiscard]] bool used_waits() const;
  void disable();
  /// Asks for an interrupt at the next used entry.
  void enable();
  /// As the driver does it before it enables the queue.
  void restart(unsigned size);
  /// Nothing of this driver's is expected any more.
  [[nodiscard]] const std::string& violation() const { return violation_; }

 private:
  [[nodiscard]] unsigned entry_flags(unsigned index) const;
  unsigned reap_packed();
  unsigned reap_split();
  unsigned take_batch(unsigned id);
  void retire_front();
  void advance(unsigned descs);
  void violate(const std::string& what);

  HostMemory& memory_;
  std::uint64_t desc_, driver_, device_;
  unsigned pair_;
  unsigned size_;
  GiveMode mode_;
  unsigned room_;
  unsigned next_id_ = 0;
  unsigned avail_ = 0;  // packed: where the next buffer goes
  bool avail_wrap_ = true;
  unsigned used_ = 0;  // packed: index of the next used entry; split: free-running
  bool used_wrap_ = true;
  std::deque<std::vector<Give>> frames_;
  std::string violation_;
};

}  // namespace tests::virtio
