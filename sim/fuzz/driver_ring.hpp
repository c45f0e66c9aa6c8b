// SPDX-License-Identifier: Apache-2.0
// The driver's side of a virtqueue, as raw as can be: rings in memory, nothing hidden (virtio 1.2, 2.7, 2.8).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "rtl/contract/virtio_contract.hpp"
#include "sim/fuzz/host_memory.hpp"
#include "sim/fuzz/plan.hpp"
#include "sim/pcie/seeded_random.hpp"

namespace sim::fuzz {

struct Descriptor {
  std::uint64_t address = 0;
  std::uint32_t length = 0;
  bool writable = false;
  std::uint16_t extra_flags = 0;  ///< to break rules with
};

struct UsedBuffer {
  std::uint16_t id = 0;
  std::uint32_t length = 0;  ///< 0 when the entry says that nothing was written
};

class DriverRing {
 public:
  DriverRing(HostMemory& memory, unsigned size, std::uint64_t features)
      : memory_(memory), size_(size), features_(features) {}
  virtual ~DriverRing();
  DriverRing(const DriverRing&) = delete;
  DriverRing& operator=(const DriverRing&) = delete;

  // where the device finds it
  [[nodiscard]] std::uint64_t descriptors() const { return descriptors_; }
  [[nodiscard]] std::uint64_t driver() const { return driver_; }
  [[nodiscard]] std::uint64_t device() const { return device_; }

  /// Makes one buffer available; its id, or nothing when the ring is full.
  [[nodiscard]] virtual std::optional<std::uint16_t> add(const std::vector<Descriptor>& chain) = 0;
  /// The same through a table in memory, one entry of the ring.
  [[nodiscard]] virtual std::optional<std::uint16_t> add_indirect(std::uint64_t table, unsigned entries) = 0;
  /// Writes a table for add_indirect.
  void fill_table(std::uint64_t table, const std::vector<Descriptor>& chain);
  /// The next buffer that the device has given back. IN_ORDER: those before the one that it names, too.
  [[nodiscard]] std::optional<UsedBuffer> next_used();
  /// Whether the device asked to be told about what was added since the last call.
  [[nodiscard]] virtual bool wants_kick() = 0;
  /// NOTIFICATION_DATA: what belongs in the upper half of the doorbell.
  [[nodiscard]] virtual std::uint16_t kick_data() const = 0;
  virtual void wish(Wish wish) = 0;
  /// Rubbish in entries that the device does not have, so that it may take them for buffers. What they name is in
  /// `zones`, whose sizes are more than a descriptor's reach: nothing else must be touched because of it.
  struct Zones {
    std::uint64_t to_read = 0;
    std::uint64_t to_write = 0;
    bool device_writes = false;
  };
  virtual void rubbish(pcie::SeededRandom& random, const Zones& zones) = 0;
  /// The ring's memory is no longer mapped.
  void unmap();
  /// Of the chain that was used last: how many entries of the ring it gave back.
  [[nodiscard]] virtual unsigned room() const = 0;

 protected:
  /// The next used entry, if there is one, without taking it.
  [[nodiscard]] virtual std::optional<UsedBuffer> look() = 0;
  /// Takes `id` back; false when the device does not have it.
  virtual bool retire(std::uint16_t id) = 0;
  void posted(std::uint16_t id) {
    if (offered(contract::F_IN_ORDER)) order_.push_back(id);
  }
  std::uint64_t part(std::size_t bytes, std::size_t align, HostMemory::Grant grant);
  [[nodiscard]] Descriptor any_descriptor(pcie::SeededRandom& random, const Zones& zones) const;
  [[nodiscard]] bool offered(unsigned bit) const { return ((features_ >> bit) & 1) != 0; }

  HostMemory& memory_;
  unsigned size_;
  std::uint64_t features_;
  std::uint64_t descriptors_ = 0;
  std::uint64_t driver_ = 0;
  std::uint64_t device_ = 0;

 private:
  std::vector<std::pair<std::uint64_t, std::size_t>> parts_;
  std::deque<std::uint16_t> order_;  // IN_ORDER: what the device has, oldest first
  std::optional<UsedBuffer> batch_;  // IN_ORDER: the last of a batch that is being taken back
};

[[nodiscard]] std::unique_ptr<DriverRing> make_ring(HostMemory& memory, RingKind kind, unsigned size,
                                                    std::uint64_t features);

}  // namespace sim::fuzz
