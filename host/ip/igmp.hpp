// SPDX-License-Identifier: Apache-2.0
// What this host tells routers of its IPv4 groups, and in which version (Linux: net/ipv4/igmp.c; RFC 2236, RFC 3376).
#pragma once

#include <map>
#include <span>

#include "host/headers/igmp.hpp"
#include "host/headers/ipv4.hpp"
#include "host/ip/group_table.hpp"

namespace host::ip {

struct IpLayer;

/// Memberships by device. Speaks version 3, or an older one as long as a router on the link does (force_igmp_version
/// overrules that). Groups are taken whole: no lists of sources.
class Igmp {
 public:
  /// `seed`: the delays of reports follow from it.
  Igmp(IpLayer& ip, std::uint64_t seed);

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
  /// Until when older routers are believed to be on a link.
  struct OlderRouters {
    platform::Nanoseconds v1_until = 0;
    platform::Nanoseconds v2_until = 0;
  };

  [[nodiscard]] GroupOps group_ops();
  [[nodiscard]] unsigned version(const device::NetDevice& device) const;
  void on_query(kernel::Cpu& cpu, const device::NetDevice& device, const headers::IgmpView& query);
  void send_records(kernel::Cpu& cpu, device::NetDevice& device, std::span<const headers::GroupRecord> records);
  void send(kernel::Cpu& cpu, device::NetDevice& device, headers::Ipv4Address to, headers::IgmpType type,
            headers::Ipv4Address group);
  void transmit(kernel::Cpu& cpu, device::NetDevice& device, headers::Ipv4Address to, skb::Skb message);

  IpLayer& ip_;
  const kernel::Sysctl& max_memberships_;
  const kernel::Sysctl& qrv_;
  std::map<unsigned, OlderRouters> older_routers_;
  GroupTable groups_;
};

}  // namespace host::ip
