// SPDX-License-Identifier: Apache-2.0
// A driver that does exactly what a plan says: brings the device up, posts buffers of any shape, takes back
// what was used, and holds the device to what it promised.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/fuzz/driver_ring.hpp"
#include "sim/fuzz/host_bus.hpp"
#include "sim/fuzz/host_memory.hpp"
#include "sim/fuzz/recorder.hpp"
#include "sim/fuzz/settings.hpp"
#include "sim/fuzz/traffic.hpp"

namespace sim::fuzz {

/// Where the function's registers are put.
inline constexpr std::uint64_t kBar = 0x80'0000'0000;

class RawDriver {
 public:
  RawDriver(const Machine& machine, HostBus& bus, HostMemory& memory, Recorder& recorder);
  ~RawDriver();

  /// Finds the function, places its BAR, sets it up, and starts the device.
  void power_on();
  /// A device reset, with so many doorbells of every queue while it lasts, and a new start.
  void restart(unsigned doorbells = 0);
  void receive_buffers(const Operation& operation);
  void transmit(const Operation& operation);
  void broken(const Operation& operation);
  void queue_reset(const Operation& operation);
  void wish(unsigned pair, Wish wish);
  void stray_doorbell(std::uint64_t seed);
  void kick(unsigned queue);
  void apply(const Settings& settings);

  // At any moment (raw_driver_chaos.cpp); what the device makes of a queue that a rule was broken on is not looked at.
  [[nodiscard]] bool needs_reset();
  void break_rule(const Operation& operation);
  void jump(const Operation& operation);
  void unmap(const Operation& operation);
  void move_ring(const Operation& operation);
  /// `before_start`: between the reset and the driver's new start.
  void function_reset(const std::function<void()>& before_start = {});
  void allow_master(bool allow);
  void mask_messages(bool mask);
  void ask_unsound(std::uint64_t seed);
  /// Counts from 0 again.
  void start_over();

  /// Bytes of each receive buffer that the device can have read by now, oldest first; as far as it reads ahead.
  [[nodiscard]] std::deque<std::uint32_t> stock(unsigned pair) const;
  /// Whether a transmit queue has buffers that were not given back.
  [[nodiscard]] bool waits() const;
  /// All is quiet: notes what was used and whether the interrupts came that had to.
  void mark();
  /// Reads every counter and notes those that time does not decide.
  void note_counters(bool only_sums);

  /// The NIC's own, by StatIndex.
  [[nodiscard]] std::vector<std::uint64_t> counters();

  [[nodiscard]] std::uint64_t mac_address() const { return mac_address_; }

 private:
  struct Pending {  // a buffer that waits for room in the ring
    std::vector<Descriptor> chain;
    bool indirect = false;
  };
  struct Posted {
    std::uint64_t number = 0;  // of the queue's buffers, in the order of posting
    std::vector<Descriptor> chain;
    std::uint64_t table = 0;
  };
  struct Queue {
    std::unique_ptr<DriverRing> ring;
    std::deque<Pending> backlog;
    std::map<std::uint16_t, Posted> posted;
    std::uint64_t count = 0;
    std::uint64_t used = 0;  // since the last mark
    std::uint64_t interrupts = 0;
    Wish wish = Wish::every;
    bool hostile = false;             // a rule was broken on it, or writes to it were lost: not looked at until a reset
    std::vector<Descriptor> scratch;  // of buffers that broke rules
  };

  void set_up_function();
  void set_up_messages();
  void start();
  void start_queue(unsigned queue);
  void ask(std::uint64_t features);
  void negotiate();
  void post(unsigned queue);
  void reap();
  void reap(unsigned queue);
  void give_up(Queue& queue);
  void release(const Posted& posted);
  [[nodiscard]] std::vector<Descriptor> broken_chain(const Operation& operation, unsigned index,
                                                     pcie::SeededRandom& random);
  void note_pairs();
  void check_sums();
  void silence();
  [[nodiscard]] std::uint64_t counter(std::uint64_t address);
  void note_used(unsigned queue, const Posted& posted, const UsedBuffer& used);
  [[nodiscard]] Descriptor buffer(std::uint32_t length, bool writable, pcie::SeededRandom& random);
  [[nodiscard]] bool takes(unsigned feature) const { return machine_.takes(feature); }
  [[nodiscard]] unsigned vector_of(unsigned queue) const { return vectors_ > queue + 1 ? queue + 1 : 0; }
  [[nodiscard]] std::string name_of(unsigned queue) const;
  void common_write(std::uint32_t offset, unsigned width, std::uint32_t value);
  [[nodiscard]] std::uint32_t common_read(std::uint32_t offset, unsigned width);
  void wait_for_zero(std::uint32_t offset, unsigned width, const char* what);

  Machine machine_;
  HostBus& bus_;
  HostMemory& memory_;
  Recorder& recorder_;
  std::vector<Queue> queues_;
  unsigned vectors_ = 0;
  unsigned marks_ = 0;
  std::uint64_t mac_address_ = 0;
  bool running_ = false;
  DriverRing::Zones zones_;
};

}  // namespace sim::fuzz
