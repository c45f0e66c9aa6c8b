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

/// `meta mark set N`.
struct SetMark {
  std::uint32_t mark = 0;
  friend bool operator==(const SetMark&, const SetMark&) = default;
};

enum class Action : std::uint8_t { accept, drop, continue_, return_, jump, go_to };
/// The end of a rule.
struct Decision {
  Action action = Action::accept;
  std::string chain = {};  // of jump and goto
  friend bool operator==(const Decision&, const Decision&) = default;
};

using Statement = std::variant<Match, Counter, Limit, Log, SetMark, Reject, Decision>;

struct Rule {
  std::uint64_t handle = 0;
  std::vector<Statement> statements = {};
  std::string comment = {};
};

}  // namespace host::netfilter
