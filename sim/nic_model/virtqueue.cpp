// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/virtqueue.hpp"

#include <algorithm>
#include <utility>

#include "sim/nic_model/queue_packed.hpp"
#include "sim/nic_model/queue_split.hpp"

namespace sim::nic_model {
namespace {

using namespace contract;

constexpr std::size_t kReadAhead = 64;          // buffers
constexpr std::uint32_t kLongestPiece = 65535;  // bytes
constexpr Picoseconds kMicrosecond = 1'000'000;

}  // namespace

Virtqueue::Virtqueue(const ModelConfig& config, Timeline& timeline, Dma& dma, BufferUse use, QueueSettings settings,
                     QueueEvents events)
    : dma_(dma), settings_(settings), config_(config), timeline_(timeline), use_(use), events_(std::move(events)) {}

std::unique_ptr<Virtqueue> make_queue(const ModelConfig& config, Timeline& timeline, Dma& dma, BufferUse use,
                                      const QueueSettings& settings, QueueEvents events) {
  if (has(settings.features, F_RING_PACKED)) {
    return std::make_unique<QueuePacked>(config, timeline, dma, use, settings, std::move(events));
  }
  return std::make_unique<QueueSplit>(config, timeline, dma, use, settings, std::move(events));
}

// ------------------------------------------------------------------------------ available buffers

bool Virtqueue::room() const {
  return ready_.size() < kReadAhead;
}

void Virtqueue::kick() {
  kicked_ = true;
  look();
}

void Virtqueue::look() {
  if (fetching_ || !running()) return;
  fetcher_ = fetch_loop();
}

Process Virtqueue::fetch_loop() {
  fetching_ = true;
  bool again = true;
  while (again && running()) {
    kicked_ = false;
    bool found = true;
    while (found && running() && room()) found = co_await fetch_batch();
    if (!running() || !room()) break;  // take() looks again when there is room
    again = false;
    if (arm()) again = co_await fetch_batch();
    again = again || kicked_;
  }
  fetching_ = false;
}

void Virtqueue::later(Picoseconds time, std::function<void()> action) {
  timeline_.after(time, [alive = std::weak_ptr<bool>(alive_), action = std::move(action)] {
    if (!alive.expired()) action();
  });
}

Buffer Virtqueue::take() {
  Buffer buffer = std::move(ready_.front());
  ready_.pop_front();
  ready_bytes_ -= buffer.total;
  if (ready_.size() + 1 == kReadAhead) later(0, [this] { look(); });
  return buffer;
}

bool Virtqueue::fail(std::uint32_t code) {
  if (!running()) return false;
  failed_ = true;
  events_.failed(code);
  return false;
}

bool Virtqueue::gather(std::uint64_t address, std::uint32_t length, std::uint32_t flags) {
  const bool writable = (flags & DESC_F_WRITE) != 0;
  if (writable != (use_ == BufferUse::device_writes)) return fail(DESC_ERR_DIRECTION);
  if (length == 0 || length > kLongestPiece) return fail(DESC_ERR_LENGTH);
  if (address + (length - 1) < address) return fail(DESC_ERR_ADDRESS);
  gathered_.pieces.push_back({address, length});
  gathered_.total += length;
  return true;
}

/// More pieces than the ring has entries would be a loop.
bool Virtqueue::gather_count_ok(std::size_t limit) {
  return gathered_.pieces.size() < std::min<std::size_t>(limit, config_.max_pieces) || fail(DESC_ERR_CHAIN);
}

void Virtqueue::complete(std::uint16_t id, unsigned descriptors) {
  gathered_.id = id;
  gathered_.descriptors = descriptors;
  ready_bytes_ += gathered_.total;
  ready_.push_back(std::exchange(gathered_, {}));
  later(0, events_.ready);
}

// ------------------------------------------------------------------------------------ used buffers

void Virtqueue::give_back(std::span<const Used> group) {
  published_ += publish(group);
  unannounced_ += static_cast<std::uint32_t>(group.size());
  if (moderation_.off() || unannounced_ >= moderation_.max_packets) return decide();
  if (unannounced_ != group.size()) return;  // the timer runs since the first of them
  later(moderation_.max_microseconds * kMicrosecond, [this, round = round_] {
    if (round == round_ && unannounced_ != 0) decide();
  });
}

void Virtqueue::moderate(Moderation moderation) {
  moderation_ = moderation;
  if (unannounced_ != 0 && (moderation.off() || unannounced_ >= moderation.max_packets)) decide();
}

void Virtqueue::decide() {
  unannounced_ = 0;
  ++round_;
  if (!deciding_) decider_ = decide_loop();
}

Process Virtqueue::decide_loop() {
  deciding_ = true;
  while (running_ && decided_ != published_) {
    const std::uint64_t from = std::exchange(decided_, published_);
    const bool wanted = co_await driver_wants(from, decided_);
    if (running_) (wanted ? events_.interrupt : events_.suppressed)();
  }
  deciding_ = false;
}

}  // namespace sim::nic_model
