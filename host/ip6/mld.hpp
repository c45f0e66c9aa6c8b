// SPDX-License-Identifier: Apache-2.0
// What this host tells routers of its IPv6 groups, and in which version (Linux: net/ipv6/mcast.c; RFC 2710, RFC 3810).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "host/base/drop_reason.hpp"
#include "host/headers/mld.hpp"
#include "host/ip/group_table.hpp"

namespace host::ip6 {

struct Ip6Layer;

/// Memberships by device: of sockets, of the addresses' solicited-node groups, of routers. Speaks version 2, or 1 as
/// long as a router on the link does (force_mld_version overrules that). Groups are taken whole: no lists of sources.
class Mld {
 public:
  /// `seed`: the delays of reports follow from it.
  Mld(Ip6Layer& ip6, std::uint64_t seed);

  /// One user more; the first makes the host a member, and says so (but of ff02::1, to which every host belongs, and
  /// of groups that do not leave the interface). Linux: __ipv6_dev_mc_inc.
  void join(kernel::Cpu& cpu, device::NetDevice& device, const headers::Ipv6Address& group);
  /// One user less; the last ends the membership. Linux: __ipv6_dev_mc_dec.
  void leave(kernel::Cpu& cpu, device::NetDevice& device, const headers::Ipv6Address& group);
  /// Linux: ipv6_chk_mcast_addr.
  [[nodiscard]] bool is_member(const device::NetDevice& device, const headers::Ipv6Address& group) const;
  /// ff02::1 and groups that do not leave the interface: no router hears of them (Linux: MAF_NOREPORT).
  [[nodiscard]] static bool is_silent(const headers::Ipv6Address& group);
  /// Those that were joined, the newest first; ff02::1 and ff01::1 are not among them.
  [[nodiscard]] std::vector<ip::GroupTable::Entry> groups(const device::NetDevice& device) const;

  /// The device speaks IPv6 from now on. Linux: ipv6_mc_up.
  void up(kernel::Cpu& cpu, const device::NetDevice& device);
  /// It does not any more; it still belongs to its groups. Linux: ipv6_mc_down.
  void down(const device::NetDevice& device);
  /// It has a link-local address now: what was told as nobody is told again. Linux: ipv6_mc_dad_complete.
  void tell_by_name(kernel::Cpu& cpu, const device::NetDevice& device);

  /// A query. Softirq context. Linux: igmp6_event_query. What is wrong with it; nothing: it was taken.
  [[nodiscard]] std::optional<base::DropReason> query(kernel::Cpu& cpu, const skb::SkBuff& skb,
                                                      const headers::Ipv6View& header,
                                                      const headers::Icmp6View& message);
  /// A report of version 1, by another member. Linux: igmp6_event_report.
  [[nodiscard]] std::optional<base::DropReason> report(kernel::Cpu& cpu, const skb::SkBuff& skb,
                                                       const headers::Ipv6View& header,
                                                       const headers::Icmp6View& message);

 private:
  /// What is known of a link's routers (Linux: mc_qrv, mc_qi, mc_qri and mc_v1_seen of struct inet6_dev).
  struct Querier {
    std::int64_t robustness = 0;
    platform::Nanoseconds query_interval;
    platform::Nanoseconds response_interval;
    platform::Nanoseconds v1_until = 0;
  };

  [[nodiscard]] ip::GroupOps group_ops();
  [[nodiscard]] Querier& querier(const device::NetDevice& device);
  [[nodiscard]] unsigned version(const device::NetDevice& device) const;
  [[nodiscard]] std::int64_t forced_version(const device::NetDevice& device) const;
  [[nodiscard]] platform::Nanoseconds report_interval(const device::NetDevice& device) const;
  void learn(Querier& querier, const headers::MldQuery& query) const;
  void send_records(kernel::Cpu& cpu, device::NetDevice& device, std::span<const headers::GroupRecord> records);
  void send(kernel::Cpu& cpu, device::NetDevice& device, headers::Icmp6Type type, const headers::Ipv6Address& group);
  /// Data at the router alert, which is in front of the message.
  void transmit(kernel::Cpu& cpu, device::NetDevice& device, const headers::Ipv6Address& source,
                const headers::Ipv6Address& destination, headers::Icmp6Type type, skb::Skb packet);
  /// The device's link-local address, or nobody's. Linux: ipv6_get_lladdr.
  [[nodiscard]] headers::Ipv6Address speaker(const device::NetDevice& device) const;

  Ip6Layer& ip6_;
  const kernel::Sysctl& qrv_;
  std::map<unsigned, Querier> queriers_;
  ip::GroupTable groups_;
};

}  // namespace host::ip6
