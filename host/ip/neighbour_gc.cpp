// SPDX-License-Identifier: Apache-2.0
// How many neighbours are remembered, who is forgotten, and what of it is counted (Linux: neigh_alloc,
// neigh_forced_gc, neigh_periodic_work, neigh_stat_seq_show).
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "host/ip/neighbour_entry.hpp"

namespace host::ip {

using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;
constexpr Nanoseconds kFresh = 5 * kSecond;

}  // namespace

bool NeighbourTable::make_room(kernel::Cpu& cpu) {
  std::erase_if(dying_, [](const auto& entry) { return !entry->in_timer; });
  const auto entries = static_cast<std::int64_t>(by_key_.size() - permanent_);
  const bool full = entries >= gc_thresh3_.value;
  const bool crowded = entries >= gc_thresh2_.value && cpu.now() > last_flush_ + kFresh;
  if ((full || crowded) && !forced_gc(cpu) && full) {
    ++count(cpu).table_fulls;
    return false;
  }
  return true;
}

bool NeighbourTable::forced_gc(kernel::Cpu& cpu) {
  ++count(cpu).forced_gc_runs;
  const Nanoseconds now = cpu.now();
  last_flush_ = now;
  const auto entries = static_cast<std::int64_t>(by_key_.size() - permanent_);
  std::vector<Entry*> gone;
  for (Entry* entry : by_age_) {
    if (static_cast<std::int64_t>(gone.size()) >= std::max<std::int64_t>(entries - gc_thresh2_.value, 1)) {
      break;
    }
    const bool useless = entry->state == NeighbourState::failed || entry->state == NeighbourState::noarp ||
                         now - entry->updated > kFresh;
    if (useless && !entry->is_busy() && entry->state != NeighbourState::permanent && entry->queue.empty()) {
      gone.push_back(entry);
    }
  }
  for (Entry* entry : gone) {
    erase(cpu, *entry);
  }
  return !gone.empty();
}

void NeighbourTable::periodic_gc(kernel::Cpu& cpu) {
  ++count(cpu).periodic_gc_runs;
  const Nanoseconds now = cpu.now();
  std::vector<Entry*> gone;
  for (Entry* entry : by_age_) {
    if (entry->expired(now)) entry->state = NeighbourState::stale;
    const Nanoseconds last = std::max(entry->used, entry->confirmed);
    const bool old = now - last >= entry->parms[NeighbourVariable::gc_stale_time] * kSecond;
    if (!entry->is_busy() && entry->state != NeighbourState::permanent && entry->queue.empty() &&
        (old || entry->state == NeighbourState::failed)) {
      gone.push_back(entry);
    }
  }
  for (Entry* entry : gone) {
    erase(cpu, *entry);
  }
  start_gc_timer(cpu);
}

/// Below gc_thresh1 nobody is forgotten, so nobody needs to look.
void NeighbourTable::start_gc_timer(kernel::Cpu& cpu) {
  constexpr Nanoseconds kMillisecond = 1'000'000;
  if (gc_timer_.armed() || static_cast<std::int64_t>(by_key_.size()) < gc_thresh1_.value) {
    return;
  }
  const auto half = conf_.defaults()[NeighbourVariable::base_reachable_time_ms] * kMillisecond / 2;
  gc_timer_.start(cpu, cpu.now() + std::max(half, kMillisecond));
}

NeighbourStats NeighbourTable::stats() const {
  NeighbourStats sum;
  for (const NeighbourStats& each : stats_) {
    for (const auto member : kNeighbourStatColumns) sum.*member += each.*member;
  }
  return sum;
}

std::string NeighbourTable::stat_text() const {
  std::string text =
      "entries  allocs   destroys hash_grows lookups  hits     res_failed rcv_probes_mcast rcv_probes_ucast "
      "periodic_gc_runs forced_gc_runs unresolved_discards table_fulls\n";
  for (const NeighbourStats& each : stats_) {
    fmt::format_to(std::back_inserter(text),
                   "{:08x} {:08x} {:08x} {:08x}   {:08x} {:08x} {:08x}   {:08x}         {:08x}         {:08x}         "
                   "{:08x}       {:08x}            {:08x}\n",
                   by_key_.size(), each.allocs, each.destroys, each.hash_grows, each.lookups, each.hits,
                   each.res_failed, each.rcv_probes_mcast, each.rcv_probes_ucast, each.periodic_gc_runs,
                   each.forced_gc_runs, each.unresolved_discards, each.table_fulls);
  }
  return text;
}

void NeighbourTable::count_probe(kernel::Cpu& cpu, skb::PacketType to) {
  ++(to == skb::PacketType::host ? count(cpu).rcv_probes_ucast : count(cpu).rcv_probes_mcast);
}

}  // namespace host::ip
