// SPDX-License-Identifier: Apache-2.0
// Fragments become datagrams again, within bounds of memory and time (Linux: net/ipv4/ip_fragment.c; RFC 791, RFC 815).
#pragma once

#include <array>
#include <functional>
#include <map>
#include <unordered_map>

#include "host/headers/ipv4.hpp"
#include "host/ip/fragment_queue.hpp"
#include "host/kernel/kernel.hpp"

namespace host::ip {

struct IpLayer;

/// Who reassembles: each has queues of his own (Linux: IP_DEFRAG_*).
enum class DefragUser : std::uint8_t { local_deliver, conntrack_in, conntrack_out };

/// The datagrams of which fragments have come.
class DefragTable {
 public:
  DefragTable(IpLayer& ip, kernel::Kernel& kernel, std::uint64_t seed);
  DefragTable(const DefragTable&) = delete;
  DefragTable& operator=(const DefragTable&) = delete;

  /// Takes a fragment, data at its IPv4 header (of which `header` is). Gives the datagram back when it was the last one
  /// missing: linear, data and network header at an IPv4 header that is right for the whole; else null. What ends here
  /// is counted, each fragment under its reason.
  [[nodiscard]] skb::Skb add(kernel::Cpu& cpu, skb::Skb packet, const headers::Ipv4View& header, DefragUser user);

  /// `FRAG: inuse memory` of /proc/net/sockstat.
  [[nodiscard]] std::size_t in_use() const { return queues_.size(); }
  [[nodiscard]] std::int64_t memory() const { return memory_; }
  /// Whatever waits is dropped.
  void flush(kernel::Cpu& cpu);

 private:
  struct Key {
    headers::Ipv4Address source;
    headers::Ipv4Address destination;
    std::uint16_t id;
    headers::IpProtocol protocol;
    DefragUser user;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
    std::uint64_t seed;
  };
  using Deadlines = std::multimap<platform::Nanoseconds, Key>;
  struct Entry {
    FragmentQueue queue{};
    std::int64_t memory = 0;
    std::uint32_t source_count = 0;  // of the source's fragments, when the last one came
    std::uint8_t ecn = 0;            // Linux: IPFRAG_ECN_*
    std::uint32_t largest = 0;       // packet, and of those with DF
    std::uint32_t largest_df = 0;
    Deadlines::iterator deadline{};
  };
  using Queues = std::unordered_map<Key, Entry, KeyHash>;
  using Packets = std::vector<skb::Skb>;

  Entry& find_or_create(kernel::Cpu& cpu, const Key& key);
  void arm(kernel::Cpu& cpu, Entry& entry, const Key& key);
  /// Fragments from this source have come since that were too many to wait for these. Linux: ip_frag_too_far.
  bool too_far(Entry& entry, headers::Ipv4Address source);
  /// What is too far from the fragment that comes now; the entry starts anew. Most likely it was of an older datagram
  /// with the same identifier.
  Packets forget_if_stale(kernel::Cpu& cpu, Entry& entry, const Key& key);
  /// The packet is null afterwards when it was kept.
  FragmentVerdict put_in(Entry& entry, skb::Skb& packet, const headers::Ipv4View& header);
  /// Forgets the datagram; the caller ends its fragments.
  Packets remove(Queues::iterator which);
  skb::Skb refuse(kernel::Cpu& cpu, skb::Skb packet, Packets others, base::DropReason reason);
  skb::Skb reassemble(kernel::Cpu& cpu, Queues::iterator which);
  void expire(kernel::Cpu& cpu);
  void on_time(kernel::Cpu& cpu);

  IpLayer& ip_;
  const kernel::Sysctl& high_thresh_;
  const kernel::Sysctl& time_;
  const kernel::Sysctl& max_dist_;
  Queues queues_;
  Deadlines deadlines_;
  std::int64_t memory_ = 0;
  /// Fragments by source: sources that share a place count together.
  std::array<std::uint32_t, 1024> source_counts_{};
  kernel::Timer timer_;
};

}  // namespace host::ip
