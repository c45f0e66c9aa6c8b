// SPDX-License-Identifier: Apache-2.0
// The groups that interfaces belong to and when routers are told of them, for either family (Linux: what
// net/ipv4/igmp.c and net/ipv6/mcast.c both do; RFC 3376 section 5, RFC 3810 section 6).
#include "host/ip/group_table.hpp"

#include <algorithm>

namespace host::ip {

using headers::GroupRecord;
using headers::GroupRecordType;
using headers::IpAddress;
using headers::Ipv6Address;
using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kMillisecond = 1'000'000;
/// Linux: one tick of its timers.
constexpr Nanoseconds kSoon = kMillisecond;

/// What routers that take records have not been told often enough.
struct Change {
  GroupRecordType type{};
  std::int64_t reports_left = 0;
};

}  // namespace

struct GroupTable::Group {
  Group(std::uint64_t its_order, kernel::Timer::Handler on_time) : order(its_order), timer(std::move(on_time)) {}

  std::uint64_t order;
  unsigned users = 1;
  bool reporter = false;
  std::int64_t reports_left = 0;
  kernel::Timer timer;
};

/// IPv4's groups are there as mapped addresses.
struct GroupTable::Link {
  Link(device::NetDevice& its_device, kernel::Timer::Handler on_general, kernel::Timer::Handler on_change)
      : device(its_device), general_timer(std::move(on_general)), change_timer(std::move(on_change)) {}

  device::NetDevice& device;
  std::map<Ipv6Address, std::unique_ptr<Group>> groups{};
  std::map<Ipv6Address, Change> changes{};
  kernel::Timer general_timer;
  kernel::Timer change_timer;
};

GroupTable::GroupTable(device::NetCore& net, std::uint64_t seed, GroupOps ops)
    : net_(net),
      ops_(std::move(ops)),
      random_(static_cast<std::minstd_rand::result_type>(seed)),
      notifier_(net.add_notifier([this](kernel::Cpu& cpu, device::NetDevice& device, device::DeviceEvent event) {
        on_device(cpu, device, event);
      })) {
  for (device::NetDevice* device : net_.devices()) add_device(*device);
}

GroupTable::~GroupTable() {
  net_.remove_notifier(notifier_);
}

// --- devices ---------------------------------------------------------------------------------------

void GroupTable::add_device(device::NetDevice& device) {
  const unsigned ifindex = device.ifindex();
  by_ifindex_.emplace(
      ifindex, std::make_unique<Link>(
                   device, [this, ifindex](kernel::Cpu& cpu) { on_general_timer(cpu, *by_ifindex_.at(ifindex)); },
                   [this, ifindex](kernel::Cpu& cpu) { on_change_timer(cpu, *by_ifindex_.at(ifindex)); }));
}

void GroupTable::on_device(kernel::Cpu& cpu, device::NetDevice& device, device::DeviceEvent event) {
  switch (event) {
    case device::DeviceEvent::registered:
      add_device(device);
      break;
    case device::DeviceEvent::up:
      tell_all(cpu, device);
      break;
    case device::DeviceEvent::down:
      fall_silent(device);
      break;
    case device::DeviceEvent::unregistered:
      fall_silent(device);
      gone_links_.push_back(std::move(by_ifindex_.at(device.ifindex())));
      by_ifindex_.erase(device.ifindex());
      if (in_timers_ == 0) gone_links_.clear();
      ops_.forget(device);
      break;
    case device::DeviceEvent::address_changed:
    case device::DeviceEvent::flags_changed:
      break;
  }
}

GroupTable::Link* GroupTable::find(const device::NetDevice& device) const {
  const auto found = by_ifindex_.find(device.ifindex());
  return found == by_ifindex_.end() ? nullptr : found->second.get();
}

void GroupTable::bury(std::unique_ptr<Group> group) {
  gone_.push_back(std::move(group));
  if (in_timers_ == 0) {
    gone_.clear();
  }
}

// --- memberships -----------------------------------------------------------------------------------

bool GroupTable::contains(const device::NetDevice& device, const IpAddress& group) const {
  const Link* link = find(device);
  return link != nullptr && link->groups.contains(group.value);
}

std::vector<GroupTable::Entry> GroupTable::entries(const device::NetDevice& device) const {
  const Link* link = find(device);
  std::map<std::uint64_t, Entry, std::greater<>> newest_first;
  if (link != nullptr) {
    for (const auto& [address, group] : link->groups) {
      const auto report_at = group->timer.armed() ? std::optional(group->timer.deadline()) : std::nullopt;
      newest_first.emplace(group->order, Entry{address, group->users, group->reporter, report_at});
    }
  }
  std::vector<Entry> all;
  for (const auto& [order, entry] : newest_first) all.push_back(entry);
  return all;
}

void GroupTable::join(kernel::Cpu& cpu, device::NetDevice& device, const IpAddress& group) {
  Link* link = find(device);
  if (link == nullptr) {
    return;
  }
  const Ipv6Address address = group.value;
  std::unique_ptr<Group>& entry = link->groups[address];
  if (entry != nullptr) {
    ++entry->users;
    return;
  }
  entry =
      std::make_unique<Group>(++joins_, [this, link, address](kernel::Cpu& on) { on_group_timer(on, *link, address); });
  introduce(cpu, *link, address, *entry);
}

void GroupTable::leave(kernel::Cpu& cpu, device::NetDevice& device, const IpAddress& group) {
  Link* link = find(device);
  const auto found = link == nullptr ? decltype(link->groups)::iterator{} : link->groups.find(group.value);
  if (link == nullptr || found == link->groups.end() || --found->second->users > 0) {
    return;
  }
  const bool reported = found->second->reporter;
  std::unique_ptr<Group> gone = std::move(found->second);
  link->groups.erase(found);
  gone->timer.stop();
  bury(std::move(gone));
  if (ops_.is_silent(group) || !ops_.may_speak(device)) {
    return;
  }
  if (ops_.takes_records(device)) {
    change(cpu, *link, group.value, GroupRecordType::to_include);
  } else if (reported) {
    ops_.send_leave(cpu, device, group);
  }
}

// --- what is told unasked --------------------------------------------------------------------------

Nanoseconds GroupTable::random_below(Nanoseconds limit) {
  return limit <= 0 ? 0 : static_cast<Nanoseconds>(random_()) * kMillisecond % limit;
}

void GroupTable::report_later(kernel::Cpu& cpu, kernel::Timer& timer, Nanoseconds within) {
  timer.start(cpu, cpu.now() + kSoon + random_below(within));
}

/// Linux: igmp_group_added, igmp6_group_added.
void GroupTable::introduce(kernel::Cpu& cpu, Link& link, const Ipv6Address& address, Group& group) {
  if (ops_.is_silent(address) || !ops_.may_speak(link.device)) {
    return;
  }
  if (ops_.takes_records(link.device)) {
    change(cpu, link, address, GroupRecordType::to_exclude);
    return;
  }
  group.reports_left = ops_.times_told(link.device);
  group.timer.start(cpu, cpu.now() + kSoon);
}

/// Records tell of a change several times, soon and then after random whiles. Linux: igmp_ifc_event, mld_ifc_event.
void GroupTable::change(kernel::Cpu& cpu, Link& link, const Ipv6Address& group, GroupRecordType type) {
  link.changes[group] = {.type = type, .reports_left = ops_.times_told(link.device)};
  link.change_timer.start(cpu, cpu.now() + kSoon);
}

void GroupTable::tell_all(kernel::Cpu& cpu, const device::NetDevice& device) {
  if (Link* link = find(device)) {
    for (const auto& [address, group] : link->groups) introduce(cpu, *link, address, *group);
  }
}

void GroupTable::silence(Link& link) {
  link.changes.clear();
  link.change_timer.stop();
  link.general_timer.stop();
}

void GroupTable::drop_records(const device::NetDevice& device) {
  if (Link* link = find(device)) silence(*link);
}

void GroupTable::fall_silent(const device::NetDevice& device) {
  if (Link* link = find(device)) {
    silence(*link);
    for (const auto& [address, group] : link->groups) group->timer.stop();
  }
}

void GroupTable::on_change_timer(kernel::Cpu& cpu, Link& link) {
  std::vector<GroupRecord> records;
  for (auto& [group, change] : link.changes) {
    records.push_back({change.type, group});
    --change.reports_left;
  }
  std::erase_if(link.changes, [](const auto& entry) { return entry.second.reports_left <= 0; });
  if (!link.changes.empty()) {
    report_later(cpu, link.change_timer, ops_.report_interval(link.device));
  }
  send_records(cpu, link, records);
}

void GroupTable::send_records(kernel::Cpu& cpu, Link& link, std::span<const GroupRecord> records) {
  ++in_timers_;
  ops_.send_records(cpu, link.device, records);
  --in_timers_;
}

// --- answers ---------------------------------------------------------------------------------------

void GroupTable::general_query(kernel::Cpu& cpu, const device::NetDevice& device, Nanoseconds within) {
  Link* link = find(device);
  if (link != nullptr && !link->general_timer.armed()) {
    report_later(cpu, link->general_timer, within);
  }
}

void GroupTable::group_query(kernel::Cpu& cpu, const device::NetDevice& device, const IpAddress& group,
                             Nanoseconds within) {
  Link* link = find(device);
  if (link == nullptr) {
    return;
  }
  for (const auto& [address, member] : link->groups) {
    const bool meant = (group.is_any() || group.value == address) && !ops_.is_silent(address);
    const bool sooner = !member->timer.armed() || member->timer.deadline() > cpu.now() + within;
    if (meant && sooner) {
      member->reports_left = 1;
      report_later(cpu, member->timer, within);
    }
  }
}

void GroupTable::heard_report(const device::NetDevice& device, const IpAddress& group) {
  Link* link = find(device);
  const auto found = link == nullptr ? decltype(link->groups)::iterator{} : link->groups.find(group.value);
  if (link != nullptr && found != link->groups.end()) {
    found->second->timer.stop();
    found->second->reporter = false;
    found->second->reports_left = 0;
  }
}

void GroupTable::on_general_timer(kernel::Cpu& cpu, Link& link) {
  std::vector<GroupRecord> records;
  for (const auto& [address, group] : link.groups) {
    if (!ops_.is_silent(address)) records.push_back({GroupRecordType::is_exclude, address});
  }
  send_records(cpu, link, records);
}

/// Linux: igmp_timer_expire, mld_mca_work.
void GroupTable::on_group_timer(kernel::Cpu& cpu, Link& link, const Ipv6Address& address) {
  const Ipv6Address itself = address;  // the timer's own copy may go while we send
  Group& group = *link.groups.at(itself);
  group.reporter = true;
  if (--group.reports_left > 0) {
    report_later(cpu, group.timer, ops_.report_interval(link.device));
  }
  if (ops_.takes_records(link.device)) {
    const GroupRecord record{GroupRecordType::is_exclude, itself};
    send_records(cpu, link, {&record, 1});
    return;
  }
  ++in_timers_;
  ops_.send_report(cpu, link.device, itself);
  --in_timers_;
}

}  // namespace host::ip
