// SPDX-License-Identifier: Apache-2.0
// What this host tells routers of its IPv4 groups, and in which version (Linux: net/ipv4/igmp.c; RFC 2236, RFC 3376).
#include "host/ip/igmp.hpp"

#include <algorithm>

#include "host/ip/ip_layer.hpp"

namespace host::ip {

using headers::IgmpType;
using headers::IgmpView;
using headers::IpAddress;
using headers::Ipv4Address;
using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kMillisecond = 1'000'000;
constexpr Nanoseconds kTenth = 100 * kMillisecond;
constexpr Nanoseconds kSecond = 1'000 * kMillisecond;
/// RFC 2236 section 4, RFC 3376 section 8.12: two query intervals of 125 s and one response interval of 10 s.
constexpr Nanoseconds kOldRouterPresent = 260 * kSecond;

}  // namespace

Igmp::Igmp(IpLayer& ip, std::uint64_t seed)
    : ip_(ip),
      max_memberships_(ip.kernel().sysctl().add("net.ipv4.igmp_max_memberships", 20, 0, INT32_MAX)),
      qrv_(ip.kernel().sysctl().add("net.ipv4.igmp_qrv", 2, 1, 7)),
      groups_(ip.net, seed, group_ops()) {}

GroupOps Igmp::group_ops() {
  return {.may_speak = [](const device::NetDevice& device) { return device.is_up(); },
          .is_silent = [](const IpAddress& group) { return group == IpAddress(headers::kAllHosts); },
          .takes_records = [this](const device::NetDevice& device) { return version(device) == 3; },
          .times_told = [this](const device::NetDevice&) { return qrv_.value; },
          .report_interval =
              [this](const device::NetDevice& device) {
                const Conf knob = version(device) == 3 ? Conf::igmpv3_unsolicited_report_interval
                                                       : Conf::igmpv2_unsolicited_report_interval;
                return ip_.conf.of(device, knob) * kMillisecond;
              },
          .send_records = [this](kernel::Cpu& cpu, device::NetDevice& device,
                                 std::span<const headers::GroupRecord> records) { send_records(cpu, device, records); },
          .send_report =
              [this](kernel::Cpu& cpu, device::NetDevice& device, const IpAddress& group) {
                const IgmpType type = version(device) == 2 ? IgmpType::v2_report : IgmpType::v1_report;
                send(cpu, device, group.ipv4(), type, group.ipv4());
              },
          .send_leave =
              [this](kernel::Cpu& cpu, device::NetDevice& device, const IpAddress& group) {
                if (version(device) == 2) {
                  send(cpu, device, headers::kAllIpv4Routers, IgmpType::v2_leave, group.ipv4());
                }
              },
          .forget = [this](const device::NetDevice& device) { older_routers_.erase(device.ifindex()); }};
}

void Igmp::join(kernel::Cpu& cpu, device::NetDevice& device, Ipv4Address group) {
  groups_.join(cpu, device, group);
}

void Igmp::leave(kernel::Cpu& cpu, device::NetDevice& device, Ipv4Address group) {
  groups_.leave(cpu, device, group);
}

bool Igmp::is_member(const device::NetDevice& device, Ipv4Address group) const {
  return group == headers::kAllHosts || groups_.contains(device, group);
}

std::map<Ipv4Address, unsigned> Igmp::groups(const device::NetDevice& device) const {
  std::map<Ipv4Address, unsigned> all;
  for (const GroupTable::Entry& entry : groups_.entries(device)) all.emplace(entry.group.ipv4(), entry.users);
  return all;
}

/// Linux: IGMP_V1_SEEN, IGMP_V2_SEEN.
unsigned Igmp::version(const device::NetDevice& device) const {
  const std::int64_t forced = ip_.conf.larger(device, Conf::force_igmp_version);
  if (forced != 0) {
    return static_cast<unsigned>(forced);
  }
  const auto found = older_routers_.find(device.ifindex());
  const OlderRouters older = found == older_routers_.end() ? OlderRouters{} : found->second;
  const Nanoseconds now = ip_.net.kernel().now();
  if (now < older.v1_until) {
    return 1;
  }
  return now < older.v2_until ? 2 : 3;
}

void Igmp::receive(kernel::Cpu& cpu, skb::Skb skb, const headers::Ipv4View&) {
  cpu.charge(kernel::Op::igmp_rcv);
  if (!skb->linearize().ok()) {
    drop(cpu, std::move(skb), base::DropReason::ip_no_memory);
    return;
  }
  const auto message = IgmpView::parse(skb->bytes());
  if (!message || !message->checksum_ok()) {
    drop(cpu, std::move(skb), base::DropReason::igmp_malformed);
    return;
  }
  switch (message->type()) {
    case IgmpType::query:
      on_query(cpu, *skb->dev, *message);
      break;
    case IgmpType::v1_report:
    case IgmpType::v2_report:
      groups_.heard_report(*skb->dev, message->group());
      break;
    default:
      break;  // for routers
  }
}

/// Linux: igmp_heard_query.
void Igmp::on_query(kernel::Cpu& cpu, const device::NetDevice& device, const IgmpView& query) {
  constexpr std::uint32_t kV1Tenths = 100;
  std::uint32_t tenths = query.response_tenths();
  if (!query.is_v3_query()) {
    const bool v1 = query.code() == 0;
    OlderRouters& older = older_routers_[device.ifindex()];
    (v1 ? older.v1_until : older.v2_until) = cpu.now() + kOldRouterPresent;
    tenths = v1 ? kV1Tenths : tenths;
    groups_.drop_records(device);
  }
  const Nanoseconds within = std::max<std::uint32_t>(tenths, 1) * kTenth;
  if (version(device) == 3 && query.group().is_any()) {
    groups_.general_query(cpu, device, within);
  } else {
    groups_.group_query(cpu, device, query.group(), within);
  }
}

}  // namespace host::ip
