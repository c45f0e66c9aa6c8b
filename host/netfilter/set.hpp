// SPDX-License-Identifier: Apache-2.0
// Named sets of values or of ranges (nftables: set; Linux: nft_set_rbtree, nft_set_hash).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/base/result.hpp"
#include "host/netfilter/statement.hpp"

namespace host::netfilter {

inline constexpr std::size_t kNoElement = SIZE_MAX;
/// Which element of the ordered, disjoint ranges holds the value; kNoElement.
[[nodiscard]] std::size_t find_element(std::span<const Interval> elements, Value value);
/// True when one does.
[[nodiscard]] inline bool contains(std::span<const Interval> elements, Value value) {
  return find_element(elements, value) != kNoElement;
}
/// Puts the elements in order and joins those that overlap and, when there are ranges, those that touch: what nft does
/// with a set between braces.
void normalize(std::vector<Interval>& elements);

/// An element that has a life of its own.
struct TimedElement {
  /// Its own; 0: the set's.
  platform::Nanoseconds timeout = 0;
  platform::Nanoseconds expires = INT64_MAX;
  std::optional<Limit> limit = std::nullopt;
  std::optional<Counter> counter = std::nullopt;
};

struct Set {
  /// A set that was declared without a size holds this many.
  static constexpr std::size_t kMostElements = 65'536;

  std::string name = {};
  std::uint64_t handle = 0;
  DataType type = DataType::integer;
  bool constant = false;
  bool interval = false;
  /// `size N`; 0: not declared.
  std::uint32_t size = 0;
  std::string comment = {};
  std::vector<Interval> elements = {};  // in order, disjoint; not of a set that is_timed()

  /// A map: to verdicts, or to values of a type.
  bool to_verdicts = false;
  std::optional<DataType> to_values = std::nullopt;
  std::vector<Datum> data = {};  // of each element

  /// Packets may add elements; elements may have timeouts (`timeout`: what those without one have).
  bool dynamic = false;
  bool timeouts = false;
  platform::Nanoseconds timeout = 0;
  platform::Nanoseconds gc_interval = 0;
  std::map<Value, TimedElement> timed = {};
  platform::Nanoseconds next_collection = 0;

  [[nodiscard]] bool is_map() const { return to_verdicts || to_values; }
  [[nodiscard]] bool is_timed() const { return dynamic || timeouts; }
  [[nodiscard]] std::size_t capacity() const { return size != 0 ? size : kMostElements; }

  /// exists: it overlaps an element (not: it is one already, with the same datum); invalid: a range in a set without
  /// intervals, a map's element without a datum, or a datum in a set; no_buffers: the set is full.
  [[nodiscard]] base::Result<void> insert(Interval element, const std::optional<Datum>& datum = std::nullopt);
  /// Of a timed set: the element, new or as it was (`refresh`: its life begins anew); null: the set is full. What has
  /// expired makes room, looked for once in a second or gc_interval.
  TimedElement* put(Value value, platform::Nanoseconds own_timeout, platform::Nanoseconds now, bool refresh);
  /// A live element of a timed set.
  [[nodiscard]] bool has(Value value, platform::Nanoseconds now) const;
  /// no_entry: no such element; a range is taken out whole or not at all.
  [[nodiscard]] base::Result<void> erase(Interval element);
  [[nodiscard]] bool holds(Interval element) const;
};

}  // namespace host::netfilter
