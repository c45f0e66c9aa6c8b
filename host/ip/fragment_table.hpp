// SPDX-License-Identifier: Apache-2.0
// Datagrams of which fragments have come, of either family, within bounds of memory and time (Linux: struct fqdir,
// net/ipv4/inet_fragment.c).
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>

#include "host/headers/bytes.hpp"
#include "host/headers/ip_address.hpp"
#include "host/ip/fragment_queue.hpp"
#include "host/kernel/kernel.hpp"

namespace host::ip {

/// Who reassembles: each has queues of his own (Linux: IP_DEFRAG_*, IP6_DEFRAG_*).
enum class DefragUser : std::uint8_t { local_deliver, conntrack_in, conntrack_out };

/// Fragments of one datagram have this in common (Linux: struct frag_v4_compare_key, frag_v6_compare_key).
struct FragmentKey {
  headers::IpAddress source;
  headers::IpAddress destination;
  std::uint32_t id = 0;
  std::uint8_t protocol = 0;  ///< of IPv4 alone
  DefragUser user{};
  unsigned ifindex = 0;  ///< of addresses that mean something on one link only
  friend bool operator==(const FragmentKey&, const FragmentKey&) = default;
};

/// What a fragment's headers say. Bytes are of its packet, from the network header on: headers, then the part.
struct FragmentPart {
  FragmentKey key;
  std::uint32_t header_bytes = 0;
  std::uint32_t offset = 0;  ///< of the part in the datagram's payload
  std::uint32_t bytes = 0;   ///< of the part
  bool last = false;
  std::uint8_t ecn = 0;  ///< codepoint, 0 to 3
  bool dont_fragment = false;
};

/// All fragments are there. `header`: the first one's, up to its part.
struct FragmentsComplete {
  headers::Bytes header;
  std::uint32_t payload = 0;
  std::uint8_t ecn = 0;   ///< to be or'ed into the first fragment's
  bool keeps_df = false;  ///< the largest fragment had DF
};

/// What the table asks of a family.
struct FragmentOps {
  const kernel::Sysctl& high_thresh;
  const kernel::Sysctl& seconds;
  /// Fragments of one source that may come between two of a datagram (0: any number); null: nobody counts them.
  const kernel::Sysctl* max_dist = nullptr;
  std::uint64_t& oks;
  std::uint64_t& fails;
  std::uint64_t& timeouts;
  std::uint64_t* overlaps = nullptr;
  /// The datagram's header; nothing when it would be too long.
  std::function<std::optional<std::vector<std::byte>>(const FragmentsComplete&)> header_of;
  /// Time ran out with the first fragment there: its sender hears of it, unless others here and beyond will tell him.
  std::function<void(kernel::Cpu&, const FragmentKey&, const skb::SkBuff& first)> timed_out;
};

class FragmentTable {
 public:
  FragmentTable(FragmentOps ops, std::uint64_t seed);
  FragmentTable(const FragmentTable&) = delete;
  FragmentTable& operator=(const FragmentTable&) = delete;

  /// Takes a fragment, data at its network header. Gives the datagram back when it was the last one missing: data and
  /// network header at its header, the other fragments as its frag list, with what ip_control() has of them; else null.
  /// What ends here is counted, each fragment under its reason.
  [[nodiscard]] skb::Skb add(kernel::Cpu& cpu, skb::Skb packet, const FragmentPart& part);

  /// `FRAG: inuse memory` of /proc/net/sockstat.
  [[nodiscard]] std::size_t in_use() const { return queues_.size(); }
  [[nodiscard]] std::int64_t memory() const { return memory_; }
  /// Whatever waits is dropped.
  void flush(kernel::Cpu& cpu);

 private:
  struct KeyHash {
    std::size_t operator()(const FragmentKey& key) const;
    std::uint64_t seed;
  };
  using Deadlines = std::multimap<platform::Nanoseconds, FragmentKey>;
  struct Entry {
    FragmentQueue queue{};
    std::int64_t memory = 0;
    std::uint32_t source_count = 0;  // of the source's fragments, when the last one came
    std::uint8_t ecn = 0;            // Linux: IPFRAG_ECN_*
    std::uint32_t largest = 0;       // packet, and of those with DF
    std::uint32_t largest_df = 0;
    Deadlines::iterator deadline{};
  };
  using Queues = std::unordered_map<FragmentKey, Entry, KeyHash>;
  using Packets = std::vector<skb::Skb>;

  Entry& find_or_create(kernel::Cpu& cpu, const FragmentKey& key);
  void arm(kernel::Cpu& cpu, Entry& entry, const FragmentKey& key);
  /// Fragments from this source have come since that were too many to wait for these. Linux: ip_frag_too_far.
  bool too_far(Entry& entry, const headers::IpAddress& source);
  /// What is too far from the fragment that comes now; the entry starts anew. Most likely it was of an older datagram
  /// with the same identifier.
  Packets forget_if_stale(kernel::Cpu& cpu, Entry& entry, const FragmentKey& key);
  /// The packet is null afterwards when it was kept.
  FragmentVerdict put_in(Entry& entry, skb::Skb& packet, const FragmentPart& part);
  /// Forgets the datagram; the caller ends its fragments.
  Packets remove(Queues::iterator which);
  skb::Skb refuse(kernel::Cpu& cpu, skb::Skb packet, Packets others, base::DropReason reason);
  skb::Skb reassemble(kernel::Cpu& cpu, Queues::iterator which);
  void expire(kernel::Cpu& cpu);
  void on_time(kernel::Cpu& cpu);

  FragmentOps ops_;
  Queues queues_;
  Deadlines deadlines_;
  std::int64_t memory_ = 0;
  /// Fragments by source: sources that share a place count together.
  std::array<std::uint32_t, 1024> source_counts_{};
  kernel::Timer timer_;
};

}  // namespace host::ip
