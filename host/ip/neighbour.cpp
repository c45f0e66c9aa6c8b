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

#include "host/ip/neighbour_entry.hpp"

namespace host::ip {

using headers::IpAddress;
using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kMillisecond = 1'000'000;
constexpr Nanoseconds kSecond = 1'000 * kMillisecond;
constexpr Nanoseconds kTick = 10 * kMillisecond;  // Linux: USER_HZ

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
    case NeighbourState::noarp:
      return "NOARP";
    case NeighbourState::permanent:
      return "PERMANENT";
  }
  return "NONE";
}

NeighbourTable::NeighbourTable(device::NetCore& core, NeighbourOps ops)
    : core_(core),
      kernel_(core.kernel()),
      ops_(std::move(ops)),
      conf_(kernel_.sysctl(), ops_.sysctl_prefix, ops_.locktime, ops_.seed),
      gc_thresh1_(kernel_.sysctl().add(fmt::format("{}.default.gc_thresh1", ops_.sysctl_prefix), 128, 0, INT32_MAX)),
      gc_thresh2_(kernel_.sysctl().add(fmt::format("{}.default.gc_thresh2", ops_.sysctl_prefix), 512, 0, INT32_MAX)),
      gc_thresh3_(kernel_.sysctl().add(fmt::format("{}.default.gc_thresh3", ops_.sysctl_prefix), 1024, 0, INT32_MAX)),
      stats_(kernel_.cpu_count()),
      gc_timer_([this](kernel::Cpu& cpu) { periodic_gc(cpu); }),
      notifier_(core.add_notifier([this](kernel::Cpu& cpu, device::NetDevice& device, device::DeviceEvent event) {
        on_device(cpu, device, event);
      })) {
  // Without effect since Linux 2.6, and still there.
  kernel_.sysctl().add(fmt::format("{}.default.gc_interval", ops_.sysctl_prefix), 30, 0, INT32_MAX);
  for (const device::NetDevice* device : core_.devices()) conf_.add(*device);
  kernel_.files().add(fmt::format("/proc/net/stat/{}", ops_.stat_file), [this] { return stat_text(); });
}

NeighbourTable::~NeighbourTable() {
  core_.remove_notifier(notifier_);
  kernel_.files().remove(fmt::format("/proc/net/stat/{}", ops_.stat_file));
}

void NeighbourTable::on_device(kernel::Cpu& cpu, device::NetDevice& device, device::DeviceEvent event) {
  if (event == device::DeviceEvent::registered) {
    conf_.add(device);
  } else if (event == device::DeviceEvent::down) {
    flush(cpu, device);
  } else if (event == device::DeviceEvent::unregistered) {
    flush(cpu, device);
    conf_.remove(device);
  }
}

base::Result<void> NeighbourTable::output(kernel::Cpu& cpu, device::NetDevice& device, const IpAddress& next_hop,
                                          skb::Skb&& skb) {
  cpu.charge(kernel::Op::neighbour_lookup);
  cpu.trace(kernel::JourneyStep::neighbour_output, skb->id());
  Entry* entry = find_or_create(cpu, device, next_hop);
  if (entry == nullptr) {
    drop(cpu, std::move(skb), ops_.queue_full);
    return base::Errno::no_buffers;
  }
  entry->used = cpu.now();
  switch (entry->state) {
    case NeighbourState::incomplete:
      hold(cpu, *entry, std::move(skb));
      return {};
    case NeighbourState::failed:
      return start_asking(cpu, *entry, std::move(skb));
    case NeighbourState::stale:
      entry->updated = cpu.now();
      enter(cpu, *entry, NeighbourState::delay);
      break;
    case NeighbourState::reachable:
    case NeighbourState::delay:
    case NeighbourState::probe:
    case NeighbourState::noarp:
    case NeighbourState::permanent:
      break;
  }
  const base::MacAddress mac = entry->mac;
  return ops_.transmit(cpu, device, mac, std::move(skb));
}

/// Linux: the first half of __neigh_event_send.
base::Result<void> NeighbourTable::start_asking(kernel::Cpu& cpu, Entry& entry, skb::Skb skb) {
  const bool asks = entry.parms[NeighbourVariable::mcast_solicit] > 0;
  if (!asks) {
    ops_.unreachable(cpu, std::move(skb));
    return base::Errno::host_unreachable;
  }
  entry.queue_bytes = skb->truesize();
  entry.queue.push_back(std::move(skb));
  entry.probes = 0;
  entry.updated = cpu.now();
  enter(cpu, entry, NeighbourState::incomplete);
  solicit(cpu, entry);
  return {};
}

void NeighbourTable::update(kernel::Cpu& cpu, device::NetDevice& device, const IpAddress& address,
                            const NeighbourUpdate& update) {
  Entry* entry = update.create ? find_or_create(cpu, device, address) : lookup(cpu, {device.ifindex(), address});
  if (entry == nullptr || entry->state == NeighbourState::permanent || entry->state == NeighbourState::noarp) {
    return;
  }
  const bool resolved = has_station(entry->state);
  const Nanoseconds now = kernel_.now();
  if (resolved && entry->mac != update.mac) {
    if (update.weak && !update.override_mac) {
      if (entry->state == NeighbourState::reachable) enter(cpu, *entry, NeighbourState::stale);
      return;
    }
    const bool locked = now < entry->updated + entry->parms[NeighbourVariable::locktime] * kTick;
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
  send_all(cpu, device, update.mac, entry->take_queue());
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
  if (has_station(state)) {
    send_all(cpu, device, mac, entry->take_queue());
  }
  return {};
}

base::Result<void> NeighbourTable::remove(kernel::Cpu& cpu, device::NetDevice& device, const IpAddress& address) {
  const auto found = by_key_.find({device.ifindex(), address});
  if (found == by_key_.end()) {
    return base::Errno::no_entry;
  }
  erase(cpu, *found->second);
  return {};
}

std::optional<NeighbourTable::View> NeighbourTable::find(const device::NetDevice& device,
                                                         const IpAddress& address) const {
  const auto found = by_key_.find({device.ifindex(), address});
  if (found == by_key_.end()) {
    return std::nullopt;
  }
  const Entry& entry = *found->second;
  const NeighbourState state = entry.expired(kernel_.now()) ? NeighbourState::stale : entry.state;
  return View{state, entry.mac, entry.queue.size()};
}

std::vector<NeighbourTable::Listed> NeighbourTable::all() const {
  std::vector<Listed> everybody;
  for (const auto& [key, entry] : by_key_) {
    if (entry->state != NeighbourState::noarp)
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

NeighbourTable::Entry* NeighbourTable::lookup(kernel::Cpu& cpu, const Key& key) {
  ++count(cpu).lookups;
  Entry*& latest = recent(key);
  if (latest == nullptr || latest->key != key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    latest = found->second.get();
  }
  ++count(cpu).hits;
  Entry& entry = *latest;
  if (entry.expired(kernel_.now())) {
    entry.state = NeighbourState::stale;
  }
  return &entry;
}

/// A new entry is FAILED: nothing is known and nobody is being asked yet; or NOARP. Linux: neigh_create.
NeighbourTable::Entry* NeighbourTable::find_or_create(kernel::Cpu& cpu, device::NetDevice& device,
                                                      const IpAddress& address) {
  const Key key{device.ifindex(), address};
  if (Entry* entry = lookup(cpu, key)) {
    return entry;
  }
  if (!make_room(cpu)) {
    return nullptr;
  }
  auto entry =
      std::make_unique<Entry>(device, conf_.of(device), address, [this, key](kernel::Cpu& on) { on_timer(on, key); });
  entry->updated = entry->used = cpu.now();
  if (const auto station = ops_.fixed_station(device, address)) {
    entry->state = NeighbourState::noarp;
    entry->mac = *station;
  }
  entry->age = by_age_.insert(by_age_.end(), entry.get());
  ++count(cpu).allocs;
  Entry& made = *by_key_.emplace(key, std::move(entry)).first->second;
  if (by_key_.size() > places_) {
    places_ *= 2;
    ++count(cpu).hash_grows;
  }
  start_gc_timer(cpu);
  return &made;
}

void NeighbourTable::erase(kernel::Cpu& cpu, Entry& entry) {
  Queue queue = entry.take_queue();
  entry.timer.stop();
  permanent_ -= entry.state == NeighbourState::permanent ? 1 : 0;
  by_age_.erase(entry.age);
  if (recent(entry.key) == &entry) recent(entry.key) = nullptr;
  const auto place = by_key_.find(entry.key);
  if (entry.in_timer) dying_.push_back(std::move(place->second));
  by_key_.erase(place);
  ++count(cpu).destroys;
  for (skb::Skb& skb : queue) {
    drop(cpu, std::move(skb), ops_.unresolved);
  }
}

/// Changes the state and arms the timer that the new one needs.
void NeighbourTable::enter(kernel::Cpu& cpu, Entry& entry, NeighbourState state) {
  permanent_ += state == NeighbourState::permanent ? 1 : 0;
  permanent_ -= entry.state == NeighbourState::permanent ? 1 : 0;
  entry.state = state;
  switch (state) {
    case NeighbourState::incomplete:
    case NeighbourState::probe:
      entry.timer.start(cpu, cpu.now() + entry.parms[NeighbourVariable::retrans_time_ms] * kMillisecond);
      break;
    case NeighbourState::delay:
      entry.timer.start(cpu, cpu.now() + entry.parms[NeighbourVariable::delay_first_probe_time] * kSecond);
      break;
    case NeighbourState::reachable:
    case NeighbourState::stale:
    case NeighbourState::failed:
    case NeighbourState::noarp:
    case NeighbourState::permanent:
      entry.timer.stop();
      break;
  }
}

/// Linux: the oldest give way while the queue is full. One that comes to an empty queue stays, whatever its size.
void NeighbourTable::hold(kernel::Cpu& cpu, Entry& entry, skb::Skb skb) {
  const std::int64_t most = entry.parms[NeighbourVariable::unres_qlen_bytes];
  const std::uint32_t bytes = skb->truesize();
  Queue over;
  while (!entry.queue.empty() && std::int64_t{entry.queue_bytes} + bytes > most) {
    entry.queue_bytes -= entry.queue.front()->truesize();
    over.push_back(std::move(entry.queue.front()));
    entry.queue.pop_front();
    ++count(cpu).unresolved_discards;
  }
  entry.queue_bytes += bytes;
  entry.queue.push_back(std::move(skb));
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
      if (most_probes(entry) == 0) {
        fail(cpu, entry);
      } else {
        solicit(cpu, entry);
      }
      break;
    case NeighbourState::incomplete:
    case NeighbourState::probe:
      if (entry.probes >= most_probes(entry)) {
        fail(cpu, entry);
      } else {
        enter(cpu, entry, entry.state);
        solicit(cpu, entry);
      }
      break;
    case NeighbourState::reachable:
    case NeighbourState::stale:
    case NeighbourState::failed:
    case NeighbourState::noarp:
    case NeighbourState::permanent:
      break;
  }
  entry.in_timer = false;
}

/// Linux: neigh_max_probes.
std::int64_t NeighbourTable::most_probes(const Entry& entry) {
  if (entry.state == NeighbourState::incomplete) return entry.parms[NeighbourVariable::mcast_solicit];
  return entry.parms[NeighbourVariable::ucast_solicit] + entry.parms[NeighbourVariable::mcast_resolicit];
}

void NeighbourTable::fail(kernel::Cpu& cpu, Entry& entry) {
  ++count(cpu).res_failed;
  entry.updated = cpu.now();
  enter(cpu, entry, NeighbourState::failed);
  Queue queue = entry.take_queue();
  for (skb::Skb& skb : queue) {
    ops_.unreachable(cpu, std::move(skb));
  }
}

void NeighbourTable::solicit(kernel::Cpu& cpu, Entry& entry) {
  const bool alone =
      entry.state == NeighbourState::probe && entry.probes < entry.parms[NeighbourVariable::ucast_solicit];
  ++entry.probes;
  device::NetDevice& device = entry.device;
  const IpAddress address = entry.key.address;
  const auto known = alone ? std::optional(entry.mac) : std::nullopt;
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
