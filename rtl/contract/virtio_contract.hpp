// SPDX-License-Identifier: Apache-2.0
// virtio 1.2 numbers: status bits, feature bits, register offsets, ring and header layout.
// Section numbers are those of the OASIS virtio 1.2 specification.
#pragma once

#include "rtl/contract/number.hpp"

namespace contract {

// clang-format off
#define CONTRACT_VIRTIO(X) \
  /* 2.1 device status field */ \
  X(STATUS_ACKNOWLEDGE, 8, 1) X(STATUS_DRIVER, 8, 2) X(STATUS_DRIVER_OK, 8, 4) \
  X(STATUS_FEATURES_OK, 8, 8) X(STATUS_NEEDS_RESET, 8, 64) X(STATUS_FAILED, 8, 128) \
  /* 5.1.3 and 6: feature bit numbers */ \
  X(NET_F_CSUM, 8, 0) X(NET_F_GUEST_CSUM, 8, 1) X(NET_F_CTRL_GUEST_OFFLOADS, 8, 2) \
  X(NET_F_MTU, 8, 3) X(NET_F_MAC, 8, 5) \
  X(NET_F_GUEST_TSO4, 8, 7) X(NET_F_GUEST_TSO6, 8, 8) X(NET_F_GUEST_ECN, 8, 9) X(NET_F_GUEST_UFO, 8, 10) \
  X(NET_F_HOST_TSO4, 8, 11) X(NET_F_HOST_TSO6, 8, 12) X(NET_F_HOST_ECN, 8, 13) X(NET_F_HOST_UFO, 8, 14) \
  X(NET_F_MRG_RXBUF, 8, 15) X(NET_F_STATUS, 8, 16) X(NET_F_CTRL_VQ, 8, 17) X(NET_F_CTRL_RX, 8, 18) \
  X(NET_F_CTRL_VLAN, 8, 19) X(NET_F_CTRL_RX_EXTRA, 8, 20) X(NET_F_GUEST_ANNOUNCE, 8, 21) X(NET_F_MQ, 8, 22) \
  X(NET_F_CTRL_MAC_ADDR, 8, 23) \
  X(NET_F_VQ_NOTF_COAL, 8, 52) X(NET_F_NOTF_COAL, 8, 53) X(NET_F_HOST_USO, 8, 56) \
  X(NET_F_HASH_REPORT, 8, 57) X(NET_F_RSS, 8, 60) X(NET_F_RSC_EXT, 8, 61) \
  X(RING_F_INDIRECT_DESC, 8, 28) X(RING_F_EVENT_IDX, 8, 29) X(F_VERSION_1, 8, 32) \
  X(F_ACCESS_PLATFORM, 8, 33) X(F_RING_PACKED, 8, 34) X(F_IN_ORDER, 8, 35) \
  X(F_NOTIFICATION_DATA, 8, 38) X(F_RING_RESET, 8, 40) \
  /* 4.1.4.3 common configuration structure, byte offsets */ \
  X(COMMON_DEVICE_FEATURE_SELECT, 8, 0x00) X(COMMON_DEVICE_FEATURE, 8, 0x04) \
  X(COMMON_DRIVER_FEATURE_SELECT, 8, 0x08) X(COMMON_DRIVER_FEATURE, 8, 0x0C) \
  X(COMMON_CONFIG_MSIX_VECTOR, 8, 0x10) X(COMMON_NUM_QUEUES, 8, 0x12) \
  X(COMMON_DEVICE_STATUS, 8, 0x14) X(COMMON_CONFIG_GENERATION, 8, 0x15) \
  X(COMMON_QUEUE_SELECT, 8, 0x16) X(COMMON_QUEUE_SIZE, 8, 0x18) \
  X(COMMON_QUEUE_MSIX_VECTOR, 8, 0x1A) X(COMMON_QUEUE_ENABLE, 8, 0x1C) \
  X(COMMON_QUEUE_NOTIFY_OFF, 8, 0x1E) X(COMMON_QUEUE_DESC_LO, 8, 0x20) \
  X(COMMON_QUEUE_DESC_HI, 8, 0x24) X(COMMON_QUEUE_DRIVER_LO, 8, 0x28) \
  X(COMMON_QUEUE_DRIVER_HI, 8, 0x2C) X(COMMON_QUEUE_DEVICE_LO, 8, 0x30) \
  X(COMMON_QUEUE_DEVICE_HI, 8, 0x34) X(COMMON_QUEUE_NOTIF_DATA, 8, 0x38) \
  X(COMMON_QUEUE_RESET, 8, 0x3A) X(COMMON_CFG_BYTES, 8, 0x3C) \
  X(MSI_NO_VECTOR, 16, 0xFFFF) \
  X(ISR_QUEUE, 8, 1) X(ISR_CONFIG, 8, 2) \
  /* 5.1.4 device configuration, byte offsets */ \
  X(NETCFG_MAC, 8, 0) X(NETCFG_STATUS, 8, 6) X(NETCFG_MAX_PAIRS, 8, 8) X(NETCFG_MTU, 8, 10) \
  X(NETCFG_BYTES, 8, 12) X(NET_S_LINK_UP, 16, 1) \
  /* 2.8 packed virtqueue: descriptor and event suppression */ \
  X(DESC_BYTES, 8, 16) X(DESC_F_NEXT, 16, 1) X(DESC_F_WRITE, 16, 2) X(DESC_F_INDIRECT, 16, 4) \
  X(DESC_F_AVAIL, 16, 1u << 7) X(DESC_F_USED, 16, 1u << 15) \
  /* 2.7 split virtqueue: flags of the available and the used ring */ \
  X(AVAIL_F_NO_INTERRUPT, 16, 1) X(USED_F_NO_NOTIFY, 16, 1) X(USED_ELEM_BYTES, 8, 8) \
  X(EVENT_BYTES, 8, 4) X(EVENT_ENABLE, 2, 0) X(EVENT_DISABLE, 2, 1) X(EVENT_DESC, 2, 2) \
  /* 5.1.6 virtio_net_hdr */ \
  X(NET_HDR_BYTES, 8, 12) X(NET_HDR_F_NEEDS_CSUM, 8, 1) X(NET_HDR_F_DATA_VALID, 8, 2) \
  X(NET_HDR_F_RSC_INFO, 8, 4) X(NET_HDR_GSO_NONE, 8, 0) X(NET_HDR_GSO_TCPV4, 8, 1) X(NET_HDR_GSO_UDP, 8, 3) \
  X(NET_HDR_GSO_TCPV6, 8, 4) X(NET_HDR_GSO_UDP_L4, 8, 5) X(NET_HDR_GSO_ECN, 8, 0x80) \
  X(NET_HDR_NUM_BUFFERS, 8, 10) X(NET_HDR_HASH_BYTES, 8, 20) \
  /* 5.1.6.4.3 hash report; the hash type's bit is 1 << (report - 1) */ \
  X(HASH_NONE, 4, 0) X(HASH_IPV4, 4, 1) X(HASH_TCPV4, 4, 2) X(HASH_UDPV4, 4, 3) X(HASH_IPV6, 4, 4) \
  X(HASH_TCPV6, 4, 5) X(HASH_UDPV6, 4, 6) X(HASH_IP_EX, 4, 7) X(HASH_TCP_EX, 4, 8) X(HASH_UDP_EX, 4, 9) \
  /* 5.1.2 queue numbers of the first pair */ \
  X(QUEUE_RX0, 8, 0) X(QUEUE_TX0, 8, 1)
// clang-format on

CONTRACT_VIRTIO(CONTRACT_DEFINE)
inline constexpr Number kVirtioNumbers[] = {CONTRACT_VIRTIO(CONTRACT_ROW)};

}  // namespace contract
