// SPDX-License-Identifier: Apache-2.0
// IPv4 fragments become datagrams again (Linux: net/ipv4/ip_fragment.c; RFC 791, RFC 815).
#include "host/ip/ip_defrag.hpp"

#include "host/base/byte_order.hpp"
#include "host/ip/icmp_send.hpp"
#include "host/ip/ip_options.hpp"

namespace host::ip {
namespace {

constexpr std::size_t kLongestPacket = 65'535;
constexpr unsigned kCodepointMask = 3;
/// Linux: DF goes back into a datagram whose largest fragment had it.
constexpr std::uint16_t kDontFragment = 0x4000;

/// Linux: the second half of ip_frag_reasm.
std::optional<std::vector<std::byte>> header_of(const FragmentsComplete& all) {
  std::vector<std::byte> header(all.header.begin(), all.header.end());
  const std::size_t length = header.size() + all.payload;
  if (length > kLongestPacket) {
    return std::nullopt;
  }
  base::store_u8(header, 1, static_cast<std::uint8_t>(base::load_u8(header, 1) | all.ecn));
  base::store_be16(header, 2, static_cast<std::uint16_t>(length));
  base::store_be16(header, 6, all.keeps_df ? kDontFragment : std::uint16_t{0});
  ip_send_check(header);
  return header;
}

FragmentOps ops(IpLayer& ip, kernel::SysctlTable& sysctl) {
  // Without effect since Linux 4.17, and still there.
  sysctl.add("net.ipv4.ipfrag_low_thresh", 3 << 20, 0, INT32_MAX);
  return {.high_thresh = sysctl.add("net.ipv4.ipfrag_high_thresh", 4 << 20, 0, INT32_MAX),
          .seconds = sysctl.add("net.ipv4.ipfrag_time", 30, 1, 3'600),
          .max_dist = &sysctl.add("net.ipv4.ipfrag_max_dist", 64, 0, INT32_MAX),
          .oks = ip.counters.reasm_oks,
          .fails = ip.counters.reasm_fails,
          .timeouts = ip.counters.reasm_timeout,
          .overlaps = &ip.ext_counters.reasm_overlaps,
          .header_of = header_of,
          .timed_out = [&ip](kernel::Cpu& cpu, const FragmentKey& key, const skb::SkBuff& first) {
            // Who only passes here has others to tell him.
            const bool here = key.user == DefragUser::local_deliver ||
                              (key.user == DefragUser::conntrack_in && ip.addresses.is_local(key.destination.ipv4()));
            if (here) icmp_send(ip, cpu, first, time_exceeded(headers::TimeExceeded::reassembly));
          }};
}

}  // namespace

DefragTable::DefragTable(IpLayer& ip, kernel::Kernel& kernel, std::uint64_t seed)
    : ip_(ip), table_(ops(ip, kernel.sysctl()), seed) {}

/// Linux: ip_defrag.
skb::Skb DefragTable::add(kernel::Cpu& cpu, skb::Skb packet, const headers::Ipv4View& header, DefragUser user) {
  cpu.charge(kernel::Op::ip_reassemble);
  cpu.trace(kernel::JourneyStep::ip_defrag, packet->id());
  ++ip_.counters.reasm_reqds;
  const headers::Ipv4Fields fields = header.fields();
  const FragmentPart part{.key = {.source = fields.source,
                                  .destination = fields.destination,
                                  .id = fields.id,
                                  .protocol = static_cast<std::uint8_t>(fields.protocol),
                                  .user = user},
                          .header_bytes = static_cast<std::uint32_t>(header.header_bytes()),
                          .offset = fields.fragment_offset,
                          .bytes = static_cast<std::uint32_t>(header.payload_bytes()),
                          .last = !fields.more_fragments,
                          .ecn = static_cast<std::uint8_t>(fields.tos & kCodepointMask),
                          .dont_fragment = fields.dont_fragment};
  return table_.add(cpu, std::move(packet), part);
}

}  // namespace host::ip
