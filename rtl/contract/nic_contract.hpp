// SPDX-License-Identifier: Apache-2.0
// cosnic's own numbers: frame verdicts, DMA clients and statuses, and the statistics block.
#pragma once

#include "rtl/contract/number.hpp"

namespace contract {

// clang-format off
#define CONTRACT_NIC(X) \
  /* frame lengths in bytes, without preamble; with FCS where it says so */ \
  X(MIN_FRAME_NO_FCS, 16, 60) X(MAX_FRAME_NO_FCS, 16, 1518) X(NIC_MTU, 16, 1500) \
  /* a buffer for segmentation: an IP packet of 64 KB behind Ethernet, two VLAN tags and an IPv6 header */ \
  X(TX_SOURCE_MAX, 17, 65600) \
  /* queue_size reads the default after a reset, what drivers take for the most; all up to the maximum is taken */ \
  X(QUEUE_SIZE_DEFAULT, 16, 1024) X(QUEUE_SIZE_MAX, 16, 32768) X(QUEUE_PAIRS_MAX, 8, 64) \
  /* EtherTypes (IEEE 802 numbers) */ \
  X(ETHERTYPE_IPV4, 16, 0x0800) X(ETHERTYPE_IPV6, 16, 0x86DD) X(ETHERTYPE_VLAN, 16, 0x8100) \
  X(ETHERTYPE_QINQ, 16, 0x88A8) \
  /* verdict that travels with a frame's last beat; 0 is a good frame */ \
  X(FRAME_OK, 4, 0) X(FRAME_BAD_FCS, 4, 1) X(FRAME_RUNT, 4, 2) X(FRAME_OVERSIZE, 4, 3) \
  X(FRAME_BAD_PREAMBLE, 4, 4) X(FRAME_ERROR_CONTROL, 4, 5) X(FRAME_TRUNCATED, 4, 6) \
  X(FRAME_FIFO_OVERFLOW, 4, 7) \
  /* DMA read clients and the status of a finished read */ \
  X(RD_RX_DESC, 3, 0) X(RD_TX_DESC, 3, 1) X(RD_RX_EVENT, 3, 2) X(RD_TX_EVENT, 3, 3) \
  X(RD_TX_DATA, 3, 4) X(RD_CLIENTS, 3, 5) \
  X(RD_OK, 3, 0) X(RD_CPL_STATUS, 3, 1) X(RD_POISONED, 3, 2) X(RD_TIMEOUT, 3, 3) \
  X(RD_BAD_LENGTH, 3, 4) X(RD_ABORTED, 3, 5) \
  /* DMA write clients */ \
  X(WR_RX_DATA, 3, 0) X(WR_RX_USED, 3, 1) X(WR_TX_USED, 3, 2) X(WR_RX_ARM, 3, 3) \
  X(WR_TX_ARM, 3, 4) X(WR_MSIX, 3, 5) X(WR_CLIENTS, 3, 6) \
  /* why a queue stopped with DEVICE_NEEDS_RESET */ \
  X(DESC_ERR_NONE, 4, 0) X(DESC_ERR_READ, 4, 1) X(DESC_ERR_DIRECTION, 4, 2) X(DESC_ERR_LENGTH, 4, 3) \
  X(DESC_ERR_ADDRESS, 4, 4) X(DESC_ERR_CHAIN, 4, 5) X(DESC_ERR_INDIRECT, 4, 6) \
  X(DESC_ERR_INDEX, 4, 7)

/* Statistics: 64-bit counters at BAR_STATS + 8 * index, in the order of a frame's journey.
 * STAT_RX_FRAMES = STAT_RX_DELIVERED + STAT_RX_COALESCED + every STAT_RX_DROP_* once the receive path is quiet;
 * STAT_RX_COALESCED counts frames that became part of an earlier one, STAT_RX_DROP_CONTROL MAC control frames, which
 * end at the MAC.
 * STAT_TX_CHAINS + STAT_TX_SEGMENTS = STAT_TX_FRAMES + every STAT_TX_DROP_* once the transmit path is quiet;
 * STAT_TX_SEGMENTS counts the frames that segmentation made beyond the first of each buffer. */
#define CONTRACT_STATS(X) \
  X(STAT_RX_FRAMES) X(STAT_RX_DROP_BAD_FCS) X(STAT_RX_DROP_RUNT) X(STAT_RX_DROP_OVERSIZE) \
  X(STAT_RX_DROP_BAD_PREAMBLE) X(STAT_RX_DROP_ERROR_CONTROL) X(STAT_RX_DROP_TRUNCATED) \
  X(STAT_RX_DROP_FIFO_OVERFLOW) X(STAT_RX_DROP_MISSED) X(STAT_RX_DROP_NOT_READY) \
  X(STAT_RX_DROP_TOO_SMALL) X(STAT_RX_DROP_RESET) X(STAT_RX_DROP_FILTERED) X(STAT_RX_DROP_NO_BUFFER) \
  X(STAT_RX_DROP_CONTROL) \
  X(STAT_RX_COALESCED) X(STAT_RX_DELIVERED) X(STAT_RX_BYTES) \
  X(STAT_TX_CHAINS) X(STAT_TX_DROP_LENGTH) X(STAT_TX_DROP_OFFLOAD) X(STAT_TX_DROP_DMA) \
  X(STAT_TX_DROP_RESET) X(STAT_TX_DROP_UNDERRUN) X(STAT_TX_DROP_LINK) X(STAT_TX_SEGMENTS) \
  X(STAT_TX_FRAMES) X(STAT_TX_BYTES) \
  X(STAT_RX_USED) X(STAT_TX_USED) X(STAT_RX_DESC_ERROR) X(STAT_TX_DESC_ERROR) \
  X(STAT_DOORBELLS) X(STAT_DOORBELL_BAD) X(STAT_IRQ_SENT) X(STAT_IRQ_SUPPRESSED) X(STAT_IRQ_PENDED) \
  X(STAT_TLP_REQUESTS) X(STAT_TLP_UNSUPPORTED) X(STAT_TLP_ABORTED) X(STAT_TLP_POISONED) \
  X(STAT_TLP_IGNORED) X(STAT_READ_TLPS) X(STAT_WRITE_TLPS) X(STAT_WRITES_DISCARDED) \
  X(STAT_CPL_UNEXPECTED) X(STAT_CPL_BAD_LENGTH) X(STAT_CPL_ERROR_STATUS) X(STAT_CPL_POISONED) \
  X(STAT_CPL_TIMEOUT) X(STAT_CPL_BAD_REQUESTER) X(STAT_CPL_BAD_ADDRESS) X(STAT_CPL_LATE)
// clang-format on

#define CONTRACT_ENUM_ITEM(NAME) NAME,
#define CONTRACT_NAME_ITEM(NAME) #NAME,

CONTRACT_NIC(CONTRACT_DEFINE)
inline constexpr Number kNicNumbers[] = {CONTRACT_NIC(CONTRACT_ROW)};

/// Index of each counter in the statistics block.
enum StatIndex : std::uint32_t { CONTRACT_STATS(CONTRACT_ENUM_ITEM) STAT_COUNT };
inline constexpr std::string_view kStatNames[] = {CONTRACT_STATS(CONTRACT_NAME_ITEM)};
static_assert(sizeof(kStatNames) / sizeof(kStatNames[0]) == STAT_COUNT);

}  // namespace contract
