// SPDX-License-Identifier: Apache-2.0
// Fragments become datagrams again, within bounds of memory and time (Linux: net/ipv4/ip_fragment.c; RFC 791, RFC 815).
//
// Rule of this file: what is dropped is taken out of the table first, for dropping takes time in which others come.
#include "host/ip/ip_defrag.hpp"

#include <algorithm>
#include <utility>

#include "host/base/byte_order.hpp"
#include "host/ip/icmp_send.hpp"
#include "host/ip/ip_control.hpp"
#include "host/ip/ip_options.hpp"

namespace host::ip {

using base::DropReason;
using headers::Ipv4Address;
using headers::Ipv4View;
using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;
constexpr std::int64_t kQueueBytes = 200;  // of an entry without fragments, roughly
constexpr std::uint32_t kLongestPacket = 65'535;
constexpr unsigned kCodepointMask = 3;
constexpr std::uint8_t kCongested = 3;
constexpr std::uint8_t kNotCapable = 1;  // bit of codepoint 0
/// Linux: DF goes back into a datagram whose largest fragment had it.
constexpr std::uint16_t kDontFragment = 0x4000;

/// The datagram's codepoint, by the set of its fragments' (RFC 3168 section 5.3): nothing when it must not be.
std::optional<std::uint8_t> combined_ecn(std::uint8_t seen) {
  if ((seen & kNotCapable) != 0 && seen != kNotCapable) {
    return std::nullopt;
  }
  return (seen >> kCongested & 1U) != 0 ? kCongested : std::uint8_t{0};
}

/// splitmix64's finalizer: no sender who does not know the seed chooses a bucket.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58'476d'1ce4'e5b9U;
  x = (x ^ x >> 27) * 0x94d0'49bb'1331'11ebU;
  return x ^ x >> 31;
}

}  // namespace

std::size_t DefragTable::KeyHash::operator()(const Key& key) const {
  const std::uint64_t ends = std::uint64_t{key.source.value} << 32 | key.destination.value;
  const std::uint64_t rest = std::uint64_t{key.id} << 16 | static_cast<std::uint64_t>(key.protocol) << 8 |
                             static_cast<std::uint64_t>(key.user);
  return mix(mix(seed ^ ends) ^ rest);
}

DefragTable::DefragTable(IpLayer& ip, kernel::Kernel& kernel, std::uint64_t seed)
    : ip_(ip),
      high_thresh_(kernel.sysctl().add("net.ipv4.ipfrag_high_thresh", 4 << 20, 0, INT32_MAX)),
      time_(kernel.sysctl().add("net.ipv4.ipfrag_time", 30, 1, 3'600)),
      max_dist_(kernel.sysctl().add("net.ipv4.ipfrag_max_dist", 64, 0, INT32_MAX)),
      queues_(0, KeyHash{seed}),
      timer_([this](kernel::Cpu& cpu) { on_time(cpu); }) {
  // Without effect since Linux 4.17, and still there.
  kernel.sysctl().add("net.ipv4.ipfrag_low_thresh", 3 << 20, 0, INT32_MAX);
}

void DefragTable::arm(kernel::Cpu& cpu, Entry& entry, const Key& key) {
  entry.deadline = deadlines_.emplace(cpu.now() + time_.value * kSecond, key);
  timer_.start(cpu, deadlines_.begin()->first);
}

DefragTable::Entry& DefragTable::find_or_create(kernel::Cpu& cpu, const Key& key) {
  const auto found = queues_.find(key);
  if (found != queues_.end()) {
    return found->second;
  }
  Entry& entry = queues_[key];
  entry.memory = kQueueBytes;
  memory_ += kQueueBytes;
  arm(cpu, entry, key);
  return entry;
}

bool DefragTable::too_far(Entry& entry, Ipv4Address source) {
  if (max_dist_.value == 0) {
    return false;
  }
  std::uint32_t& count = source_counts_[std::hash<Ipv4Address>{}(source) % source_counts_.size()];
  const std::uint32_t before = std::exchange(entry.source_count, ++count);
  return !entry.queue.empty() && count - before > static_cast<std::uint32_t>(max_dist_.value);
}

DefragTable::Packets DefragTable::remove(Queues::iterator which) {
  Entry& entry = which->second;
  Packets packets = entry.queue.take();
  memory_ -= entry.memory;
  deadlines_.erase(entry.deadline);
  queues_.erase(which);
  if (deadlines_.empty()) {
    timer_.stop();
  }
  return packets;
}

/// Ends fragments: a failed reassembly, whatever their number.
skb::Skb DefragTable::refuse(kernel::Cpu& cpu, skb::Skb packet, Packets others, DropReason reason) {
  ++ip_.counters.reasm_fails;
  for (skb::Skb& other : others) {
    drop(cpu, std::move(other), reason);
  }
  if (packet != nullptr) {
    drop(cpu, std::move(packet), reason);
  }
  return nullptr;
}

DefragTable::Packets DefragTable::forget_if_stale(kernel::Cpu& cpu, Entry& entry, const Key& key) {
  if (!too_far(entry, key.source)) {
    return {};
  }
  Packets stale = entry.queue.take();
  memory_ -= entry.memory - kQueueBytes;
  deadlines_.erase(entry.deadline);
  entry = {.memory = kQueueBytes, .source_count = entry.source_count};
  arm(cpu, entry, key);
  return stale;
}

FragmentVerdict DefragTable::put_in(Entry& entry, skb::Skb& packet, const Ipv4View& header) {
  const headers::Ipv4Fields fields = header.fields();
  const bool last = !fields.more_fragments;
  const auto header_bytes = static_cast<std::uint32_t>(header.header_bytes());
  const auto bytes = static_cast<std::uint32_t>(header.payload().size());
  const std::uint32_t kept = last ? bytes : bytes & ~7U;
  const std::uint32_t charged = packet->truesize();
  packet->trim(header_bytes + kept);
  const FragmentVerdict verdict =
      entry.queue.insert(packet, fields.fragment_offset, fields.fragment_offset + kept, last);
  if (packet != nullptr) {
    return verdict;
  }
  entry.memory += charged;
  memory_ += charged;
  entry.ecn = static_cast<std::uint8_t>(entry.ecn | 1U << (fields.tos & kCodepointMask));
  entry.largest = std::max(entry.largest, header_bytes + bytes);
  entry.largest_df = fields.dont_fragment ? std::max(entry.largest_df, header_bytes + bytes) : entry.largest_df;
  return verdict;
}

/// Linux: ip_defrag, ip_frag_queue.
skb::Skb DefragTable::add(kernel::Cpu& cpu, skb::Skb packet, const Ipv4View& header, DefragUser user) {
  cpu.charge(kernel::Op::ip_reassemble);
  cpu.trace(kernel::JourneyStep::ip_defrag, packet->id());
  ++ip_.counters.reasm_reqds;
  const headers::Ipv4Fields fields = header.fields();
  const Key key{fields.source, fields.destination, fields.id, fields.protocol, user};
  if (memory_ > high_thresh_.value) {
    return refuse(cpu, std::move(packet), {}, DropReason::ip_fragment_overflow);
  }
  Entry& entry = find_or_create(cpu, key);
  Packets stale = forget_if_stale(cpu, entry, key);
  const FragmentVerdict verdict = put_in(entry, packet, header);
  if (!stale.empty()) {
    static_cast<void>(refuse(cpu, nullptr, std::move(stale), DropReason::ip_fragment_failed));
  }
  if (verdict == FragmentVerdict::kept) {
    return nullptr;
  }
  if (verdict == FragmentVerdict::duplicate) {
    drop(cpu, std::move(packet), DropReason::ip_fragment_duplicate);
    return nullptr;
  }
  const auto which = queues_.find(key);
  if (verdict == FragmentVerdict::complete) {
    return which == queues_.end() ? nullptr : reassemble(cpu, which);
  }
  ip_.ext_counters.reasm_overlaps += verdict == FragmentVerdict::overlap ? 1 : 0;
  Packets others = which == queues_.end() ? Packets{} : remove(which);
  return refuse(cpu, std::move(packet), std::move(others), DropReason::ip_fragment_failed);
}

/// Linux: ip_frag_reasm. One copy, as the layers above read linear bytes.
skb::Skb DefragTable::reassemble(kernel::Cpu& cpu, Queues::iterator which) {
  const std::uint32_t payload = which->second.queue.payload_bytes();
  const auto ecn = combined_ecn(which->second.ecn);
  const auto largest = static_cast<std::uint16_t>(which->second.largest);
  const bool keeps_df = which->second.largest_df != 0 && which->second.largest_df == which->second.largest;
  Packets pieces = remove(which);
  const std::size_t header_bytes = Ipv4View::parse_quoted(pieces.front()->bytes()).value().header_bytes();
  const auto length = static_cast<std::uint32_t>(header_bytes) + payload;
  if (!ecn || length > kLongestPacket) {
    return refuse(cpu, nullptr, std::move(pieces), DropReason::ip_fragment_failed);
  }
  cpu.charge(kernel::Op::skb_alloc);
  cpu.charge(kernel::Op::copy_per_byte, length);
  skb::Skb whole = ip_.net.pool().allocate(length);
  if (whole == nullptr) {
    return refuse(cpu, nullptr, std::move(pieces), DropReason::ip_no_memory);
  }
  const skb::SkBuff& first = *pieces.front();
  whole->dev = first.dev;
  whole->protocol = first.protocol;
  whole->packet_type = first.packet_type;
  whole->mark = first.mark;
  whole->timestamp = pieces.back()->timestamp;
  const headers::MutableBytes header = whole->put(static_cast<std::uint32_t>(header_bytes));
  std::copy_n(first.bytes().begin(), header_bytes, header.begin());
  for (const skb::Skb& piece : pieces) {
    const headers::Bytes bytes = piece->bytes();
    const headers::Bytes body = bytes.subspan(Ipv4View::parse_quoted(bytes).value().header_bytes());
    std::copy(body.begin(), body.end(), whole->put(static_cast<std::uint32_t>(body.size())).begin());
    if (auto* observer = cpu.kernel().observer()) {
      observer->derived(piece->id(), whole->id());
    }
  }
  base::store_u8(header, 1, static_cast<std::uint8_t>(base::load_u8(header, 1) | *ecn));
  base::store_be16(header, 2, static_cast<std::uint16_t>(length));
  base::store_be16(header, 6, keeps_df ? kDontFragment : std::uint16_t{0});
  ip_send_check(header);
  whole->reset_network_header();
  set_ip_control(*whole, {.frag_max_size = largest, .frag_pmtu = keeps_df});
  ++ip_.counters.reasm_oks;
  return whole;
}

void DefragTable::on_time(kernel::Cpu& cpu) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= cpu.now()) {
    expire(cpu);
  }
  if (!deadlines_.empty()) {
    timer_.start(cpu, deadlines_.begin()->first);
  }
}

/// Linux: ip_expire. The sender hears of it when he can tell which datagram it was.
void DefragTable::expire(kernel::Cpu& cpu) {
  const auto which = queues_.find(deadlines_.begin()->second);
  // Who only passes here has others to tell him.
  const bool here = which->first.user == DefragUser::local_deliver ||
                    (which->first.user == DefragUser::conntrack_in && ip_.addresses.is_local(which->first.destination));
  const bool tell = which->second.queue.has_first() && here;
  Packets pieces = remove(which);
  ++ip_.counters.reasm_timeout;
  if (tell) {
    icmp_send(ip_, cpu, *pieces.front(), time_exceeded(headers::TimeExceeded::reassembly));
  }
  static_cast<void>(refuse(cpu, nullptr, std::move(pieces), DropReason::ip_fragment_timeout));
}

void DefragTable::flush(kernel::Cpu& cpu) {
  while (!queues_.empty()) {
    static_cast<void>(refuse(cpu, nullptr, remove(queues_.begin()), DropReason::ip_fragment_failed));
  }
}

}  // namespace host::ip
