// SPDX-License-Identifier: Apache-2.0
// The groups that this host belongs to, and what it tells routers of them (Linux: net/ipv4/igmp.c; RFC 2236, RFC 3376).
#include "host/ip/igmp.hpp"

#include <algorithm>

#include "host/ip/igmp_link.hpp"
#include "host/ip/ip_layer.hpp"

namespace host::ip {

using headers::IgmpRecord;
using headers::IgmpRecordType;
using headers::IgmpType;
using headers::IgmpView;
using headers::Ipv4Address;
using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kMillisecond = 1'000'000;
constexpr Nanoseconds kTenth = 100 * kMillisecond;
constexpr Nanoseconds kSecond = 1'000 * kMillisecond;
/// RFC 2236 section 4, RFC 3376 section 8.12: two query intervals of 125 s and one response interval of 10 s.
constexpr Nanoseconds kOldRouterPresent = 260 * kSecond;
/// Linux: one tick of its timers.
constexpr Nanoseconds kSoon = kMillisecond;

}  // namespace

Igmp::Igmp(IpLayer& ip, std::uint64_t seed)
    : ip_(ip),
      max_memberships_(ip.kernel().sysctl().add("net.ipv4.igmp_max_memberships", 20, 0, INT32_MAX)),
      qrv_(ip.kernel().sysctl().add("net.ipv4.igmp_qrv", 2, 1, 7)),
      random_(static_cast<std::minstd_rand::result_type>(seed)),
      notifier_(ip.net.add_notifier(
          [this](kernel::Cpu&, device::NetDevice& device, device::DeviceEvent event) { on_device(device, event); })) {}

Igmp::~Igmp() {
  ip_.net.remove_notifier(notifier_);
}

void Igmp::on_device(device::NetDevice& device, device::DeviceEvent event) {
  const unsigned ifindex = device.ifindex();
  if (event == device::DeviceEvent::unregistered) {
    gone_links_.push_back(std::move(by_ifindex_.at(ifindex)));
    by_ifindex_.erase(ifindex);
    if (in_timers_ == 0) {
      gone_links_.clear();
    }
    return;
  }
  if (event != device::DeviceEvent::registered) {
    return;
  }
  by_ifindex_.emplace(
      ifindex, std::make_unique<Link>(
                   device, [this, ifindex](kernel::Cpu& cpu) { on_general_timer(cpu, *by_ifindex_.at(ifindex)); },
                   [this, ifindex](kernel::Cpu& cpu) { on_change_timer(cpu, *by_ifindex_.at(ifindex)); }));
}

Igmp::Link* Igmp::find(const device::NetDevice& device) const {
  const auto found = by_ifindex_.find(device.ifindex());
  return found == by_ifindex_.end() ? nullptr : found->second.get();
}

bool Igmp::is_member(const device::NetDevice& device, Ipv4Address group) const {
  const Link* link = find(device);
  return group == headers::kAllHosts || (link != nullptr && link->groups.contains(group));
}

std::map<Ipv4Address, unsigned> Igmp::groups(const device::NetDevice& device) const {
  std::map<Ipv4Address, unsigned> all;
  if (const Link* link = find(device)) {
    for (const auto& [address, group] : link->groups) {
      all.emplace(address, group->users);
    }
  }
  return all;
}

/// Linux: IGMP_V1_SEEN, IGMP_V2_SEEN.
unsigned Igmp::version(const Link& link) const {
  const std::int64_t forced = ip_.conf.larger(link.device, Conf::force_igmp_version);
  if (forced != 0) {
    return static_cast<unsigned>(forced);
  }
  const Nanoseconds now = ip_.net.kernel().now();
  if (now < link.v1_router_until) {
    return 1;
  }
  return now < link.v2_router_until ? 2 : 3;
}

Nanoseconds Igmp::random_below(Nanoseconds limit) {
  return limit <= 0 ? 0 : static_cast<Nanoseconds>(random_()) * kMillisecond % limit;
}

void Igmp::join(kernel::Cpu& cpu, device::NetDevice& device, Ipv4Address address) {
  Link* link = find(device);
  if (link == nullptr) {
    return;
  }
  std::unique_ptr<Group>& group = link->groups[address];
  if (group != nullptr) {
    ++group->users;
    return;
  }
  group = std::make_unique<Group>([this, link, address](kernel::Cpu& on) { on_group_timer(on, *link, address); });
  if (address == headers::kAllHosts) {
    return;
  }
  if (version(*link) == 3) {
    announce(cpu, *link, address, IgmpRecordType::to_exclude);
    return;
  }
  group->reports_left = qrv_.value;
  group->timer.start(cpu, cpu.now() + kSoon);
}

void Igmp::leave(kernel::Cpu& cpu, device::NetDevice& device, Ipv4Address address) {
  Link* link = find(device);
  const auto found = link == nullptr ? decltype(link->groups)::iterator{} : link->groups.find(address);
  if (link == nullptr || found == link->groups.end() || --found->second->users > 0) {
    return;
  }
  const bool reported = found->second->reporter;
  std::unique_ptr<Group> group = std::move(found->second);
  link->groups.erase(found);
  group->timer.stop();
  bury(std::move(group));
  if (address == headers::kAllHosts) {
    return;
  }
  const unsigned spoken = version(*link);
  if (spoken == 3) {
    announce(cpu, *link, address, IgmpRecordType::to_include);
  } else if (spoken == 2 && reported) {
    send(cpu, *link, headers::kAllIpv4Routers, IgmpType::v2_leave, address);
  }
}

void Igmp::bury(std::unique_ptr<Group> group) {
  gone_.push_back(std::move(group));
  if (in_timers_ == 0) {
    gone_.clear();
  }
}

/// Version 3 tells of a change igmp_qrv times, soon and then after random whiles. Linux: igmp_ifc_event.
void Igmp::announce(kernel::Cpu& cpu, Link& link, Ipv4Address group, IgmpRecordType type) {
  link.changes[group] = {.type = type, .reports_left = qrv_.value};
  link.change_timer.start(cpu, cpu.now() + kSoon);
}

void Igmp::on_change_timer(kernel::Cpu& cpu, Link& link) {
  std::vector<IgmpRecord> records;
  for (auto& [group, change] : link.changes) {
    records.push_back({change.type, group});
    --change.reports_left;
  }
  std::erase_if(link.changes, [](const auto& entry) { return entry.second.reports_left <= 0; });
  if (!link.changes.empty()) {
    const std::int64_t interval = ip_.conf.of(link.device, Conf::igmpv3_unsolicited_report_interval);
    report_later(cpu, link.change_timer, interval * kMillisecond);
  }
  ++in_timers_;
  send_v3(cpu, link, records);
  --in_timers_;
}

void Igmp::report_later(kernel::Cpu& cpu, kernel::Timer& timer, Nanoseconds within) {
  timer.start(cpu, cpu.now() + kSoon + random_below(within));
}

void Igmp::receive(kernel::Cpu& cpu, skb::Skb skb, const headers::Ipv4View&) {
  cpu.charge(kernel::Op::igmp_rcv);
  if (!skb->linearize().ok()) {
    drop(cpu, std::move(skb), base::DropReason::ip_no_memory);
    return;
  }
  const auto message = IgmpView::parse(skb->bytes());
  Link* link = find(*skb->dev);
  if (!message || !message->checksum_ok() || link == nullptr) {
    drop(cpu, std::move(skb), base::DropReason::igmp_malformed);
    return;
  }
  switch (message->type()) {
    case IgmpType::query:
      on_query(cpu, *link, *message);
      break;
    case IgmpType::v1_report:
    case IgmpType::v2_report:
      on_report(*link, message->group());
      break;
    default:
      break;  // for routers
  }
}

/// Linux: igmp_heard_query.
void Igmp::on_query(kernel::Cpu& cpu, Link& link, const IgmpView& query) {
  constexpr std::uint32_t kV1Tenths = 100;
  std::uint32_t tenths = query.response_tenths();
  if (!query.is_v3_query()) {
    const bool v1 = query.code() == 0;
    (v1 ? link.v1_router_until : link.v2_router_until) = cpu.now() + kOldRouterPresent;
    tenths = v1 ? kV1Tenths : tenths;
    link.changes.clear();  // the older router would not understand them
  }
  const Nanoseconds within = std::max<std::uint32_t>(tenths, 1) * kTenth;
  const Ipv4Address asked = query.group();
  if (version(link) == 3 && asked.is_any()) {
    if (!link.general_timer.armed()) {
      report_later(cpu, link.general_timer, within);
    }
    return;
  }
  for (auto& [address, group] : link.groups) {
    const bool meant = (asked.is_any() || asked == address) && address != headers::kAllHosts;
    const bool sooner = !group->timer.armed() || group->timer.deadline() > cpu.now() + within;
    if (meant && sooner) {
      group->reports_left = 1;
      report_later(cpu, group->timer, within);
    }
  }
}

/// Somebody else has told the router: we need not. Linux: igmp_heard_report.
void Igmp::on_report(Link& link, Ipv4Address group) {
  const auto found = link.groups.find(group);
  if (found != link.groups.end() && group != headers::kAllHosts) {
    found->second->timer.stop();
    found->second->reporter = false;
    found->second->reports_left = 0;
  }
}

void Igmp::on_general_timer(kernel::Cpu& cpu, Link& link) {
  std::vector<IgmpRecord> records;
  for (const auto& [address, group] : link.groups) {
    if (address != headers::kAllHosts) {
      records.push_back({IgmpRecordType::is_exclude, address});
    }
  }
  ++in_timers_;
  send_v3(cpu, link, records);
  --in_timers_;
}

/// Linux: igmp_timer_expire.
void Igmp::on_group_timer(kernel::Cpu& cpu, Link& link, Ipv4Address address) {
  Group& group = *link.groups.at(address);
  const unsigned spoken = version(link);
  group.reporter = true;
  if (--group.reports_left > 0) {
    report_later(cpu, group.timer, ip_.conf.of(link.device, Conf::igmpv2_unsolicited_report_interval) * kMillisecond);
  }
  ++in_timers_;
  if (spoken == 3) {
    const IgmpRecord record{IgmpRecordType::is_exclude, address};
    send_v3(cpu, link, {&record, 1});
  } else {
    send(cpu, link, address, spoken == 2 ? IgmpType::v2_report : IgmpType::v1_report, address);
  }
  --in_timers_;
}

}  // namespace host::ip
