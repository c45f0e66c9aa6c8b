// SPDX-License-Identifier: Apache-2.0
// Buffers, kicks and what comes back; raw_driver_start.cpp brings the device up.
#include "sim/fuzz/raw_driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace sim::fuzz {

using namespace contract;

namespace {

constexpr std::size_t kReadAhead = 40;  // pieces: fewer than the device keeps of a queue

}  // namespace

RawDriver::RawDriver(const Machine& machine, HostBus& bus, HostMemory& memory, Recorder& recorder)
    : machine_(machine), bus_(bus), memory_(memory), recorder_(recorder), queues_(2 * std::size_t{machine.pairs}) {
  bus_.on_write([this] { reap(); });
  bus_.on_message([this](std::uint32_t data) {
    for (unsigned queue = 0; queue < queues_.size(); ++queue) {
      if (vector_of(queue) != 0 && vector_of(queue) == data) ++queues_[queue].interrupts;
    }
  });
}

RawDriver::~RawDriver() = default;

std::string RawDriver::name_of(unsigned queue) const {
  return fmt::format("{} {}", queue % 2 == QUEUE_RX0 ? "receive" : "transmit", queue / 2);
}

// ----------------------------------------------------------------------------------------- posting

/// At any alignment, with bytes behind it that are nobody's.
Descriptor RawDriver::buffer(std::uint32_t length, bool writable, pcie::SeededRandom& random) {
  const std::uint64_t shift = random.below(64);
  const std::uint64_t address = memory_.allocate(length + 64, 64) + shift;
  memory_.grant(address, length, writable ? HostMemory::write : HostMemory::read);
  return {address, length, writable, 0};
}

void RawDriver::receive_buffers(const Operation& operation) {
  pcie::SeededRandom random(operation.seed);
  Queue& queue = queues_[2 * operation.pair];
  for (unsigned i = 0; i < operation.count; ++i) {
    Pending pending;
    for (const std::uint32_t length : receive_shape(random, machine_)) {
      pending.chain.push_back(buffer(length, true, random));
      std::ranges::fill(memory_.at(pending.chain.back().address, length), std::byte{0xEE});
    }
    pending.indirect = takes(RING_F_INDIRECT_DESC) && random.below(3) == 0;
    queue.backlog.push_back(std::move(pending));
  }
  post(2 * operation.pair);
}

void RawDriver::transmit(const Operation& operation) {
  pcie::SeededRandom random(operation.seed);
  Queue& queue = queues_[2 * operation.pair + 1];
  for (unsigned i = 0; i < operation.count; ++i) {
    const TransmitPlan plan = transmit_plan(random, machine_, operation.pair);
    Pending pending;
    std::size_t at = 0;
    for (const std::uint32_t length : plan.pieces) {
      pending.chain.push_back(buffer(length, false, random));
      std::copy_n(plan.content.begin() + static_cast<std::ptrdiff_t>(at), length,
                  memory_.at(pending.chain.back().address, length).begin());
      at += length;
    }
    pending.indirect = takes(RING_F_INDIRECT_DESC) && random.below(3) == 0;
    queue.backlog.push_back(std::move(pending));
  }
  post(2 * operation.pair + 1);
}

/// As much of the backlog as the ring takes.
void RawDriver::post(unsigned index) {
  Queue& queue = queues_[index];
  bool any = false;
  while (running_ && !queue.backlog.empty() && queue.backlog.front().chain.size() <= queue.ring->room()) {
    const Pending pending = std::move(queue.backlog.front());
    queue.backlog.pop_front();
    Posted posted{queue.count++, pending.chain, 0};
    std::optional<std::uint16_t> id;
    if (pending.indirect) {
      const auto entries = static_cast<unsigned>(pending.chain.size());
      posted.table = memory_.allocate(std::size_t{DESC_BYTES} * entries, 16);
      memory_.grant(posted.table, std::size_t{DESC_BYTES} * entries, HostMemory::ring_read);
      queue.ring->fill_table(posted.table, pending.chain);
      id = queue.ring->add_indirect(posted.table, entries);
    } else {
      id = queue.ring->add(pending.chain);
    }
    queue.posted[*id] = std::move(posted);
    any = true;
  }
  if (any && (queue.ring->wants_kick() || !machine_.honour_suppression)) kick(index);
}

void RawDriver::kick(unsigned queue) {
  const bool whole = takes(F_NOTIFICATION_DATA);
  const std::uint32_t value = queue | (whole ? std::uint32_t{queues_[queue].ring->kick_data()} << 16 : 0U);
  bus_.mmio_write(kBar + BAR_NOTIFY + NOTIFY_OFF_MULTIPLIER * queue, whole ? 4 : 2, value);
}

void RawDriver::apply(const Settings& settings) {
  for (const auto& [offset, value] : settings.writes) bus_.mmio_write(kBar + BAR_CONTROL + offset, 4, value);
  static_cast<void>(bus_.mmio_read(kBar + BAR_CONTROL + GENERAL_ID, 4));
}

std::deque<std::uint32_t> RawDriver::stock(unsigned pair) const {
  std::map<std::uint64_t, const Posted*> ordered;
  for (const auto& [id, posted] : queues_[2 * pair].posted) ordered[posted.number] = &posted;
  std::deque<std::uint32_t> totals;
  std::size_t pieces = 0;
  for (const auto& [number, posted] : ordered) {
    pieces += posted->chain.size();
    if (pieces > kReadAhead) break;
    std::uint32_t total = 0;
    for (const Descriptor& piece : posted->chain) total += piece.length;
    totals.push_back(total);
  }
  return totals;
}

void RawDriver::stray_doorbell(std::uint64_t seed) {
  const auto queue = static_cast<std::uint32_t>(queues_.size() + seed % 500);
  bus_.mmio_write(kBar + BAR_NOTIFY + NOTIFY_OFF_MULTIPLIER * queue, takes(F_NOTIFICATION_DATA) ? 4 : 2, queue);
}

// ----------------------------------------------------------------------------------------- used

void RawDriver::reap() {
  if (!running_) return;
  for (unsigned queue = 0; queue < queues_.size(); ++queue) {
    if (!queues_[queue].hostile) reap(queue);
  }
}

void RawDriver::reap(unsigned index) {
  Queue& queue = queues_[index];
  bool any = false;
  while (queue.ring != nullptr) {
    const auto used = queue.ring->next_used();
    if (!used) break;
    const auto found = queue.posted.find(used->id);
    if (found == queue.posted.end()) {
      return bus_.violation(
          fmt::format("{}: buffer {} was given back, which the device does not have", name_of(index), used->id));
    }
    ++queue.used;
    note_used(index, found->second, *used);
    release(found->second);
    queue.posted.erase(found);
    any = true;
  }
  if (any) post(index);
}

void RawDriver::note_used(unsigned index, const Posted& posted, const UsedBuffer& used) {
  Bytes content;
  bool rest_untouched = true;
  if (index % 2 == QUEUE_RX0) {
    for (const Descriptor& piece : posted.chain) {
      for (const std::byte byte : memory_.at(piece.address, piece.length)) {
        if (content.size() < used.length) {
          content.push_back(byte);
        } else {
          rest_untouched = rest_untouched && byte == std::byte{0xEE};
        }
      }
    }
  }
  recorder_.note(name_of(index), fmt::format("buffer {} length {}{}: {}", posted.number, used.length,
                                             rest_untouched ? "" : ", and more behind it", summary(content)));
  if (!rest_untouched) bus_.violation("bytes behind the used length were written");
}

void RawDriver::release(const Posted& posted) {
  const auto give = [this](std::uint64_t address, std::size_t bytes, std::uint64_t align) {
    memory_.grant(address, bytes, HostMemory::none);
    memory_.free(address & ~(align - 1));
  };
  for (const Descriptor& piece : posted.chain) give(piece.address, piece.length, 64);
  if (posted.table != 0) give(posted.table, DESC_BYTES * posted.chain.size(), 64);
}

// ----------------------------------------------------------------------------------------- marks

void RawDriver::wish(unsigned pair, Wish wish) {
  for (const unsigned index : {2 * pair, 2 * pair + 1}) {
    queues_[index].wish = wish;
    queues_[index].ring->wish(wish);
  }
}

bool RawDriver::waits() const {
  for (unsigned index = 0; index < queues_.size(); ++index) {
    if (index % 2 != QUEUE_RX0 && !(queues_[index].posted.empty() && queues_[index].backlog.empty())) return true;
  }
  return false;
}

/// An interrupt is owed when something was used and the driver wanted to know, and only then.
void RawDriver::mark() {
  ++marks_;
  for (unsigned index = 0; index < queues_.size(); ++index) {
    Queue& queue = queues_[index];
    const bool interrupted = queue.interrupts != 0;
    const bool owed = queue.used != 0 && queue.wish != Wish::none;
    recorder_.note("marks", fmt::format("{}: {} used {}, interrupted {}, waiting {}", marks_, name_of(index),
                                        queue.used, interrupted, queue.posted.size() + queue.backlog.size()));
    if (vector_of(index) != 0 && interrupted != owed) {
      bus_.violation(
          fmt::format("mark {}, {}: {} used, but {} interrupts", marks_, name_of(index), queue.used, queue.interrupts));
    }
    if (index % 2 != QUEUE_RX0 && !queue.posted.empty()) {
      bus_.violation(
          fmt::format("mark {}, {}: {} buffers were never given back", marks_, name_of(index), queue.posted.size()));
    }
    queue.used = queue.interrupts = 0;
    if (queue.ring != nullptr) queue.ring->wish(queue.wish);
  }
}

void RawDriver::give_up(Queue& queue) {
  for (const auto& [id, posted] : queue.posted) release(posted);
  for (const Pending& pending : queue.backlog) release({0, pending.chain, 0});
  release({0, std::exchange(queue.scratch, {}), 0});
  queue.hostile = false;
  queue.posted.clear();
  queue.backlog.clear();
  queue.ring.reset();
  queue.used = queue.interrupts = 0;
}

void RawDriver::note_counters(bool only_sums) {
  check_sums();
  if (only_sums) return;
  static constexpr StatIndex kTimeless[] = {STAT_RX_FRAMES,
                                            STAT_RX_DROP_BAD_FCS,
                                            STAT_RX_DROP_RUNT,
                                            STAT_RX_DROP_OVERSIZE,
                                            STAT_RX_DROP_MISSED,
                                            STAT_RX_DROP_BAD_PREAMBLE,
                                            STAT_RX_DROP_ERROR_CONTROL,
                                            STAT_RX_DROP_TRUNCATED,
                                            STAT_RX_DROP_TOO_SMALL,
                                            STAT_RX_DROP_FILTERED,
                                            STAT_RX_DROP_NO_BUFFER,
                                            STAT_RX_DROP_CONTROL,
                                            STAT_RX_DROP_NOT_READY,
                                            STAT_RX_COALESCED,
                                            STAT_RX_DELIVERED,
                                            STAT_RX_BYTES,
                                            STAT_TX_CHAINS,
                                            STAT_TX_DROP_LENGTH,
                                            STAT_TX_DROP_OFFLOAD,
                                            STAT_TX_DROP_DMA,
                                            STAT_TX_DROP_UNDERRUN,
                                            STAT_TX_SEGMENTS,
                                            STAT_TX_FRAMES,
                                            STAT_TX_BYTES,
                                            STAT_RX_USED,
                                            STAT_TX_USED,
                                            STAT_RX_DESC_ERROR,
                                            STAT_TX_DESC_ERROR,
                                            STAT_DOORBELL_BAD};
  for (const StatIndex index : kTimeless) {
    if (index == STAT_TX_USED && takes(F_IN_ORDER)) continue;  // counts entries, of which one may be for many buffers
    recorder_.note("counters", fmt::format("{} {}", kStatNames[index], counter(kBar + BAR_STATS + 8 * index)));
  }
  note_pairs();
}

/// rtl/contract/nic_contract.hpp: every frame ends under exactly one name.
void RawDriver::check_sums() {
  const auto read = [&](StatIndex index) { return counter(kBar + BAR_STATS + 8 * index); };
  std::uint64_t received = read(STAT_RX_DELIVERED) + read(STAT_RX_COALESCED);
  for (unsigned i = STAT_RX_DROP_BAD_FCS; i <= STAT_RX_DROP_CONTROL; ++i) received += read(static_cast<StatIndex>(i));
  const std::uint64_t frames = read(STAT_RX_FRAMES);
  if (received != frames) bus_.violation(fmt::format("{} frames came, {} are accounted for", frames, received));
  const std::uint64_t taken = read(STAT_TX_CHAINS) + read(STAT_TX_SEGMENTS);
  std::uint64_t sent = read(STAT_TX_FRAMES);
  for (unsigned i = STAT_TX_DROP_LENGTH; i <= STAT_TX_DROP_LINK; ++i) sent += read(static_cast<StatIndex>(i));
  if (sent != taken) bus_.violation(fmt::format("{} frames were to be sent, {} are accounted for", taken, sent));
}

std::vector<std::uint64_t> RawDriver::counters() {
  std::vector<std::uint64_t> values;
  for (unsigned index = 0; index < STAT_COUNT; ++index) values.push_back(counter(kBar + BAR_STATS + 8 * index));
  return values;
}

std::uint64_t RawDriver::counter(std::uint64_t address) {
  const std::uint64_t low = bus_.mmio_read(address, 4);
  return std::uint64_t{bus_.mmio_read(address + 4, 4)} << 32 | low;
}

void RawDriver::note_pairs() {
  for (unsigned pair = 0; pair < machine_.pairs; ++pair) {
    const std::uint64_t at =
        kBar + BAR_CONTROL + std::uint64_t{CTL_WINDOW_BYTES} * CTL_QUEUE_STATS + std::uint64_t{QSTAT_PAIR_BYTES} * pair;
    recorder_.note("counters", fmt::format("pair {}: {} frames, {} bytes received, {} and {} sent", pair,
                                           counter(at + QSTAT_RX_FRAMES), counter(at + QSTAT_RX_BYTES),
                                           counter(at + QSTAT_TX_FRAMES), counter(at + QSTAT_TX_BYTES)));
  }
}

}  // namespace sim::fuzz
