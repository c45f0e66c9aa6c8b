// SPDX-License-Identifier: Apache-2.0
// The table of connections: finding, forgetting, making room (Linux: nf_conntrack_core.c).
#include "host/netfilter/conntrack.hpp"

#include <algorithm>

namespace host::netfilter {
namespace {

constexpr platform::Nanoseconds kSecond = 1'000'000'000;
/// Linux: GC_SCAN_INTERVAL_MIN and _MAX.
constexpr platform::Nanoseconds kScanSoonest = kSecond;
constexpr platform::Nanoseconds kScanLatest = 60 * kSecond;
/// Linux: NF_CT_EVICTION_RANGE.
constexpr std::size_t kEvictionBuckets = 8;

constexpr std::int64_t kDefaultBuckets = 65'536;
constexpr std::int64_t kMostSeconds = INT32_MAX;
constexpr std::string_view kPrefix = "net.netfilter.nf_conntrack_";

const kernel::Sysctl& add(kernel::SysctlTable& sysctl, std::string_view name, std::int64_t value, std::int64_t least,
                          std::int64_t most) {
  return sysctl.add(std::string(kPrefix) + std::string(name), value, least, most);
}
const kernel::Sysctl& add_time(kernel::SysctlTable& sysctl, std::string_view name, std::int64_t value) {
  return add(sysctl, name, value, 0, kMostSeconds);
}

}  // namespace

ConntrackSettings::ConntrackSettings(kernel::SysctlTable& sysctl)
    : max(add(sysctl, "max", kDefaultBuckets, 0, INT32_MAX)),
      buckets(add(sysctl, "buckets", kDefaultBuckets, 1, 1 << 24)),
      acct(add(sysctl, "acct", 0, 0, 1)),
      checksum(add(sysctl, "checksum", 1, 0, 1)),
      generic_timeout(add_time(sysctl, "generic_timeout", 600)),
      icmp_timeout(add_time(sysctl, "icmp_timeout", 30)),
      icmpv6_timeout(add_time(sysctl, "icmpv6_timeout", 30)),
      udp_timeout(add_time(sysctl, "udp_timeout", 30)),
      udp_timeout_stream(add_time(sysctl, "udp_timeout_stream", 120)),
      tcp_loose(add(sysctl, "tcp_loose", 1, 0, 1)),
      tcp_timeout_unacknowledged(add_time(sysctl, "tcp_timeout_unacknowledged", 300)) {
  struct Row {
    TcpState state;
    std::string_view name;
    std::int64_t value;
  };
  constexpr std::array<Row, 8> kRows{{{TcpState::syn_sent, "tcp_timeout_syn_sent", 120},
                                      {TcpState::syn_recv, "tcp_timeout_syn_recv", 60},
                                      {TcpState::established, "tcp_timeout_established", 432'000},
                                      {TcpState::fin_wait, "tcp_timeout_fin_wait", 120},
                                      {TcpState::close_wait, "tcp_timeout_close_wait", 60},
                                      {TcpState::last_ack, "tcp_timeout_last_ack", 30},
                                      {TcpState::time_wait, "tcp_timeout_time_wait", 120},
                                      {TcpState::close, "tcp_timeout_close", 10}}};
  for (const Row& row : kRows) {
    tcp_timeouts[static_cast<std::size_t>(row.state)] = &add_time(sysctl, row.name, row.value);
  }
}

void Connection::released() {
  if (table_ != nullptr && !has(ct_status::kConfirmed)) {
    table_->forget_unconfirmed(*this);
  }
  delete this;
}

Connection* connection_of(const skb::SkBuff& skb) {
  return static_cast<Connection*>(skb.nfct.get());
}

Direction direction_of(const skb::SkBuff& skb) {
  return (skb.nfctinfo & kReplyPacket) != 0 ? Direction::reply : Direction::original;
}

Conntrack::Conntrack(kernel::Kernel& kernel, Hooks& hooks, Hooks& hooks6, std::uint64_t seed)
    : kernel_(kernel),
      hooks_(hooks),
      hooks6_(hooks6),
      seed_(seed),
      settings_(kernel.sysctl()),
      stats_(kernel.cpu_count()),
      gc_([this](kernel::Cpu& cpu) { collect(cpu); }) {
  kernel_.sysctl().on_change(std::string(kPrefix) + "buckets", [this] { resize(); });
  kernel_.sysctl().add_text(
      std::string(kPrefix) + "count", [this] { return std::to_string(count()); },
      [](std::string_view) { return base::Errno::access; });
  kernel_.files().add("/proc/net/nf_conntrack", [this] { return list(); });
  kernel_.files().add("/proc/net/stat/nf_conntrack", [this] { return statistics(); });
}

Conntrack::~Conntrack() {
  use(false, false);
  kernel_.files().remove("/proc/net/nf_conntrack");
  kernel_.files().remove("/proc/net/stat/nf_conntrack");
  kernel_.sysctl().remove(std::string(kPrefix) + "count");
  kernel_.sysctl().on_change(std::string(kPrefix) + "buckets", {});
  for (Connection* connection : unconfirmed_) {
    connection->table_ = nullptr;  // packets still belong to it
  }
  for (TupleLink*& bucket : buckets_) {
    while (bucket != nullptr) {
      remove(*bucket->connection);
    }
  }
}

void Conntrack::use(bool ipv4, bool ipv6) {
  use_at(hooks_, registered_, ipv4);
  use_at(hooks6_, registered6_, ipv6);
}

void Conntrack::use_at(Hooks& hooks, std::vector<unsigned>& registered, bool wanted) {
  if (wanted == !registered.empty()) {
    return;
  }
  if (!wanted) {
    for (const unsigned id : registered) {
      hooks.remove(id);
    }
    registered.clear();
    return;
  }
  const auto add_step = [&](Hook hook, int priority, Verdict (Conntrack::*step)(HookCall&, skb::Skb&)) {
    registered.push_back(
        hooks.add(hook, priority, [this, step](HookCall& call, skb::Skb& skb) { return (this->*step)(call, skb); }));
  };
  add_step(Hook::prerouting, priority::kConntrack, &Conntrack::track);
  add_step(Hook::output, priority::kConntrack, &Conntrack::track);
  add_step(Hook::input, priority::kConntrackConfirm, &Conntrack::confirm);
  add_step(Hook::postrouting, priority::kConntrackConfirm, &Conntrack::confirm);
}

std::size_t Conntrack::bucket_of(const Tuple& tuple) const {
  return hash_of(tuple, seed_) % buckets_.size();
}

std::optional<Conntrack::Found> Conntrack::find(const Tuple& tuple, platform::Nanoseconds now) {
  if (buckets_.empty()) {
    return std::nullopt;
  }
  for (TupleLink* link = buckets_[bucket_of(tuple)]; link != nullptr; link = link->next) {
    if (link->connection->tuple(link->direction) != tuple) {
      continue;
    }
    if (link->connection->deadline <= now) {
      remove(*link->connection);
      return std::nullopt;
    }
    return Found{link->connection, link->direction};
  }
  return std::nullopt;
}

void Conntrack::link(Connection& connection) {
  for (const Direction direction : {Direction::original, Direction::reply}) {
    TupleLink& link = connection.links_[static_cast<std::size_t>(direction)];
    TupleLink*& head = buckets_[bucket_of(connection.tuple(direction))];
    link = {&connection, direction, head, &head};
    if (head != nullptr) {
      head->back = &link.next;
    }
    head = &link;
  }
}

void Conntrack::unlink(Connection& connection) {
  for (TupleLink& link : connection.links_) {
    *link.back = link.next;
    if (link.next != nullptr) {
      link.next->back = link.back;
    }
    link.back = nullptr;
  }
}

void Conntrack::insert(Connection& connection) {
  if (buckets_.empty()) {
    buckets_.resize(static_cast<std::size_t>(settings_.buckets.value));
  }
  forget_unconfirmed(connection);
  connection.held_ = skb::AttachmentRef(&connection);
  link(connection);
  ++confirmed_;
}

void Conntrack::remove(Connection& connection) {
  unlink(connection);
  --confirmed_;
  connection.status |= ct_status::kDying;
  connection.table_ = nullptr;
  // The last reference may be this one, whose holder goes with it.
  const skb::AttachmentRef last = std::move(connection.held_);
}

void Conntrack::forget_unconfirmed(Connection& connection) {
  Connection* last = unconfirmed_.back();
  unconfirmed_[connection.unconfirmed_] = last;
  last->unconfirmed_ = connection.unconfirmed_;
  unconfirmed_.pop_back();
}

void Conntrack::resize() {
  std::vector<Connection*> all;
  for (const TupleLink* bucket : buckets_) {
    for (const TupleLink* each = bucket; each != nullptr; each = each->next) {
      if (each->direction == Direction::original) {
        all.push_back(each->connection);
      }
    }
  }
  buckets_.assign(all.empty() ? 0 : static_cast<std::size_t>(settings_.buckets.value), nullptr);
  for (Connection* connection : all) {
    link(*connection);
  }
}

bool Conntrack::early_drop(std::size_t bucket, platform::Nanoseconds now) {
  for (std::size_t i = 0; i < std::min(kEvictionBuckets, buckets_.size()); ++i) {
    for (TupleLink* link = buckets_[(bucket + i) % buckets_.size()]; link != nullptr; link = link->next) {
      Connection& connection = *link->connection;
      if (connection.deadline <= now || !connection.has(ct_status::kAssured)) {
        remove(connection);
        return true;
      }
    }
  }
  return false;
}

void Conntrack::collect(kernel::Cpu& cpu) {
  const platform::Nanoseconds now = cpu.now();
  platform::Nanoseconds next = now + kScanLatest;
  for (TupleLink* bucket : buckets_) {
    while (bucket != nullptr) {
      Connection& connection = *bucket->connection;
      const bool original = bucket->direction == Direction::original;
      bucket = bucket->next;
      if (!original) {
        continue;
      }
      if (connection.deadline > now) {
        next = std::min(next, connection.deadline);
        continue;
      }
      // Both directions may follow each other in this bucket.
      while (bucket != nullptr && bucket->connection == &connection) {
        bucket = bucket->next;
      }
      remove(connection);
    }
  }
  if (confirmed_ != 0) {
    gc_.start(cpu, std::max(next, now + kScanSoonest));
  }
}

ConntrackStats Conntrack::total() const {
  ConntrackStats sum;
  for (const ConntrackStats& each : stats_) {
    for (const auto member :
         {&ConntrackStats::clashres, &ConntrackStats::found, &ConntrackStats::invalid, &ConntrackStats::insert_failed,
          &ConntrackStats::drop, &ConntrackStats::early_drop, &ConntrackStats::icmp_error}) {
      sum.*member += each.*member;
    }
  }
  return sum;
}

}  // namespace host::netfilter
