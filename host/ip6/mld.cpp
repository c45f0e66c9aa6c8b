// SPDX-License-Identifier: Apache-2.0
// What this host tells routers of its IPv6 groups, and in which version (Linux: net/ipv6/mcast.c; RFC 2710, RFC 3810).
#include "host/ip6/mld.hpp"

#include <algorithm>

#include "host/headers/ipv6_extensions.hpp"
#include "host/ip6/addrconf.hpp"
#include "host/ip6/ip6_layer.hpp"

namespace host::ip6 {

using base::DropReason;
using headers::Icmp6Type;
using headers::IpAddress;
using headers::Ipv6Address;
using headers::Ipv6View;
using headers::MldQuery;
using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kMillisecond = 1'000'000;
constexpr Nanoseconds kSecond = 1'000 * kMillisecond;
/// RFC 3810 sections 9.1 to 9.3, where no querier has said otherwise.
constexpr std::int64_t kDefaultRobustness = 2;
constexpr Nanoseconds kQueryInterval = 125 * kSecond;
constexpr Nanoseconds kResponseInterval = 10 * kSecond;
/// RFC 2710 section 4: at once, and once more.
constexpr std::int64_t kTimesToldInVersion1 = 2;
/// A query of version 2 to who speaks version 1: where its code is a floating number, this long (Linux:
/// MLDV1_MRD_MAX_COMPAT).
constexpr std::uint32_t kLongestInVersion1 = 0x7fff;

/// RFC 3810 section 6.2.
bool comes_from_the_link(const Ipv6View& header) {
  return header.source().is_link_local() && header.hop_limit() == headers::kMldHopLimit &&
         headers::router_alert(header) == headers::kRouterAlertMld;
}

}  // namespace

Mld::Mld(Ip6Layer& ip6, std::uint64_t seed)
    : ip6_(ip6),
      qrv_(ip6.kernel().sysctl().add("net.ipv6.mld_qrv", kDefaultRobustness, 1, 7)),
      groups_(ip6.net, seed, group_ops()) {}

ip::GroupOps Mld::group_ops() {
  return {.may_speak = [this](const device::NetDevice& device) { return ip6_.addrconf->enabled(device); },
          .is_silent = [](const IpAddress& group) { return is_silent(group.value); },
          .takes_records = [this](const device::NetDevice& device) { return version(device) == 2; },
          .times_told =
              [this](const device::NetDevice& device) {
                return version(device) == 2 ? querier(device).robustness : kTimesToldInVersion1;
              },
          .report_interval = [this](const device::NetDevice& device) { return report_interval(device); },
          .send_records = [this](kernel::Cpu& cpu, device::NetDevice& device,
                                 std::span<const headers::GroupRecord> records) { send_records(cpu, device, records); },
          .send_report =
              [this](kernel::Cpu& cpu, device::NetDevice& device, const IpAddress& group) {
                send(cpu, device, Icmp6Type::multicast_listener_report, group.value);
              },
          .send_leave =
              [this](kernel::Cpu& cpu, device::NetDevice& device, const IpAddress& group) {
                send(cpu, device, Icmp6Type::multicast_listener_done, group.value);
              },
          .forget = [this](const device::NetDevice& device) { queriers_.erase(device.ifindex()); }};
}

// --- memberships -----------------------------------------------------------------------------------

void Mld::join(kernel::Cpu& cpu, device::NetDevice& device, const Ipv6Address& group) {
  groups_.join(cpu, device, group);
}

void Mld::leave(kernel::Cpu& cpu, device::NetDevice& device, const Ipv6Address& group) {
  groups_.leave(cpu, device, group);
}

bool Mld::is_member(const device::NetDevice& device, const Ipv6Address& group) const {
  return group == headers::kAllNodes || groups_.contains(device, group);
}

bool Mld::is_silent(const Ipv6Address& group) {
  constexpr unsigned kLinkScope = 2;
  return group == headers::kAllNodes || group.multicast_scope() < kLinkScope;
}

std::vector<ip::GroupTable::Entry> Mld::groups(const device::NetDevice& device) const {
  return groups_.entries(device);
}

void Mld::up(kernel::Cpu& cpu, const device::NetDevice& device) {
  queriers_.erase(device.ifindex());
  groups_.tell_all(cpu, device);
}

void Mld::down(const device::NetDevice& device) {
  groups_.fall_silent(device);
}

void Mld::tell_by_name(kernel::Cpu& cpu, const device::NetDevice& device) {
  if (version(device) == 2) groups_.tell_all(cpu, device);
}

// --- routers ---------------------------------------------------------------------------------------

/// As an interface starts, with mld_qrv. Linux: ipv6_mc_reset.
Mld::Querier& Mld::querier(const device::NetDevice& device) {
  return queriers_
      .try_emplace(
          device.ifindex(),
          Querier{.robustness = qrv_.value, .query_interval = kQueryInterval, .response_interval = kResponseInterval})
      .first->second;
}

/// Linux: mld_force_mld_version.
std::int64_t Mld::forced_version(const device::NetDevice& device) const {
  const std::int64_t everywhere = ip6_.addrconf->of_all(Conf6::force_mld_version);
  return everywhere != 0 ? everywhere : ip6_.addrconf->setting(device, Conf6::force_mld_version);
}

/// Linux: mld_in_v1_mode.
unsigned Mld::version(const device::NetDevice& device) const {
  if (const std::int64_t forced = forced_version(device); forced != 0) {
    return static_cast<unsigned>(forced);
  }
  const auto found = queriers_.find(device.ifindex());
  return found != queriers_.end() && ip6_.kernel().now() < found->second.v1_until ? 1 : 2;
}

/// Linux: unsolicited_report_interval.
Nanoseconds Mld::report_interval(const device::NetDevice& device) const {
  const Conf6 knob =
      version(device) == 1 ? Conf6::mldv1_unsolicited_report_interval : Conf6::mldv2_unsolicited_report_interval;
  return ip6_.addrconf->setting(device, knob) * kMillisecond;
}

/// What the querier says of itself. Linux: mld_process_v1, mld_process_v2.
void Mld::learn(Querier& querier, const MldQuery& query) const {
  if (!query.version2) {
    // RFC 3810 section 9.12.
    querier.v1_until = ip6_.kernel().now() + querier.robustness * querier.query_interval + querier.response_interval;
    return;
  }
  const std::int64_t least = std::min(qrv_.value, kDefaultRobustness);
  const std::int64_t said = query.version2->robustness;
  querier.robustness = std::max(said != 0 ? said : querier.robustness, least);
  querier.query_interval = query.version2->interval_seconds * kSecond;
  querier.response_interval = query.response_ms * kMillisecond;
}

// --- messages that come ----------------------------------------------------------------------------

std::optional<DropReason> Mld::query(kernel::Cpu& cpu, const skb::SkBuff& skb, const Ipv6View& header,
                                     const headers::Icmp6View& message) {
  cpu.charge(kernel::Op::igmp_rcv);
  const auto query = headers::parse_mld_query(message);
  if (!query || !comes_from_the_link(header)) {
    return DropReason::mld_malformed;
  }
  const device::NetDevice& device = *skb.dev;
  const bool general = query->group.is_unspecified();
  if (!query->version2 && forced_version(device) == 2) {
    return DropReason::mld_unwanted;
  }
  std::uint32_t response_ms = query->response_ms;
  const bool as_version1 = !query->version2 || version(device) == 1;
  if (as_version1) {
    if (query->version2) response_ms = std::min(response_ms, kLongestInVersion1);
    groups_.drop_records(device);
  }
  if (!as_version1 || !query->version2) {
    learn(querier(device), *query);
  }
  const Nanoseconds within = std::max(response_ms, 1U) * kMillisecond;
  if (!as_version1 && general) {
    if (query->version2->sources != 0) {
      return DropReason::mld_malformed;
    }
    groups_.general_query(cpu, device, within);
  } else {
    // Whoever takes a group from everybody answers for any sources that are asked for.
    groups_.group_query(cpu, device, query->group, within);
  }
  return std::nullopt;
}

std::optional<DropReason> Mld::report(kernel::Cpu& cpu, const skb::SkBuff& skb, const Ipv6View& header,
                                      const headers::Icmp6View& message) {
  cpu.charge(kernel::Op::igmp_rcv);
  const auto group = headers::parse_mld_group(message);
  const bool of_the_link = header.source().is_unspecified() || header.source().is_link_local();
  if (!group || !of_the_link) {
    return DropReason::mld_malformed;
  }
  // Routers may not have heard what came to this station alone.
  const bool to_all = skb.packet_type == skb::PacketType::multicast || skb.packet_type == skb::PacketType::broadcast;
  if (!to_all) {
    return DropReason::mld_unwanted;
  }
  groups_.heard_report(*skb.dev, *group);
  return std::nullopt;
}

}  // namespace host::ip6
