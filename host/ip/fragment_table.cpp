// SPDX-License-Identifier: Apache-2.0
// Datagrams of which fragments have come, of either family, within bounds of memory and time (Linux: struct fqdir,
// net/ipv4/inet_fragment.c).
//
// Rule of this file: what is dropped is taken out of the table first, for dropping takes time in which others come.
#include "host/ip/fragment_table.hpp"

#include <algorithm>
#include <utility>

#include "host/ip/ip_control.hpp"
#include "host/skb/skb_list.hpp"

namespace host::ip {

using base::DropReason;
using headers::IpAddress;
using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;
constexpr std::int64_t kQueueBytes = 200;  // of an entry without fragments, roughly
constexpr std::uint8_t kCongested = 3;
constexpr std::uint8_t kNotCapable = 1;  // bit of codepoint 0

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

std::uint64_t mix(std::uint64_t state, const IpAddress& address) {
  for (std::size_t at = 0; at < headers::Ipv6Address::kBytes; at += 8) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8; ++i) word = word << 8 | address.value.octets[at + i];
    state = mix(state ^ word);
  }
  return state;
}

}  // namespace

std::size_t FragmentTable::KeyHash::operator()(const FragmentKey& key) const {
  const std::uint64_t rest = std::uint64_t{key.id} << 32 | std::uint64_t{key.ifindex} << 16 |
                             static_cast<std::uint64_t>(key.protocol) << 8 | static_cast<std::uint64_t>(key.user);
  return mix(mix(mix(seed, key.source), key.destination) ^ rest);
}

FragmentTable::FragmentTable(FragmentOps ops, std::uint64_t seed)
    : ops_(std::move(ops)), queues_(0, KeyHash{seed}), timer_([this](kernel::Cpu& cpu) { on_time(cpu); }) {}

void FragmentTable::arm(kernel::Cpu& cpu, Entry& entry, const FragmentKey& key) {
  entry.deadline = deadlines_.emplace(cpu.now() + ops_.seconds.value * kSecond, key);
  timer_.start(cpu, deadlines_.begin()->first);
}

FragmentTable::Entry& FragmentTable::find_or_create(kernel::Cpu& cpu, const FragmentKey& key) {
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

bool FragmentTable::too_far(Entry& entry, const IpAddress& source) {
  if (ops_.max_dist == nullptr || ops_.max_dist->value == 0) {
    return false;
  }
  std::uint32_t& count = source_counts_[std::hash<IpAddress>{}(source) % source_counts_.size()];
  const std::uint32_t before = std::exchange(entry.source_count, ++count);
  return !entry.queue.empty() && count - before > static_cast<std::uint32_t>(ops_.max_dist->value);
}

FragmentTable::Packets FragmentTable::remove(Queues::iterator which) {
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
skb::Skb FragmentTable::refuse(kernel::Cpu& cpu, skb::Skb packet, Packets others, DropReason reason) {
  ++ops_.fails;
  for (skb::Skb& other : others) {
    drop(cpu, std::move(other), reason);
  }
  if (packet != nullptr) {
    drop(cpu, std::move(packet), reason);
  }
  return nullptr;
}

FragmentTable::Packets FragmentTable::forget_if_stale(kernel::Cpu& cpu, Entry& entry, const FragmentKey& key) {
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

FragmentVerdict FragmentTable::put_in(Entry& entry, skb::Skb& packet, const FragmentPart& part) {
  const std::uint32_t kept = part.last ? part.bytes : part.bytes & ~7U;
  const std::uint32_t charged = packet->truesize();
  packet->trim(part.header_bytes + kept);
  packet->pull(part.header_bytes);
  const FragmentVerdict verdict = entry.queue.insert(packet, part.offset, part.offset + kept, part.last);
  if (packet != nullptr) {
    return verdict;
  }
  const std::uint32_t whole = part.header_bytes + part.bytes;
  entry.memory += charged;
  memory_ += charged;
  entry.ecn = static_cast<std::uint8_t>(entry.ecn | 1U << part.ecn);
  entry.largest = std::max(entry.largest, whole);
  entry.largest_df = part.dont_fragment ? std::max(entry.largest_df, whole) : entry.largest_df;
  return verdict;
}

/// Linux: ip_frag_queue, ip6_frag_queue.
skb::Skb FragmentTable::add(kernel::Cpu& cpu, skb::Skb packet, const FragmentPart& part) {
  if (memory_ > ops_.high_thresh.value) {
    return refuse(cpu, std::move(packet), {}, DropReason::ip_fragment_overflow);
  }
  Entry& entry = find_or_create(cpu, part.key);
  Packets stale = forget_if_stale(cpu, entry, part.key);
  const FragmentVerdict verdict = put_in(entry, packet, part);
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
  const auto which = queues_.find(part.key);
  if (verdict == FragmentVerdict::complete) {
    return which == queues_.end() ? nullptr : reassemble(cpu, which);
  }
  if (verdict == FragmentVerdict::overlap && ops_.overlaps != nullptr) {
    ++*ops_.overlaps;
  }
  Packets others = which == queues_.end() ? Packets{} : remove(which);
  return refuse(cpu, std::move(packet), std::move(others), DropReason::ip_fragment_failed);
}

namespace {

/// The header of the whole, in front of the first fragment's data. no_memory.
base::Result<void> write_header(skb::SkBuff& first, headers::Bytes header) {
  if (const auto own = first.unshare(static_cast<std::uint32_t>(header.size())); !own.ok()) {
    return own;
  }
  std::ranges::copy(header, first.push(static_cast<std::uint32_t>(header.size())).begin());
  first.reset_network_header();
  return {};
}

}  // namespace

/// Linux: inet_frag_reasm_prepare, inet_frag_reasm_finish. The first fragment becomes the datagram, the others its frag
/// list: no byte is copied.
skb::Skb FragmentTable::reassemble(kernel::Cpu& cpu, Queues::iterator which) {
  const std::uint32_t payload = which->second.queue.payload_bytes();
  const auto ecn = combined_ecn(which->second.ecn);
  const auto largest = static_cast<std::uint16_t>(which->second.largest);
  const bool keeps_df = which->second.largest_df != 0 && which->second.largest_df == which->second.largest;
  Packets pieces = remove(which);
  const skb::SkBuff& first = *pieces.front();
  const auto header =
      ecn ? ops_.header_of({first.network_header().first(first.network_offset()), payload, *ecn, keeps_df})
          : std::nullopt;
  if (!header) {
    return refuse(cpu, nullptr, std::move(pieces), DropReason::ip_fragment_failed);
  }
  bool memory = write_header(*pieces.front(), *header).ok();
  for (const skb::Skb& piece : pieces) {
    memory = memory && (!piece->has_frag_list() || piece->linearize().ok());
  }
  if (!memory) {
    return refuse(cpu, nullptr, std::move(pieces), DropReason::ip_no_memory);
  }
  skb::Skb whole = std::move(pieces.front());
  whole->timestamp = pieces.size() > 1 ? pieces.back()->timestamp : whole->timestamp;
  whole->ip_summed = skb::IpSummed::none;
  whole->hash_valid = false;
  skb::SkbList rest;
  for (auto piece = pieces.begin() + 1; piece != pieces.end(); ++piece) {
    if (auto* observer = cpu.kernel().observer()) {
      observer->derived((*piece)->id(), whole->id());
    }
    rest.push_back(std::move(*piece));
  }
  whole->set_frag_list(std::move(rest));
  IpControl control = ip_control(*whole);
  control.frag_max_size = largest;
  control.frag_pmtu = keeps_df;
  set_ip_control(*whole, control);
  ++ops_.oks;
  return whole;
}

void FragmentTable::on_time(kernel::Cpu& cpu) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= cpu.now()) {
    expire(cpu);
  }
  if (!deadlines_.empty()) {
    timer_.start(cpu, deadlines_.begin()->first);
  }
}

/// Linux: ip_expire, ip6frag_expire_frag_queue. The sender hears of it when he can tell which datagram it was.
void FragmentTable::expire(kernel::Cpu& cpu) {
  const auto which = queues_.find(deadlines_.begin()->second);
  const bool tell = which->second.queue.has_first();
  const FragmentKey key = which->first;
  Packets pieces = remove(which);
  ++ops_.timeouts;
  if (tell) {
    ops_.timed_out(cpu, key, *pieces.front());
  }
  static_cast<void>(refuse(cpu, nullptr, std::move(pieces), DropReason::ip_fragment_timeout));
}

void FragmentTable::flush(kernel::Cpu& cpu) {
  while (!queues_.empty()) {
    static_cast<void>(refuse(cpu, nullptr, remove(queues_.begin()), DropReason::ip_fragment_failed));
  }
}

}  // namespace host::ip
