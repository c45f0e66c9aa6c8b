// SPDX-License-Identifier: Apache-2.0
// Ranges in order: found by halving.
#include "host/netfilter/set.hpp"

#include <algorithm>

namespace host::netfilter {
namespace {

/// The first element that does not end before `value`.
template <typename Elements>
auto first_reaching(Elements& elements, Value value) {
  return std::lower_bound(elements.begin(), elements.end(), value,
                          [](const Interval& element, Value sought) { return element.high < sought; });
}

}  // namespace

bool contains(std::span<const Interval> elements, Value value) {
  const auto found = first_reaching(elements, value);
  return found != elements.end() && found->low <= value;
}

void normalize(std::vector<Interval>& elements) {
  std::sort(elements.begin(), elements.end(), [](const Interval& a, const Interval& b) { return a.low < b.low; });
  const bool ranges = !std::all_of(elements.begin(), elements.end(), [](const Interval& e) { return e.is_single(); });
  std::vector<Interval> joined;
  for (const Interval& element : elements) {
    const bool overlaps = !joined.empty() && element.low <= joined.back().high;
    const bool follows = ranges && !joined.empty() && element.low == joined.back().high + 1;
    if (overlaps || follows) {
      joined.back().high = std::max(joined.back().high, element.high);
    } else {
      joined.push_back(element);
    }
  }
  elements = std::move(joined);
}

base::Result<void> Set::insert(Interval element) {
  if (!interval && !element.is_single()) {
    return base::Errno::invalid;
  }
  const auto place = first_reaching(elements, element.low);
  if (place != elements.end() && place->low <= element.high) {
    return *place == element ? base::Result<void>{} : base::Errno::exists;
  }
  if (elements.size() >= (size != 0 ? size : kMostElements)) {
    return base::Errno::no_buffers;
  }
  elements.insert(place, element);
  return {};
}

base::Result<void> Set::erase(Interval element) {
  const auto place = first_reaching(elements, element.low);
  if (place == elements.end() || *place != element) {
    return base::Errno::no_entry;
  }
  elements.erase(place);
  return {};
}

bool Set::holds(Interval element) const {
  const auto place = first_reaching(elements, element.low);
  return place != elements.end() && *place == element;
}

}  // namespace host::netfilter
