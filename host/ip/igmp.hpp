// SPDX-License-Identifier: Apache-2.0
// The groups that this host belongs to, and what it tells routers of them (Linux: net/ipv4/igmp.c; RFC 2236, RFC 3376).
#pragma once

#include <map>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "host/device/net_core.hpp"
#include "host/headers/igmp.hpp"
#include "host/headers/ipv4.hpp"
#include "host/kernel/kernel.hpp"

namespace host::ip {

struct IpLayer;

/// Memberships by device. Speaks version 3, or an older one as long as a router on the link does (force_igmp_version
/// overrules that). Groups are taken whole: no lists of sources.
class Igmp {
 public:
  /// `seed`: the delays of reports follow from it.
  Igmp(IpLayer& ip, std::uint64_t seed);
  ~Igmp();
  Igmp(const Igmp&) = delete;
  Igmp& operator=(const Igmp&) = delete;

  /// One user more; the first makes the host a member, and says so (but of 224.0.0.1, to which every host belongs).
  void join(kernel::Cpu& cpu, device::NetDevice& device, headers::Ipv4Address group);
  /// One user less; the last ends the membership.
  void leave(kernel::Cpu& cpu, device::NetDevice& device, headers::Ipv4Address group);
  /// Linux: ip_check_mc_rcu.
  [[nodiscard]] bool is_member(const device::NetDevice& device, headers::Ipv4Address group) const;

  /// A message; data at the IGMP header. Softirq context. Linux: igmp_rcv.
  void receive(kernel::Cpu& cpu, skb::Skb skb, const headers::Ipv4View& header);

  /// What /proc/net/igmp shows of a device: its groups and their users.
  [[nodiscard]] std::map<headers::Ipv4Address, unsigned> groups(const device::NetDevice& device) const;
  [[nodiscard]] std::int64_t max_memberships() const { return max_memberships_.value; }

 private:
  struct Group;
  struct Change {
    headers::IgmpRecordType type{};
    std::int64_t reports_left = 0;
  };
  struct Link;

  [[nodiscard]] Link* find(const device::NetDevice& device) const;
  [[nodiscard]] unsigned version(const Link& link) const;
  [[nodiscard]] platform::Nanoseconds random_below(platform::Nanoseconds limit);
  void announce(kernel::Cpu& cpu, Link& link, headers::Ipv4Address group, headers::IgmpRecordType type);
  void on_query(kernel::Cpu& cpu, Link& link, const headers::IgmpView& query);
  void on_report(Link& link, headers::Ipv4Address group);
  void report_later(kernel::Cpu& cpu, kernel::Timer& timer, platform::Nanoseconds within);
  void on_group_timer(kernel::Cpu& cpu, Link& link, headers::Ipv4Address group);
  void on_general_timer(kernel::Cpu& cpu, Link& link);
  void on_change_timer(kernel::Cpu& cpu, Link& link);
  void send_v3(kernel::Cpu& cpu, Link& link, std::span<const headers::IgmpRecord> records);
  void send(kernel::Cpu& cpu, Link& link, headers::Ipv4Address to, headers::IgmpType type, headers::Ipv4Address group);
  void transmit(kernel::Cpu& cpu, device::NetDevice& device, headers::Ipv4Address to, skb::Skb message);
  /// Timers must not go while their handlers run.
  void bury(std::unique_ptr<Group> group);
  void on_device(device::NetDevice& device, device::DeviceEvent event);

  IpLayer& ip_;
  const kernel::Sysctl& max_memberships_;
  const kernel::Sysctl& qrv_;
  std::map<unsigned, std::unique_ptr<Link>> by_ifindex_;
  /// What went while one of its timers may have been running.
  std::vector<std::unique_ptr<Group>> gone_;
  std::vector<std::unique_ptr<Link>> gone_links_;
  unsigned in_timers_ = 0;
  std::minstd_rand random_;
  unsigned notifier_;
};

}  // namespace host::ip
