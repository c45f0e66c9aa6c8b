// SPDX-License-Identifier: Apache-2.0
// Every conversation that passes this host, found by either direction's tuple (Linux: nf_conntrack_core.c).
#pragma once

#include <string>
#include <vector>

#include "host/kernel/kernel.hpp"
#include "host/kernel/timer.hpp"
#include "host/netfilter/conntrack_settings.hpp"
#include "host/netfilter/hooks.hpp"

namespace host::netfilter {

/// The columns of /proc/net/stat/nf_conntrack that can be other than 0 here.
struct ConntrackStats {
  std::uint64_t clashres = 0;
  std::uint64_t found = 0;
  std::uint64_t invalid = 0;
  std::uint64_t insert_failed = 0;
  std::uint64_t drop = 0;
  std::uint64_t early_drop = 0;
  std::uint64_t icmp_error = 0;
};

class Conntrack {
 public:
  /// IPv4's hooks and IPv6's. All outlive it.
  Conntrack(kernel::Kernel& kernel, Hooks& hooks, Hooks& hooks6, std::uint64_t seed);
  ~Conntrack();
  Conntrack(const Conntrack&) = delete;
  Conntrack& operator=(const Conntrack&) = delete;

  /// Which families' packets are tracked: where a rule asks for it. What is known stays known. Linux: nf_ct_netns_get.
  void use(bool ipv4, bool ipv6);
  [[nodiscard]] bool in_use() const { return !registered_.empty(); }
  [[nodiscard]] bool in_use6() const { return !registered6_.empty(); }

  struct Found {
    Connection* connection;
    Direction direction;
  };
  /// The live connection with this tuple in one of its directions.
  [[nodiscard]] std::optional<Found> find(const Tuple& tuple, platform::Nanoseconds now);
  /// It is forgotten; packets that belong to it still do.
  void remove(Connection& connection);

  /// Connections, those included whose first packet is still on its way. Linux: nf_conntrack_count.
  [[nodiscard]] std::size_t count() const { return confirmed_ + unconfirmed_.size(); }
  [[nodiscard]] const ConntrackSettings& settings() const { return settings_; }
  [[nodiscard]] ConntrackStats total() const;
  /// /proc/net/nf_conntrack and /proc/net/stat/nf_conntrack.
  [[nodiscard]] std::string list() const;
  [[nodiscard]] std::string statistics() const;

 private:
  friend class Connection;

  // --- the packet's steps (conntrack_track) ---
  /// Linux: nf_conntrack_in.
  Verdict track(HookCall& call, skb::Skb& skb);
  /// Linux: nf_conntrack_confirm.
  Verdict confirm(HookCall& call, skb::Skb& skb);
  /// The packet reports an error; it becomes related or invalid.
  void track_icmp_error(HookCall& call, skb::SkBuff& skb, const PacketView& packet);
  [[nodiscard]] bool checksum_ok(HookCall& call, const skb::SkBuff& skb, const PacketView& packet) const;
  /// Null: the table is full.
  Connection* begin(HookCall& call, const Tuple& original, const Tuple& reply);
  void attach(skb::SkBuff& skb, Connection& connection, Direction direction, std::uint8_t state);
  /// What the protocol makes of the packet; false: it does not fit.
  bool update(HookCall& call, Connection& connection, Direction direction, const PacketView& packet);
  bool update_tcp(Connection& connection, Direction direction, headers::Bytes segment, platform::Nanoseconds now);
  void refresh(Connection& connection, platform::Nanoseconds timeout, platform::Nanoseconds now);

  void use_at(Hooks& hooks, std::vector<unsigned>& registered, bool wanted);

  // --- the table ---
  [[nodiscard]] std::size_t bucket_of(const Tuple& tuple) const;
  void insert(Connection& connection);
  void link(Connection& connection);
  static void unlink(Connection& connection);
  void resize();
  void forget_unconfirmed(Connection& connection);
  /// Makes room near a bucket: one that is expired or has not proved itself. Linux: early_drop.
  bool early_drop(std::size_t bucket, platform::Nanoseconds now);
  /// Linux: gc_worker.
  void collect(kernel::Cpu& cpu);
  [[nodiscard]] ConntrackStats& stats(const HookCall& call) { return stats_[call.cpu]; }

  kernel::Kernel& kernel_;
  Hooks& hooks_;
  Hooks& hooks6_;
  std::uint64_t seed_;
  ConntrackSettings settings_;
  std::vector<ConntrackStats> stats_;  // by CPU
  std::vector<unsigned> registered_;
  std::vector<unsigned> registered6_;
  std::vector<TupleLink*> buckets_;  // made with the first connection
  std::size_t confirmed_ = 0;
  std::vector<Connection*> unconfirmed_;
  kernel::Timer gc_;
};

}  // namespace host::netfilter
