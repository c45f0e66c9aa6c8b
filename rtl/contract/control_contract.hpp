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
  X(COAL_TX_USECS, 4, 12) \
  /* CTL_TX_SCHEDULE: the port's VLAN tag (enable in bit 16); a table of pairs: quantum (bytes a turn), rate (1/256 */ \
  /* bytes a core cycle, 0: no limit), burst (bytes, at least 4 * rate), class of priority flow control */ \
  X(TXS_VLAN, 12, 0x000) X(TXS_PAIRS, 12, 0x400) X(TXS_PAIR_BYTES, 8, 16) X(TXS_QUANTUM, 4, 0) X(TXS_RATE, 4, 4) \
  X(TXS_BURST, 4, 8) X(TXS_CLASS, 4, 12) X(TXS_QUANTUM_MIN, 17, 256) X(TXS_QUANTUM_RESET, 17, 2048) \
  X(TXS_BURST_RESET, 18, 131072) \
  /* CTL_RX_FILTER: mode bits (PROMISC is set at reset, the others clear), 16 entries {bytes 0-3; valid << 31 | \
   * bytes 4-5} that a write of the upper word puts in force, VLAN v = bit v % 32 of word v / 32 */ \
  X(RXF_MODE, 12, 0x000) X(RXF_MAC_TABLE, 12, 0x080) X(RXF_MAC_ENTRIES, 8, 16) X(RXF_VLAN_TABLE, 12, 0x200) \
  X(RXF_MODE_PROMISC, 3, 0) X(RXF_MODE_ALLMULTI, 3, 1) X(RXF_MODE_ALLUNI, 3, 2) X(RXF_MODE_NOMULTI, 3, 3) \
  X(RXF_MODE_NOUNI, 3, 4) X(RXF_MODE_NOBCAST, 3, 5) X(RXF_MODE_VLAN, 3, 6) \
  /* CTL_RX_RSS: hash types (bit = report code - 1), table mask, pair without a hash, active pairs (1 at reset), how \
   * long receive coalescing may hold a frame (8 at reset), key of 40 bytes, table of 128 pairs, a word each */ \
  X(RSS_TYPES, 12, 0x000) X(RSS_MASK, 12, 0x004) X(RSS_UNCLASSIFIED, 12, 0x008) X(RSS_PAIRS, 12, 0x00C) \
  X(RSS_COALESCE_USECS, 12, 0x010) X(RSS_KEY, 12, 0x020) X(RSS_TABLE, 12, 0x200) \
  /* CTL_GENERAL, read only but for the scratch register: who answers here ("cosn"), and in what shape */ \
  X(GENERAL_ID, 12, 0x00) X(GENERAL_ID_VALUE, 32, 0x6E736F63) X(GENERAL_VERSION, 12, 0x04) \
  X(GENERAL_VERSION_VALUE, 32, 1) X(GENERAL_PAIRS, 12, 0x08) X(GENERAL_DATA_BITS, 12, 0x0C) \
  X(GENERAL_CLOCK_KHZ, 12, 0x10) X(GENERAL_LINK, 12, 0x14) X(GENERAL_LINK_UP, 32, 1) \
  /* bit w: there is a slave in window w; features as virtio bits; the last queue that broke a rule */ \
  X(GENERAL_WINDOWS, 12, 0x18) X(GENERAL_OFFERED_LO, 12, 0x20) X(GENERAL_OFFERED_HI, 12, 0x24) \
  X(GENERAL_NEGOTIATED_LO, 12, 0x28) X(GENERAL_NEGOTIATED_HI, 12, 0x2C) X(GENERAL_LAST_FAIL, 12, 0x30) \
  X(GENERAL_SCRATCH, 12, 0x34) \
  /* CTL_QUEUE_STATS, read only: counters of 64 bits, QSTAT_PAIR_BYTES for each pair; read the low DW first */ \
  X(QSTAT_PAIR_BYTES, 12, 0x40) X(QSTAT_RX_FRAMES, 12, 0x00) X(QSTAT_RX_BYTES, 12, 0x08) \
  X(QSTAT_RX_NO_BUFFER, 12, 0x10) X(QSTAT_TX_FRAMES, 12, 0x20) X(QSTAT_TX_BYTES, 12, 0x28)
// clang-format on

CONTRACT_CONTROL(CONTRACT_DEFINE)
inline constexpr Number kControlNumbers[] = {CONTRACT_CONTROL(CONTRACT_ROW)};

}  // namespace contract
