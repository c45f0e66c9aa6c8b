// SPDX-License-Identifier: Apache-2.0
// The groups that interfaces belong to and when routers are told of them, for either family (Linux: what
// net/ipv4/igmp.c and net/ipv6/mcast.c both do; RFC 3376 section 5, RFC 3810 section 6).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "host/device/net_core.hpp"
#include "host/headers/group_record.hpp"
#include "host/kernel/kernel.hpp"

namespace host::ip {

/// What a family says, and how. "Records" are those of its newest version: each change is told in reports to the
/// routers alone. In an older one each group has a report of its own, which its other members hear.
struct GroupOps {
  std::function<bool(const device::NetDevice&)> may_speak;
  /// Of a group that no router is ever told of.
  std::function<bool(const headers::IpAddress& group)> is_silent;
  /// The routers of the link understand records.
  std::function<bool(const device::NetDevice&)> takes_records;
  /// How often a change is told.
  std::function<std::int64_t(const device::NetDevice&)> times_told;
  /// The longest pause before it is told again.
  std::function<platform::Nanoseconds(const device::NetDevice&)> report_interval;
  std::function<void(kernel::Cpu&, device::NetDevice&, std::span<const headers::GroupRecord>)> send_records;
  std::function<void(kernel::Cpu&, device::NetDevice&, const headers::IpAddress& group)> send_report;
  /// This host was the last that told the routers of the group.
  std::function<void(kernel::Cpu&, device::NetDevice&, const headers::IpAddress& group)> send_leave;
  /// The device is gone: whatever is known of its routers may be forgotten.
  std::function<void(const device::NetDevice&)> forget;
};

class GroupTable {
 public:
  /// `seed`: the delays of reports follow from it. The devices' core outlives it.
  GroupTable(device::NetCore& net, std::uint64_t seed, GroupOps ops);
  ~GroupTable();
  GroupTable(const GroupTable&) = delete;
  GroupTable& operator=(const GroupTable&) = delete;

  /// One user more; the first makes the host a member, and says so.
  void join(kernel::Cpu& cpu, device::NetDevice& device, const headers::IpAddress& group);
  /// One user less; the last ends the membership.
  void leave(kernel::Cpu& cpu, device::NetDevice& device, const headers::IpAddress& group);
  [[nodiscard]] bool contains(const device::NetDevice& device, const headers::IpAddress& group) const;

  /// What /proc/net shows of a membership; the newest is the first.
  struct Entry {
    headers::IpAddress group;
    unsigned users = 0;
    bool reporter = false;  ///< this host was the last that told the routers
    std::optional<platform::Nanoseconds> report_at = {};
  };
  [[nodiscard]] std::vector<Entry> entries(const device::NetDevice& device) const;

  /// Tells of every group, as if it were new. Linux: ip_mc_up, ipv6_mc_up.
  void tell_all(kernel::Cpu& cpu, const device::NetDevice& device);
  /// What was to be said is not said any more. Linux: ip_mc_down, ipv6_mc_down.
  void fall_silent(const device::NetDevice& device);
  /// An older router, which would not understand records, is there: those that were to be sent are not.
  void drop_records(const device::NetDevice& device);

  /// A router asks for everything, and takes records. Linux: igmp_gq_start_timer, mld_gq_start_work.
  void general_query(kernel::Cpu& cpu, const device::NetDevice& device, platform::Nanoseconds within);
  /// A router asks for one group, or for each (`group` is nobody's). Linux: igmp_mod_timer, igmp6_group_queried.
  void group_query(kernel::Cpu& cpu, const device::NetDevice& device, const headers::IpAddress& group,
                   platform::Nanoseconds within);
  /// Somebody else has told the router: we need not. Linux: igmp_heard_report, igmp6_event_report.
  void heard_report(const device::NetDevice& device, const headers::IpAddress& group);

 private:
  struct Group;
  struct Link;

  [[nodiscard]] Link* find(const device::NetDevice& device) const;
  [[nodiscard]] platform::Nanoseconds random_below(platform::Nanoseconds limit);
  void add_device(device::NetDevice& device);
  void on_device(kernel::Cpu& cpu, device::NetDevice& device, device::DeviceEvent event);
  void introduce(kernel::Cpu& cpu, Link& link, const headers::Ipv6Address& address, Group& group);
  void change(kernel::Cpu& cpu, Link& link, const headers::Ipv6Address& group, headers::GroupRecordType type);
  void report_later(kernel::Cpu& cpu, kernel::Timer& timer, platform::Nanoseconds within);
  void on_group_timer(kernel::Cpu& cpu, Link& link, const headers::Ipv6Address& address);
  void on_general_timer(kernel::Cpu& cpu, Link& link);
  void on_change_timer(kernel::Cpu& cpu, Link& link);
  void send_records(kernel::Cpu& cpu, Link& link, std::span<const headers::GroupRecord> records);
  static void silence(Link& link);
  /// Timers must not go while their handlers run.
  void bury(std::unique_ptr<Group> group);

  device::NetCore& net_;
  GroupOps ops_;
  std::map<unsigned, std::unique_ptr<Link>> by_ifindex_;
  /// What went while one of its timers may have been running.
  std::vector<std::unique_ptr<Group>> gone_;
  std::vector<std::unique_ptr<Link>> gone_links_;
  unsigned in_timers_ = 0;
  std::uint64_t joins_ = 0;
  std::minstd_rand random_;
  unsigned notifier_;
};

}  // namespace host::ip
