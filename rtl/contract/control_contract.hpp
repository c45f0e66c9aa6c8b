// SPDX-License-Identifier: Apache-2.0
// The control bus: windows of its slaves and their registers (byte offsets within the window).
#pragma once

#include "rtl/contract/number.hpp"

namespace contract {

// clang-format off
#define CONTRACT_CONTROL(X) \
  /* windows, one slave each; window w stands at CTL_WINDOW_BYTES * w */ \
  X(CTL_WINDOW_BYTES, 16, 0x1000) X(CTL_WINDOWS, 4, 8) \
  X(CTL_GENERAL, 3, 0) X(CTL_MAC, 3, 1) X(CTL_MAC_STATS, 3, 2) X(CTL_RX_FILTER, 3, 3) X(CTL_RX_RSS, 3, 4) \
  X(CTL_COALESCE, 3, 5) X(CTL_TX_SCHEDULE, 3, 6) X(CTL_QUEUE_STATS, 3, 7) \
  /* CTL_COALESCE: interrupt moderation (virtio NOTF_COAL), read and write, 0 after reset (none); pair p stands at \
     COAL_PAIR_BYTES * p. An interrupt waits for max_packets frames or max_usecs from the first of them, whichever \
     comes first; either value 0: for nothing. */ \
  X(COAL_PAIR_BYTES, 8, 16) X(COAL_RX_PACKETS, 4, 0) X(COAL_RX_USECS, 4, 4) X(COAL_TX_PACKETS, 4, 8) \
  X(COAL_TX_USECS, 4, 12)
// clang-format on

CONTRACT_CONTROL(CONTRACT_DEFINE)
inline constexpr Number kControlNumbers[] = {CONTRACT_CONTROL(CONTRACT_ROW)};

}  // namespace contract
