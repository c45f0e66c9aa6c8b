// SPDX-License-Identifier: Apache-2.0
// The cost table, and what a configuration changes of it.
#include "host/kernel/cost.hpp"

#include <algorithm>
#include <cmath>

namespace host::kernel {
namespace {

constexpr double kLargest = 1e9;  // a second for one operation is a mistake

}  // namespace

CostTable CostTable::free() {
  return {};
}

void CostTable::set(Op op, double nanoseconds) {
  costs_[static_cast<std::size_t>(op)] = std::llround(nanoseconds * 1000.0);
}

base::Result<void> CostTable::load(const std::map<std::string, double>& nanoseconds, std::string* culprit) {
  CostTable changed = *this;
  for (const auto& [name, cost] : nanoseconds) {
    const auto found = std::find(kOpNames.begin(), kOpNames.end(), name);
    const bool known = found != kOpNames.end();
    if (!known || !(cost >= 0.0 && cost <= kLargest)) {
      if (culprit != nullptr) *culprit = name;
      return known ? base::Errno::range : base::Errno::no_entry;
    }
    changed.set(static_cast<Op>(found - kOpNames.begin()), cost);
  }
  *this = changed;
  return {};
}

}  // namespace host::kernel
