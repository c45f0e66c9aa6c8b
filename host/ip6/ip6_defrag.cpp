// SPDX-License-Identifier: Apache-2.0
// IPv6 fragments become packets again (Linux: net/ipv6/reassembly.c; RFC 8200 section 4.5, RFC 5722, RFC 6946).
#include "host/ip6/ip6_defrag.hpp"

#include "host/ip6/icmp6_send.hpp"

namespace host::ip6 {

using headers::ExtensionFault;
using headers::FragmentHeader;
using headers::Ipv6View;
using headers::NextHeader;

namespace {

constexpr std::size_t kFragmentHeaderBytes = 8;
constexpr std::size_t kMostPayload = 65'535;
constexpr std::size_t kPayloadLengthAt = 4;
constexpr std::size_t kOffsetAt = 2;  // in the fragment header
constexpr unsigned kCodepointMask = 3;

/// Linux: the second half of ip6_frag_reasm. The fragment header goes, and whoever announced it announces what follows.
std::optional<std::vector<std::byte>> header_of(const ip::FragmentsComplete& all) {
  const auto walked = headers::walk_extensions(Ipv6View::parse_quoted(all.header).value());
  const FragmentHeader fragment = std::get<headers::UpperLayer>(walked).fragment.value();
  std::vector<std::byte> header(all.header.begin(), all.header.begin() + static_cast<std::ptrdiff_t>(fragment.at));
  const std::size_t payload = header.size() - headers::kIpv6HeaderBytes + all.payload;
  if (payload > kMostPayload) {
    return std::nullopt;
  }
  base::store_u8(header, fragment.named_at, static_cast<std::uint8_t>(fragment.next_header));
  base::store_be16(header, kPayloadLengthAt, static_cast<std::uint16_t>(payload));
  base::store_be16(header, 0, static_cast<std::uint16_t>(base::load_be16(header, 0) | all.ecn << 4U));
  return header;
}

ip::FragmentOps ops(Ip6Layer& ip6, kernel::SysctlTable& sysctl) {
  // Without effect since Linux 4.17, and still there.
  sysctl.add("net.ipv6.ip6frag_low_thresh", 3 << 20, 0, INT32_MAX);
  return {.high_thresh = sysctl.add("net.ipv6.ip6frag_high_thresh", 4 << 20, 0, INT32_MAX),
          .seconds = sysctl.add("net.ipv6.ip6frag_time", 60, 1, 3'600),
          .max_dist = nullptr,
          .oks = ip6.counters.reasm_oks,
          .fails = ip6.counters.reasm_fails,
          .timeouts = ip6.counters.reasm_timeout,
          .overlaps = nullptr,  // in no file of Linux's
          .header_of = header_of,
          .timed_out = [&ip6](kernel::Cpu& cpu, const ip::FragmentKey&, const skb::SkBuff& first) {
            icmp6_send(ip6, cpu, first,
                       {.type = headers::Icmp6Type::time_exceeded,
                        .code = static_cast<std::uint8_t>(headers::TimeExceeded6::reassembly)});
          }};
}

/// The bytes of a transport's header without which nobody can tell what a packet is (Linux: ipv6frag_thdr_truncated).
std::size_t least_transport(NextHeader protocol) {
  constexpr std::size_t kTcp = 20;
  constexpr std::size_t kPorts = 8;
  switch (protocol) {
    case NextHeader::tcp:
      return kTcp;
    case NextHeader::udp:
    case NextHeader::icmp6:
      return kPorts;
    default:
      return 1;
  }
}

ExtensionFault problem(std::uint8_t code, std::size_t pointer) {
  return {ExtensionFault::Report::always, code, static_cast<std::uint32_t>(pointer)};
}

}  // namespace

std::optional<ExtensionFault> fragment_fault(const Ipv6View& header, const FragmentHeader& fragment) {
  constexpr std::uint8_t kErroneousField = 0;
  constexpr std::uint8_t kIncompleteChain = 3;  // RFC 7112
  const auto upper = fragment.offset == 0 ? headers::find_upper_layer(header) : std::nullopt;
  if (upper && header.packet().size() - upper->at < least_transport(upper->protocol)) {
    return problem(kIncompleteChain, 0);
  }
  const std::size_t bytes = header.total_bytes() - fragment.at - kFragmentHeaderBytes;
  if (fragment.offset + bytes > kMostPayload) {
    return problem(kErroneousField, fragment.at + kOffsetAt);
  }
  return fragment.more && bytes % 8 != 0 ? std::optional(problem(kErroneousField, kPayloadLengthAt)) : std::nullopt;
}

Defrag6Table::Defrag6Table(Ip6Layer& ip6, kernel::Kernel& kernel, std::uint64_t seed)
    : table_(ops(ip6, kernel.sysctl()), seed) {}

/// Linux: ipv6_frag_rcv.
skb::Skb Defrag6Table::add(kernel::Cpu& cpu, skb::Skb packet, const Ipv6View& header, const FragmentHeader& fragment,
                           ip::DefragUser user) {
  cpu.charge(kernel::Op::ip_reassemble);
  cpu.trace(kernel::JourneyStep::ip_defrag, packet->id());
  const headers::Ipv6Address destination = header.destination();
  const bool of_a_link = destination.is_multicast() || destination.is_link_local();
  const std::size_t header_bytes = fragment.at + kFragmentHeaderBytes;
  const ip::FragmentPart part{.key = {.source = header.source(),
                                      .destination = destination,
                                      .id = fragment.id,
                                      .user = user,
                                      .ifindex = of_a_link ? packet->dev->ifindex() : 0},
                              .header_bytes = static_cast<std::uint32_t>(header_bytes),
                              .offset = fragment.offset,
                              .bytes = static_cast<std::uint32_t>(header.total_bytes() - header_bytes),
                              .last = !fragment.more,
                              .ecn = static_cast<std::uint8_t>(header.traffic_class() & kCodepointMask)};
  return table_.add(cpu, std::move(packet), part);
}

}  // namespace host::ip6
