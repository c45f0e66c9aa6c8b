// SPDX-License-Identifier: Apache-2.0
// Named sets of values or of ranges (nftables: set; Linux: nft_set_rbtree, nft_set_hash).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/base/result.hpp"
#include "host/netfilter/value.hpp"

namespace host::netfilter {

/// True when an element of the ordered, disjoint ranges holds the value.
[[nodiscard]] bool contains(std::span<const Interval> elements, Value value);
/// Puts the elements in order and joins those that overlap and, when there are ranges, those that touch: what nft does
/// with a set between braces.
void normalize(std::vector<Interval>& elements);

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
  std::vector<Interval> elements = {};  // in order, disjoint

  /// exists: it overlaps an element (not: it is one already); invalid: a range in a set without intervals; no_buffers:
  /// the set is full.
  [[nodiscard]] base::Result<void> insert(Interval element);
  /// no_entry: no such element; a range is taken out whole or not at all.
  [[nodiscard]] base::Result<void> erase(Interval element);
  [[nodiscard]] bool holds(Interval element) const;
};

}  // namespace host::netfilter
