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

std::size_t find_element(std::span<const Interval> elements, Value value) {
  const auto found = first_reaching(elements, value);
  return found != elements.end() && found->low <= value ? static_cast<std::size_t>(found - elements.begin())
                                                        : kNoElement;
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

base::Result<void> Set::insert(Interval element, const std::optional<Datum>& datum) {
  if ((!interval && !element.is_single()) || datum.has_value() != is_map()) {
    return base::Errno::invalid;
  }
  const auto place = first_reaching(elements, element.low);
  const auto index = place - elements.begin();
  if (place != elements.end() && place->low <= element.high) {
    const bool same = *place == element && (!datum || data[static_cast<std::size_t>(index)] == *datum);
    return same ? base::Result<void>{} : base::Errno::exists;
  }
  if (elements.size() >= capacity()) {
    return base::Errno::no_buffers;
  }
  elements.insert(place, element);
  if (datum) {
    data.insert(data.begin() + index, *datum);
  }
  return {};
}

TimedElement* Set::put(Value value, platform::Nanoseconds own_timeout, platform::Nanoseconds now, bool refresh) {
  const platform::Nanoseconds life = own_timeout != 0 ? own_timeout : timeout;
  auto found = timed.find(value);
  if (found != timed.end() && found->second.expires <= now) {
    timed.erase(found);
    found = timed.end();
  }
  if (found == timed.end()) {
    constexpr platform::Nanoseconds kOften = 1'000'000'000;
    if (timed.size() >= capacity() && now >= next_collection) {
      std::erase_if(timed, [now](const auto& each) { return each.second.expires <= now; });
      next_collection = now + std::max(gc_interval, kOften);
    }
    if (timed.size() >= capacity()) {
      return nullptr;
    }
    found = timed.emplace(value, TimedElement{.timeout = own_timeout}).first;
    refresh = true;
  }
  if (refresh && life != 0) {
    found->second.timeout = own_timeout;
    found->second.expires = now + life;
  }
  return &found->second;
}

bool Set::has(Value value, platform::Nanoseconds now) const {
  const auto found = timed.find(value);
  return found != timed.end() && found->second.expires > now;
}

base::Result<void> Set::erase(Interval element) {
  if (is_timed()) {
    return timed.erase(element.low) != 0 ? base::Result<void>{} : base::Errno::no_entry;
  }
  const auto place = first_reaching(elements, element.low);
  if (place == elements.end() || *place != element) {
    return base::Errno::no_entry;
  }
  if (is_map()) {
    data.erase(data.begin() + (place - elements.begin()));
  }
  elements.erase(place);
  return {};
}

bool Set::holds(Interval element) const {
  const auto place = first_reaching(elements, element.low);
  return place != elements.end() && *place == element;
}

}  // namespace host::netfilter
