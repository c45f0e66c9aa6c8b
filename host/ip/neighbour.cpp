// SPDX-License-Identifier: Apache-2.0
// Who answers to which address on a link, and the packets that wait to know it (Linux: net/core/neighbour.c).
//
// Rule of this file: charge() and everything that sends may let others change the table. So an entry is
// looked up after charging, changed at once, and not touched again after something was sent or dropped.
#include "host/ip/neighbour.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace host::ip {

using base::DropReason;
using headers::IpAddress;
using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kMillisecond = 1'000'000;
constexpr Nanoseconds kSecond = 1'000 * kMillisecond;
constexpr unsigned kEvictionScan = 32;

const kernel::Sysctl& add_default(kernel::Kernel& kernel, const NeighbourOps& ops, std::string_view name,
                                  std::int64_t value, std::int64_t minimum, std::int64_t maximum) {
  return kernel.sysctl().add(fmt::format("{}.default.{}", ops.sysctl_prefix, name), value, minimum, maximum);
}

}  // namespace

std::string_view to_string(NeighbourState state) {
  switch (state) {
    case NeighbourState::incomplete:
      return "INCOMPLETE";
    case NeighbourState::reachable:
      return "REACHABLE";
    case NeighbourState::stale:
      return "STALE";
    case NeighbourState::delay:
      return "DELAY";
    case NeighbourState::probe:
      return "PROBE";
    case NeighbourState::failed:
      return "FAILED";
    case NeighbourState::permanent:
      return "PERMANENT";
  }
  return "NONE";
}

struct NeighbourTable::Entry {
  Entry(device::NetDevice& on, const IpAddress& address, kernel::Timer::Handler on_time)
      : key{on.ifindex(), address}, device(on), timer(std::move(on_time)) {}

  Key key;
  device::NetDevice& device;
  NeighbourState state = NeighbourState::stale;
  base::MacAddress mac;
  Nanoseconds confirmed = 0;
  Nanoseconds updated = 0;
  std::int64_t probes = 0;
  bool in_timer = false;  // its handler is running: must not be erased
  Queue queue;
  Age::iterator age;
  kernel::Timer timer;
};

NeighbourTable::NeighbourTable(kernel::Kernel& kernel, NeighbourOps ops)
    : kernel_(kernel),
      ops_(std::move(ops)),
      gc_thresh3_(add_default(kernel, ops_, "gc_thresh3", 1024, 1, 1 << 20)),
      unres_qlen_(add_default(kernel, ops_, "unres_qlen", 101, 0, 4096)),
      base_reachable_time_ms_(add_default(kernel, ops_, "base_reachable_time_ms", 30'000, 1, 3'600'000)),
      retrans_time_ms_(add_default(kernel, ops_, "retrans_time_ms", 1'000, 1, 60'000)),
      delay_first_probe_time_(add_default(kernel, ops_, "delay_first_probe_time", 5, 0, 3'600)),
      mcast_solicit_(add_default(kernel, ops_, "mcast_solicit", 3, 1, 100)),
      ucast_solicit_(add_default(kernel, ops_, "ucast_solicit", 3, 1, 100)),
      locktime_ms_(add_default(kernel, ops_, "locktime_ms", 1'000, 0, 60'000)) {}

NeighbourTable::~NeighbourTable() = default;

base::Result<void> NeighbourTable::output(kernel::Cpu& cpu, device::NetDevice& device, const IpAddress& next_hop,
                                          skb::Skb skb) {
  cpu.charge(kernel::Op::neighbour_lookup);
  cpu.trace(kernel::JourneyStep::neighbour_output, skb->id());
  Entry* entry = find_or_create(cpu, device, next_hop);
  if (entry == nullptr) {
    drop(cpu, std::move(skb), ops_.queue_full);
    return base::Errno::no_buffers;
  }
  switch (entry->state) {
    case NeighbourState::incomplete:
      hold(cpu, *entry, std::move(skb));
      return {};
    case NeighbourState::failed:
      entry->queue.push_back(std::move(skb));
      entry->probes = 0;
      enter(cpu, *entry, NeighbourState::incomplete);
      solicit(cpu, *entry);
      return {};
    case NeighbourState::stale:
      enter(cpu, *entry, NeighbourState::delay);
      break;
    case NeighbourState::reachable:
    case NeighbourState::delay:
    case NeighbourState::probe:
    case NeighbourState::permanent:
      break;
  }
  const base::MacAddress mac = entry->mac;
  return ops_.transmit(cpu, device, mac, std::move(skb));
}

void NeighbourTable::update(kernel::Cpu& cpu, device::NetDevice& device, const IpAddress& address,
                            const NeighbourUpdate& update) {
  Entry* entry = update.create ? find_or_create(cpu, device, address) : lookup({device.ifindex(), address});
  if (entry == nullptr || entry->state == NeighbourState::permanent) {
    return;
  }
  const bool resolved = entry->state != NeighbourState::incomplete && entry->state != NeighbourState::failed;
  const Nanoseconds now = kernel_.now();
  if (resolved && entry->mac != update.mac) {
    if (update.weak && !update.override_mac) {
      if (entry->state == NeighbourState::reachable) enter(cpu, *entry, NeighbourState::stale);
      return;
    }
    const bool locked = now < entry->updated + locktime_ms_.value * kMillisecond;
    if (locked && !update.override_mac) {
      return;
    }
  }
  const bool moved = !resolved || entry->mac != update.mac;
  entry->mac = update.mac;
  entry->updated = now;
  if (update.solicited) {
    entry->confirmed = now;
    enter(cpu, *entry, NeighbourState::reachable);
  } else if (moved) {
    enter(cpu, *entry, NeighbourState::stale);
  }
  send_all(cpu, device, update.mac, std::exchange(entry->queue, {}));
}

base::Result<void> NeighbourTable::set(kernel::Cpu& cpu, device::NetDevice& device, const IpAddress& address,
                                       const base::MacAddress& mac, NeighbourState state, NeighbourSet how) {
  const bool known = by_key_.contains({device.ifindex(), address});
  if (known && how == NeighbourSet::add) {
    return base::Errno::exists;
  }
  if (!known && how == NeighbourSet::change) {
    return base::Errno::no_entry;
  }
  Entry* entry = find_or_create(cpu, device, address);
  if (entry == nullptr) {
    return base::Errno::no_buffers;
  }
  entry->mac = mac;
  entry->updated = entry->confirmed = kernel_.now();
  entry->probes = 0;
  enter(cpu, *entry, state);
  const bool has_address = state != NeighbourState::incomplete && state != NeighbourState::failed;
  if (has_address) {
    send_all(cpu, device, mac, std::exchange(entry->queue, {}));
  }
  return {};
}

base::Result<void> NeighbourTable::remove(kernel::Cpu& cpu, device::NetDevice& device, const IpAddress& address) {
  const auto found = by_key_.find({device.ifindex(), address});
  if (found == by_key_.end()) {
    return base::Errno::no_entry;
  }
  if (found->second->in_timer) {
    fail(cpu, *found->second);  // its handler, on another CPU, still needs it
  } else {
    erase(cpu, *found->second);
  }
  return {};
}

std::optional<NeighbourTable::View> NeighbourTable::find(const device::NetDevice& device,
                                                         const IpAddress& address) const {
  const auto found = by_key_.find({device.ifindex(), address});
  if (found == by_key_.end()) {
    return std::nullopt;
  }
  const Entry& entry = *found->second;
  const bool aged = entry.state == NeighbourState::reachable &&
                    kernel_.now() >= entry.confirmed + base_reachable_time_ms_.value * kMillisecond;
  return View{aged ? NeighbourState::stale : entry.state, entry.mac, entry.queue.size()};
}

std::vector<NeighbourTable::Listed> NeighbourTable::all() const {
  std::vector<Listed> everybody;
  for (const auto& [key, entry] : by_key_) {
    everybody.push_back({&entry->device, key.address, *find(entry->device, key.address)});
  }
  std::sort(everybody.begin(), everybody.end(), [](const Listed& a, const Listed& b) {
    return std::pair(a.device->ifindex(), a.address.value) < std::pair(b.device->ifindex(), b.address.value);
  });
  return everybody;
}

void NeighbourTable::flush(kernel::Cpu& cpu, const device::NetDevice& device) {
  std::vector<Entry*> gone;
  std::copy_if(by_age_.begin(), by_age_.end(), std::back_inserter(gone),
               [&](const Entry* entry) { return entry->key.ifindex == device.ifindex(); });
  for (Entry* entry : gone) {
    erase(cpu, *entry);
  }
}

NeighbourTable::Entry* NeighbourTable::lookup(const Key& key) {
  ++stats_.lookups;
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    return nullptr;
  }
  ++stats_.hits;
  Entry& entry = *found->second;
  by_age_.splice(by_age_.end(), by_age_, entry.age);
  if (entry.state == NeighbourState::reachable &&
      kernel_.now() >= entry.confirmed + base_reachable_time_ms_.value * kMillisecond) {
    entry.state = NeighbourState::stale;
  }
  return &entry;
}

/// A new entry is FAILED: nothing is known and nobody is being asked yet.
NeighbourTable::Entry* NeighbourTable::find_or_create(kernel::Cpu& cpu, device::NetDevice& device,
                                                      const IpAddress& address) {
  const Key key{device.ifindex(), address};
  if (Entry* entry = lookup(key)) {
    return entry;
  }
  if (by_key_.size() >= static_cast<std::size_t>(gc_thresh3_.value) && !make_room(cpu)) {
    ++stats_.table_fulls;
    return nullptr;
  }
  auto entry = std::make_unique<Entry>(device, address, [this, key](kernel::Cpu& on) { on_timer(on, key); });
  entry->state = NeighbourState::failed;
  entry->age = by_age_.insert(by_age_.end(), entry.get());
  ++stats_.allocs;
  return by_key_.emplace(key, std::move(entry)).first->second.get();
}

/// Forgets the oldest entry that nobody waits for. Linux: neigh_forced_gc.
bool NeighbourTable::make_room(kernel::Cpu& cpu) {
  ++stats_.forced_gc_runs;
  unsigned scanned = 0;
  for (Entry* entry : by_age_) {
    if (entry->queue.empty() && !entry->in_timer && entry->state != NeighbourState::reachable &&
        entry->state != NeighbourState::permanent) {
      erase(cpu, *entry);
      return true;
    }
    if (++scanned == kEvictionScan) {
      break;
    }
  }
  return false;
}

void NeighbourTable::erase(kernel::Cpu& cpu, Entry& entry) {
  Queue queue = std::exchange(entry.queue, {});
  by_age_.erase(entry.age);
  by_key_.erase(Key(entry.key));
  ++stats_.destroys;
  for (skb::Skb& skb : queue) {
    drop(cpu, std::move(skb), ops_.unresolved);
  }
}

/// Changes the state and arms the timer that the new one needs.
void NeighbourTable::enter(kernel::Cpu& cpu, Entry& entry, NeighbourState state) {
  entry.state = state;
  switch (state) {
    case NeighbourState::incomplete:
    case NeighbourState::probe:
      entry.timer.start(cpu, cpu.now() + retrans_time_ms_.value * kMillisecond);
      break;
    case NeighbourState::delay:
      entry.timer.start(cpu, cpu.now() + delay_first_probe_time_.value * kSecond);
      break;
    case NeighbourState::reachable:
    case NeighbourState::stale:
    case NeighbourState::failed:
    case NeighbourState::permanent:
      entry.timer.stop();
      break;
  }
}

/// Linux: the oldest gives way when the queue is full.
void NeighbourTable::hold(kernel::Cpu& cpu, Entry& entry, skb::Skb skb) {
  entry.queue.push_back(std::move(skb));
  Queue over;
  while (entry.queue.size() > static_cast<std::size_t>(unres_qlen_.value)) {
    over.push_back(std::move(entry.queue.front()));
    entry.queue.pop_front();
    ++stats_.unresolved_discards;
  }
  for (skb::Skb& given_up : over) {
    drop(cpu, std::move(given_up), ops_.queue_full);
  }
}

void NeighbourTable::on_timer(kernel::Cpu& cpu, const Key& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    return;
  }
  Entry& entry = *found->second;
  entry.in_timer = true;
  switch (entry.state) {
    case NeighbourState::delay:
      entry.probes = 0;
      enter(cpu, entry, NeighbourState::probe);
      solicit(cpu, entry);
      break;
    case NeighbourState::incomplete:
    case NeighbourState::probe: {
      const bool asked_all = entry.state == NeighbourState::incomplete;
      if (entry.probes >= (asked_all ? mcast_solicit_.value : ucast_solicit_.value)) {
        fail(cpu, entry);
      } else {
        enter(cpu, entry, entry.state);
        solicit(cpu, entry);
      }
      break;
    }
    case NeighbourState::reachable:
    case NeighbourState::stale:
    case NeighbourState::failed:
    case NeighbourState::permanent:
      break;
  }
  entry.in_timer = false;
}

void NeighbourTable::fail(kernel::Cpu& cpu, Entry& entry) {
  ++stats_.res_failed;
  enter(cpu, entry, NeighbourState::failed);
  Queue queue = std::exchange(entry.queue, {});
  for (skb::Skb& skb : queue) {
    ops_.unreachable(cpu, std::move(skb));
  }
}

void NeighbourTable::solicit(kernel::Cpu& cpu, Entry& entry) {
  ++entry.probes;
  device::NetDevice& device = entry.device;
  const IpAddress address = entry.key.address;
  const auto known = entry.state == NeighbourState::probe ? std::optional(entry.mac) : std::nullopt;
  const auto speaker = entry.queue.empty() ? std::nullopt : std::optional(ops_.source_of(*entry.queue.front()));
  ops_.solicit(cpu, device, address, known, speaker);
}

void NeighbourTable::send_all(kernel::Cpu& cpu, device::NetDevice& device, const base::MacAddress& mac, Queue queue) {
  for (skb::Skb& skb : queue) {
    // A failure is counted where the packet ends; nobody waits for this result.
    static_cast<void>(ops_.transmit(cpu, device, mac, std::move(skb)));
  }
}

}  // namespace host::ip
