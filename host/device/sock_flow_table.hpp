// SPDX-License-Identifier: Apache-2.0
// Where the application of each flow read last (Linux: struct rps_sock_flow_table, rps_record_sock_flow).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/kernel/kernel.hpp"

namespace host::device {

/// One host's; its size is `net.core.rps_sock_flow_entries`, 0 at first. A flow that falls on another's entry takes it.
class SockFlowTable {
 public:
  /// Entries at most; Linux allows more than anybody has memory for.
  static constexpr std::size_t kLargest = 1u << 20;

  /// Registers the tunable; the kernel outlives it.
  explicit SockFlowTable(kernel::Kernel& kernel);

  /// The flow's application reads or sends on `cpu`. A hash of 0 is none.
  void record(const kernel::Cpu& cpu, std::uint32_t hash);
  [[nodiscard]] std::optional<unsigned> cpu_of(std::uint32_t hash) const;

 private:
  struct Entry {
    std::uint32_t hash = 0;
    unsigned cpu = 0;
  };
  [[nodiscard]] base::Result<void> resize(std::string_view text);

  std::vector<Entry> entries_;  // none, or a power of two
};

}  // namespace host::device
