// SPDX-License-Identifier: Apache-2.0
// What `tc` sets of each kind of qdisc (Linux: the TCA_* attributes), with Linux's defaults.
#pragma once

#include <array>
#include <cstdint>
#include <variant>

#include "host/qdisc/codel.hpp"

namespace host::qdisc {

/// pfifo: packets; bfifo: bytes. The default is the device's.
struct FifoOptions {
  std::uint32_t limit = 0;
};

/// The band of each priority (Linux: sch_default_prio2band): 6 and 7, interactive and control, go first; bulk last.
inline constexpr std::array<std::uint8_t, 16> kPriorityBands = {1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1};

struct PrioOptions {
  std::uint32_t bands = 3;
  std::array<std::uint8_t, 16> priomap = kPriorityBands;
};

struct TbfOptions {
  std::uint64_t rate = 0;        // bytes a second
  std::uint32_t burst = 0;       // bytes
  std::uint32_t limit = 0;       // bytes that may wait
  std::uint64_t peak_rate = 0;   // bytes a second; 0: none
  std::uint32_t peak_burst = 0;  // bytes
};

struct FqCodelOptions {
  std::uint32_t limit = 10240;  // packets
  std::uint32_t flows = 1024;
  std::uint32_t quantum = 0;  // bytes of a flow's turn; the default is the device's MTU
  std::uint32_t memory_limit = 32u << 20;
  std::uint32_t drop_batch = 64;
  CodelParams codel;
};

struct FqOptions {
  static constexpr std::uint64_t kNoRate = UINT64_MAX;
  std::uint32_t limit = 10000;     // packets
  std::uint32_t flow_limit = 100;  // packets
  std::uint32_t buckets = 1024;    // only the memory of Linux's table depends on it
  std::uint32_t orphan_mask = 1023;
  std::uint32_t quantum = 0;          // bytes of a flow's turn; the default is two of the device's MTUs
  std::uint32_t initial_quantum = 0;  // of its first turn; ten of them
  bool pacing = true;
  std::uint64_t max_rate = kNoRate;           // bytes a second, of each flow
  std::uint64_t low_rate_threshold = 68'750;  // up to here every packet pays for itself
  platform::Nanoseconds refill_delay = 40'000'000;
};

/// Of one qdisc; the first alternative: nothing to set.
using Options = std::variant<std::monostate, FifoOptions, PrioOptions, TbfOptions, FqCodelOptions, FqOptions>;

}  // namespace host::qdisc
