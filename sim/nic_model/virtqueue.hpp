// SPDX-License-Identifier: Apache-2.0
// One virtqueue as the device sees it: what packed and split rings have in common (virtio 1.2, 2.6 to 2.8).
//
// Buffers are looked for after a kick, read ahead up to a limit, checked, and kept until they are taken.
// Before the queue rests it asks for a kick and looks once more, so that no wake-up is lost. Used buffers
// are published first, then the driver's wish is read, then the interrupt is decided on.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>

#include "sim/nic_model/buffer.hpp"
#include "sim/nic_model/controls.hpp"
#include "sim/nic_model/dma.hpp"
#include "sim/nic_model/model_config.hpp"
#include "sim/nic_model/task.hpp"
#include "sim/nic_model/timeline.hpp"

namespace sim::nic_model {

/// Who reads and who writes the queue's buffers.
enum class BufferUse : std::uint8_t { device_writes, device_reads };

struct QueueSettings {
  unsigned size = 0;
  std::uint64_t descriptors = 0;  ///< ring, or descriptor table
  std::uint64_t driver = 0;       ///< event suppression, or available ring
  std::uint64_t device = 0;       ///< event suppression, or used ring
  std::uint64_t features = 0;
};

/// What the queue tells its owner.
struct QueueEvents {
  std::function<void()> ready;                     ///< there are new buffers
  std::function<void(std::uint32_t code)> failed;  ///< DESC_ERR_*: nothing more comes until the queue is reset
  std::function<void()> interrupt;
  std::function<void()> suppressed;
};

class Virtqueue {
 public:
  Virtqueue(const ModelConfig& config, Timeline& timeline, Dma& dma, BufferUse use, QueueSettings settings,
            QueueEvents events);
  virtual ~Virtqueue() = default;
  Virtqueue(const Virtqueue&) = delete;
  Virtqueue& operator=(const Virtqueue&) = delete;

  void kick();
  [[nodiscard]] const std::deque<Buffer>& ready() const { return ready_; }
  [[nodiscard]] std::uint64_t ready_bytes() const { return ready_bytes_; }
  [[nodiscard]] Buffer take();
  /// All of the group become visible to the driver together.
  void give_back(std::span<const Used> group);
  void moderate(Moderation moderation);

  /// Starts nothing new, ever; quiet() once nothing is under way.
  void stop() { running_ = false; }
  [[nodiscard]] bool stopped() const { return !running_; }
  [[nodiscard]] bool quiet() const { return !fetching_ && !deciding_; }
  [[nodiscard]] const QueueSettings& settings() const { return settings_; }

 protected:
  [[nodiscard]] bool running() const { return running_ && !failed_; }
  /// Looks at what follows the last buffer; true when there was something.
  [[nodiscard]] virtual Task<bool> fetch_batch() = 0;
  /// Asks for the next kick; false when that has been done for this very place.
  [[nodiscard]] virtual bool arm() = 0;
  /// Writes the entries; how far the ring's used position moved.
  [[nodiscard]] virtual unsigned publish(std::span<const Used> group) = 0;
  /// Reads the driver's wish about the used positions [from, to), counted from the beginning.
  [[nodiscard]] virtual Task<bool> driver_wants(std::uint64_t from, std::uint64_t to) = 0;

  [[nodiscard]] bool offered(unsigned bit) const { return has(settings_.features, bit); }
  /// Checks one descriptor and adds it to the buffer that is being gathered; false: the queue has failed.
  [[nodiscard]] bool gather(std::uint64_t address, std::uint32_t length, std::uint32_t flags);
  [[nodiscard]] bool gather_count_ok(std::size_t limit);
  void complete(std::uint16_t id, unsigned descriptors);
  bool fail(std::uint32_t code);
  [[nodiscard]] bool started() const { return !gathered_.pieces.empty(); }

  Dma& dma_;
  QueueSettings settings_;

 private:
  [[nodiscard]] Process fetch_loop();
  [[nodiscard]] Process decide_loop();
  void look();
  void decide();
  /// Forgotten when the queue is gone by then.
  void later(Picoseconds time, std::function<void()> action);
  [[nodiscard]] bool room() const;

  const ModelConfig& config_;
  Timeline& timeline_;
  BufferUse use_;
  QueueEvents events_;
  bool running_ = true;
  bool failed_ = false;
  bool fetching_ = false;
  bool deciding_ = false;
  bool kicked_ = false;
  Buffer gathered_;
  std::deque<Buffer> ready_;
  std::uint64_t ready_bytes_ = 0;
  std::uint64_t published_ = 0;
  std::uint64_t decided_ = 0;
  Moderation moderation_;
  std::uint32_t unannounced_ = 0;  // buffers used since the last decision
  std::uint64_t round_ = 0;        // of moderation: tells a timer that it is too late
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Process fetcher_;
  Process decider_;
};

[[nodiscard]] std::unique_ptr<Virtqueue> make_queue(const ModelConfig& config, Timeline& timeline, Dma& dma,
                                                    BufferUse use, const QueueSettings& settings, QueueEvents events);

}  // namespace sim::nic_model
