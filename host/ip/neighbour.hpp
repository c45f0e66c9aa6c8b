// SPDX-License-Identifier: Apache-2.0
// Who answers to which address on a link, and the packets that wait to know it (Linux: net/core/neighbour.c).
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/base/mac_address.hpp"
#include "host/base/result.hpp"
#include "host/device/net_core.hpp"
#include "host/headers/ip_address.hpp"
#include "host/ip/neighbour_parms.hpp"
#include "host/skb/skb.hpp"

namespace host::ip {

/// Linux: NUD_*. An answer makes REACHABLE; age makes STALE; use of a stale entry makes DELAY, then PROBE. PERMANENT is
/// what an administrator said: it neither ages nor listens. NOARP needs no question: a group, or everybody.
enum class NeighbourState : std::uint8_t { incomplete, reachable, stale, delay, probe, failed, noarp, permanent };

/// Somebody, or nobody, is known to be at the station.
[[nodiscard]] constexpr bool has_station(NeighbourState state) {
  return state != NeighbourState::incomplete && state != NeighbourState::failed;
}

/// `ip neigh add`: there is none yet; `change`: there is one; `replace`: either.
enum class NeighbourSet : std::uint8_t { add, change, replace };

[[nodiscard]] std::string_view to_string(NeighbourState state);

/// /proc/net/stat/{arp,ndisc}_cache, the columns behind the number of entries.
struct NeighbourStats {
  std::uint64_t allocs = 0;
  std::uint64_t destroys = 0;
  std::uint64_t hash_grows = 0;
  std::uint64_t lookups = 0;
  std::uint64_t hits = 0;
  std::uint64_t res_failed = 0;
  std::uint64_t rcv_probes_mcast = 0;
  std::uint64_t rcv_probes_ucast = 0;
  std::uint64_t periodic_gc_runs = 0;
  std::uint64_t forced_gc_runs = 0;
  std::uint64_t unresolved_discards = 0;
  std::uint64_t table_fulls = 0;
};
inline constexpr std::array<std::uint64_t NeighbourStats::*, 12> kNeighbourStatColumns{
    &NeighbourStats::allocs,
    &NeighbourStats::destroys,
    &NeighbourStats::hash_grows,
    &NeighbourStats::lookups,
    &NeighbourStats::hits,
    &NeighbourStats::res_failed,
    &NeighbourStats::rcv_probes_mcast,
    &NeighbourStats::rcv_probes_ucast,
    &NeighbourStats::periodic_gc_runs,
    &NeighbourStats::forced_gc_runs,
    &NeighbourStats::unresolved_discards,
    &NeighbourStats::table_fulls};

/// What the table asks of a family: of ARP and IPv4, or of neighbour discovery and IPv6 (Linux: arp_tbl, nd_tbl).
struct NeighbourOps {
  /// Its tunables are PREFIX.default.gc_thresh3 and so on: "net.ipv4.neigh".
  std::string_view sysctl_prefix;
  /// Of /proc/net/stat: "arp_cache".
  std::string_view stat_file;
  /// The default of its locktime, in hundredths of seconds.
  std::int64_t locktime = 0;
  std::uint64_t seed = 1;
  /// Why packets end for which the queue has no room, and those whose neighbour went away.
  base::DropReason queue_full{};
  base::DropReason unresolved{};
  /// Where the source address is in a packet's network header.
  std::function<headers::IpAddress(const skb::SkBuff&)> source_of;
  /// Ask for `target`: of `known` alone, or of everybody. `speaker` is the source of the oldest packet that
  /// waits, if any does.
  std::function<void(kernel::Cpu&, device::NetDevice&, headers::IpAddress target, std::optional<base::MacAddress> known,
                     std::optional<headers::IpAddress> speaker)>
      solicit;
  /// The station of an address that nobody has to be asked for: of a group, or everybody.
  std::function<std::optional<base::MacAddress>(const device::NetDevice&, const headers::IpAddress&)> fixed_station;
  /// Send a packet, data at the network header, to a station.
  std::function<base::Result<void>(kernel::Cpu&, device::NetDevice&, const base::MacAddress&, skb::Skb&&)> transmit;
  /// Nobody answered: a packet that waited is given up.
  std::function<void(kernel::Cpu&, skb::Skb)> unreachable;
};

/// What somebody said about himself.
struct NeighbourUpdate {
  base::MacAddress mac;
  /// An answer to our question, not a remark.
  bool solicited = false;
  /// May replace another station's entry.
  bool override_mac = false;
  /// May make an entry where there is none.
  bool create = false;
  /// Without override_mac another address than the known one only casts doubt on that (RFC 4861 section 7.2.5; Linux:
  /// NEIGH_UPDATE_F_WEAK_OVERRIDE).
  bool weak = false;
};

class NeighbourTable {
 public:
  /// The tunables of each interface are there as long as it is. The core outlives the table.
  NeighbourTable(device::NetCore& core, NeighbourOps ops);
  ~NeighbourTable();
  NeighbourTable(const NeighbourTable&) = delete;
  NeighbourTable& operator=(const NeighbourTable&) = delete;

  /// Sends the packet, or keeps it until the address is resolved. Errors: the packet is gone, counted.
  base::Result<void> output(kernel::Cpu& cpu, device::NetDevice& device, const headers::IpAddress& next_hop,
                            skb::Skb&& skb);
  void update(kernel::Cpu& cpu, device::NetDevice& device, const headers::IpAddress& address,
              const NeighbourUpdate& update);

  /// What an administrator says of a neighbour; packets that wait for it go. exists, no_entry; no_buffers: the table is
  /// full.
  [[nodiscard]] base::Result<void> set(kernel::Cpu& cpu, device::NetDevice& device, const headers::IpAddress& address,
                                       const base::MacAddress& mac, NeighbourState state, NeighbourSet how);
  /// Forgets a neighbour; what waits for it is dropped. no_entry.
  [[nodiscard]] base::Result<void> remove(kernel::Cpu& cpu, device::NetDevice& device,
                                          const headers::IpAddress& address);

  /// `ip neigh show` of one address.
  struct View {
    NeighbourState state;
    base::MacAddress mac;
    std::size_t queued;
  };
  [[nodiscard]] std::optional<View> find(const device::NetDevice& device, const headers::IpAddress& address) const;
  /// `ip neigh show`: everybody but those who need no question, by device and address.
  struct Listed {
    const device::NetDevice* device;
    headers::IpAddress address;
    View view;
  };
  [[nodiscard]] std::vector<Listed> all() const;
  [[nodiscard]] std::size_t size() const { return by_key_.size(); }
  /// Of all CPUs.
  [[nodiscard]] NeighbourStats stats() const;
  /// Forgets every neighbour on the device, as when it goes down; what waits is dropped. Linux: neigh_ifdown.
  void flush(kernel::Cpu& cpu, const device::NetDevice& device);
  /// Somebody asked for an address of ours: of us alone, or of everybody.
  void count_probe(kernel::Cpu& cpu, skb::PacketType to);
  [[nodiscard]] NeighbourConf& conf() { return conf_; }

 private:
  struct Key {
    unsigned ifindex;
    headers::IpAddress address;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<headers::IpAddress>{}(key.address) * 31 + key.ifindex;
    }
  };
  struct Entry;
  using Age = std::list<Entry*>;
  using Queue = std::deque<skb::Skb>;

  Entry* lookup(kernel::Cpu& cpu, const Key& key);
  /// Where the table keeps who was asked for last, so that a stream of packets needs no hash.
  [[nodiscard]] Entry*& recent(const Key& key) {
    return recent_[(key.address.value.octets.back() ^ key.ifindex) % recent_.size()];
  }
  Entry* find_or_create(kernel::Cpu& cpu, device::NetDevice& device, const headers::IpAddress& address);
  /// Whether there is room for another entry, made if it must be. Linux: the first half of neigh_alloc.
  bool make_room(kernel::Cpu& cpu);
  /// Forgets who has failed, needs no question or was not heard of for five seconds. Linux: neigh_forced_gc.
  bool forced_gc(kernel::Cpu& cpu);
  /// Forgets who was not used for long. Linux: neigh_periodic_work.
  void periodic_gc(kernel::Cpu& cpu);
  void start_gc_timer(kernel::Cpu& cpu);
  void erase(kernel::Cpu& cpu, Entry& entry);
  void enter(kernel::Cpu& cpu, Entry& entry, NeighbourState state);
  base::Result<void> start_asking(kernel::Cpu& cpu, Entry& entry, skb::Skb skb);
  [[nodiscard]] static std::int64_t most_probes(const Entry& entry);
  void hold(kernel::Cpu& cpu, Entry& entry, skb::Skb skb);
  void on_timer(kernel::Cpu& cpu, const Key& key);
  void fail(kernel::Cpu& cpu, Entry& entry);
  void solicit(kernel::Cpu& cpu, Entry& entry);
  void send_all(kernel::Cpu& cpu, device::NetDevice& device, const base::MacAddress& mac, Queue queue);

  NeighbourStats& count(const kernel::Cpu& cpu) { return stats_[cpu.id()]; }
  void on_device(kernel::Cpu& cpu, device::NetDevice& device, device::DeviceEvent event);
  [[nodiscard]] std::string stat_text() const;

  device::NetCore& core_;
  kernel::Kernel& kernel_;
  NeighbourOps ops_;
  NeighbourConf conf_;
  const kernel::Sysctl& gc_thresh1_;
  const kernel::Sysctl& gc_thresh2_;
  const kernel::Sysctl& gc_thresh3_;
  std::unordered_map<Key, std::unique_ptr<Entry>, KeyHash> by_key_;
  std::array<Entry*, 16> recent_{};          // of by_key_
  Age by_age_;                               // the one that was made first is first
  std::list<std::unique_ptr<Entry>> dying_;  // their timers' handlers are running
  std::size_t permanent_ = 0;
  std::size_t places_ = 8;  // Linux's hash would have
  platform::Nanoseconds last_flush_ = INT64_MIN / 2;
  std::vector<NeighbourStats> stats_;  // by CPU
  kernel::Timer gc_timer_;
  unsigned notifier_;
};

}  // namespace host::ip
