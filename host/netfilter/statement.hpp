// SPDX-License-Identifier: Apache-2.0
// What a rule is made of, as it was written, and the state that it keeps (nftables: statements).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/netfilter/hooks.hpp"
#include "host/netfilter/key.hpp"
#include "host/platform/cpu_platform.hpp"

namespace host::netfilter {

/// How the key's value and the right side go together. any_bit and no_bit: of a set of flags (`tcp flags syn,ack`).
enum class Relation : std::uint8_t {
  equal,
  not_equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  any_bit,
  no_bit,
};

/// A set between braces.
struct AnonymousSet {
  std::vector<Interval> elements;  // in order, disjoint
  friend bool operator==(const AnonymousSet&, const AnonymousSet&) = default;
};
/// `@name`.
struct SetReference {
  std::string name;
  friend bool operator==(const SetReference&, const SetReference&) = default;
};

enum class Action : std::uint8_t { accept, drop, continue_, return_, jump, go_to };
/// The end of a rule.
struct Decision {
  Action action = Action::accept;
  std::string chain = {};  // of jump and goto
  friend bool operator==(const Decision&, const Decision&) = default;
};

/// What a map has for an element: a number, or a verdict.
using Datum = std::variant<Value, Decision>;
/// A map between braces.
struct AnonymousMap {
  std::vector<Interval> elements;  // in order, disjoint
  std::vector<Datum> data;         // of each
  friend bool operator==(const AnonymousMap&, const AnonymousMap&) = default;
};
/// `KEY [& MASK] map {...}`, `KEY vmap @NAME`: without an element for the key's value the rule does not match.
struct MapLookup {
  Key key{};
  std::optional<Value> mask = std::nullopt;
  std::variant<AnonymousMap, SetReference> map = AnonymousMap{};
  friend bool operator==(const MapLookup&, const MapLookup&) = default;
};
/// `KEY vmap ...`: the element's verdict.
struct VerdictMap {
  MapLookup lookup = {};
  friend bool operator==(const VerdictMap&, const VerdictMap&) = default;
};

/// `KEY [& MASK] RELATION RIGHT`. The next statement is looked at only when it holds.
struct Match {
  Key key{};
  std::optional<Value> mask = std::nullopt;
  Relation relation = Relation::equal;
  std::variant<Interval, AnonymousSet, SetReference> right = Interval{};
  /// 10.0.0.0-10.0.0.255 rather than 10.0.0.0/24.
  bool written_as_range = false;
  friend bool operator==(const Match&, const Match&) = default;
};

struct Counter {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  friend bool operator==(const Counter&, const Counter&) = default;
};

/// `quota over 10 mbytes used 1 kbytes`: matches while no more than so many bytes have been met, or beyond them (Linux:
/// nft_quota).
struct Quota {
  std::uint64_t bytes = 0;
  bool over = false;
  /// Counts on beyond `bytes`; told as no more than these.
  std::uint64_t used = 0;

  [[nodiscard]] std::uint64_t consumed() const { return used < bytes ? used : bytes; }
  /// Takes a packet's bytes; true when the rule goes on. Linux: nft_overquota.
  [[nodiscard]] bool take(std::uint32_t packet_bytes) {
    used += packet_bytes;
    return (used >= bytes) == over;
  }
  friend bool operator==(const Quota&, const Quota&) = default;
};

enum class ObjectKind : std::uint8_t { counter, quota };
/// `counter name "http"`: rules that share an object of their table.
struct ObjectReference {
  ObjectKind kind = ObjectKind::counter;
  std::string name = {};
  friend bool operator==(const ObjectReference&, const ObjectReference&) = default;
};

enum class RateUnit : std::uint8_t { second, minute, hour, day, week };

/// `limit rate 10/second burst 5 packets`: a bucket of tokens, each a nanosecond (Linux: nft_limit).
struct Limit {
  std::uint64_t rate = 1;
  RateUnit unit = RateUnit::second;
  std::uint64_t burst = 5;
  /// Of bytes instead of packets.
  bool bytes = false;
  /// `over`: matches what the bucket does not pay for.
  bool over = false;

  /// True when the rule goes on.
  [[nodiscard]] bool take(std::uint32_t packet_bytes, platform::Nanoseconds now);

  // the bucket
  std::optional<std::uint64_t> tokens = std::nullopt;  // none yet: full
  platform::Nanoseconds last = 0;

  /// As written, whatever the bucket holds.
  friend bool operator==(const Limit& a, const Limit& b) {
    return a.rate == b.rate && a.unit == b.unit && a.burst == b.burst && a.bytes == b.bytes && a.over == b.over;
  }
};

/// syslog's levels.
enum class LogLevel : std::uint8_t { emerg, alert, crit, err, warn, notice, info, debug };

struct Log {
  std::string prefix = {};
  LogLevel level = LogLevel::warn;
  friend bool operator==(const Log&, const Log&) = default;
};

/// `meta mark set N`, `ct mark set N`, `meta mark set KEY map ...`; without a value or a map the other mark's.
struct SetMark {
  enum class Target : std::uint8_t { packet, connection } target = Target::packet;
  std::optional<std::uint32_t> mark = std::nullopt;
  std::optional<MapLookup> lookup = std::nullopt;
  friend bool operator==(const SetMark&, const SetMark&) = default;
};

/// `notrack`: the packet belongs to no connection.
struct Notrack {
  friend bool operator==(const Notrack&, const Notrack&) = default;
};

enum class NatKind : std::uint8_t { snat, dnat, masquerade, redirect };
/// `snat to 192.0.2.1:1024-2048`, `redirect to :53`. The chain's last word about a connection.
struct NatStatement {
  NatKind kind = NatKind::snat;
  /// The addresses are IPv6's; it binds such connections only.
  bool ipv6 = false;
  std::optional<Interval> addresses = std::nullopt;
  std::optional<Interval> ports = std::nullopt;
  bool random = false;
  bool fully_random = false;
  bool persistent = false;
  friend bool operator==(const NatStatement&, const NatStatement&) = default;
};

/// `add @NAME { KEY timeout T limit ... }`: packets put their own elements into a dynamic set. Where the set is full or
/// the element's own limit does not hold, the rule does not match (Linux: nft_dynset).
struct SetUpdate {
  enum class Operation : std::uint8_t { add, update, remove } operation = Operation::add;
  Key key{};
  std::optional<Value> mask = std::nullopt;
  std::string set = {};
  /// 0: the set's.
  platform::Nanoseconds timeout = 0;
  std::optional<Limit> limit = std::nullopt;
  bool counter = false;
  friend bool operator==(const SetUpdate&, const SetUpdate&) = default;
};

using Statement = std::variant<Match, Counter, Limit, Log, SetMark, Notrack, NatStatement, Reject, Decision, VerdictMap,
                               SetUpdate, Quota, ObjectReference>;

struct Rule {
  std::uint64_t handle = 0;
  std::vector<Statement> statements = {};
  std::string comment = {};
};

}  // namespace host::netfilter
