// SPDX-License-Identifier: Apache-2.0
// A flow that fills a backlog alone loses packets before the others do (Linux: struct sd_flow_limit, skb_flow_limit).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace host::device {

/// What one CPU has enqueued lately: the flow of each of the last kHistory packets, and how many of them each had.
class FlowLimit {
 public:
  static constexpr std::size_t kHistory = 128;

  /// `buckets` is a power of two; flows of one bucket count as one.
  explicit FlowLimit(std::size_t buckets) : counts_(buckets) {}

  /// Takes note of a packet; true when its flow has more than half of the history.
  [[nodiscard]] bool exceeds(std::uint32_t hash);

 private:
  std::array<std::optional<std::uint32_t>, kHistory> history_;  // buckets, in a ring
  std::size_t oldest_ = 0;
  std::vector<std::uint8_t> counts_;
};

}  // namespace host::device
