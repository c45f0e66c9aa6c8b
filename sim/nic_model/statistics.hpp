// SPDX-License-Identifier: Apache-2.0
// The statistics block: one 64-bit counter for each name of the contract.
#pragma once

#include <array>
#include <cstdint>

#include "rtl/contract/nic_contract.hpp"

namespace sim::nic_model {

class Statistics {
 public:
  void count(contract::StatIndex index, std::uint64_t more = 1) { counters_.at(index) += more; }
  [[nodiscard]] std::uint64_t value(contract::StatIndex index) const { return counters_.at(index); }

  /// The low DW keeps the high one for the read that follows: a value is never torn.
  [[nodiscard]] std::uint32_t read(std::uint32_t offset) {
    const std::uint32_t index = offset / 8;
    if (index >= contract::STAT_COUNT) return 0;
    if (offset % 8 >= 4) return high_;
    high_ = static_cast<std::uint32_t>(counters_[index] >> 32);
    return static_cast<std::uint32_t>(counters_[index]);
  }

 private:
  std::array<std::uint64_t, contract::STAT_COUNT> counters_{};
  std::uint32_t high_ = 0;
};

}  // namespace sim::nic_model
