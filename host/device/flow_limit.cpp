// SPDX-License-Identifier: Apache-2.0
// A ring of buckets and a counter for each.
#include "host/device/flow_limit.hpp"

#include "host/device/flow_hash.hpp"

namespace host::device {

bool FlowLimit::exceeds(std::uint32_t hash) {
  const auto bucket = scale_hash(hash, static_cast<unsigned>(counts_.size()));
  if (history_[oldest_]) --counts_[*history_[oldest_]];
  history_[oldest_] = bucket;
  oldest_ = (oldest_ + 1) % kHistory;
  return ++counts_[bucket] > kHistory / 2;
}

}  // namespace host::device
