// SPDX-License-Identifier: Apache-2.0
// The contract against the system's own headers, at compile time: a number typed wrong does not build.
#include <linux/pci_regs.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>

// These two are C: one names a member `class`, the other converts void pointers in its legacy helpers.
#define VIRTIO_RING_NO_LEGACY
#include <linux/virtio_ring.h>
#define class class_
#include <linux/virtio_net.h>
#undef class

#include <cstddef>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace c = contract;

// virtio_config.h: device status and transport features
static_assert(c::STATUS_ACKNOWLEDGE == VIRTIO_CONFIG_S_ACKNOWLEDGE);
static_assert(c::STATUS_DRIVER == VIRTIO_CONFIG_S_DRIVER);
static_assert(c::STATUS_DRIVER_OK == VIRTIO_CONFIG_S_DRIVER_OK);
static_assert(c::STATUS_FEATURES_OK == VIRTIO_CONFIG_S_FEATURES_OK);
static_assert(c::STATUS_NEEDS_RESET == VIRTIO_CONFIG_S_NEEDS_RESET);
static_assert(c::STATUS_FAILED == VIRTIO_CONFIG_S_FAILED);
static_assert(c::F_VERSION_1 == VIRTIO_F_VERSION_1);
static_assert(c::F_ACCESS_PLATFORM == VIRTIO_F_ACCESS_PLATFORM);
static_assert(c::F_RING_PACKED == VIRTIO_F_RING_PACKED);
static_assert(c::F_IN_ORDER == 35);           // not in every kernel's header
static_assert(c::F_NOTIFICATION_DATA == 38);  // not in every kernel's header
static_assert(c::F_RING_RESET == VIRTIO_F_RING_RESET);

// virtio_ring.h
static_assert(c::RING_F_INDIRECT_DESC == VIRTIO_RING_F_INDIRECT_DESC);
static_assert(c::RING_F_EVENT_IDX == VIRTIO_RING_F_EVENT_IDX);
static_assert(c::DESC_F_NEXT == VRING_DESC_F_NEXT);
static_assert(c::DESC_F_WRITE == VRING_DESC_F_WRITE);
static_assert(c::DESC_F_INDIRECT == VRING_DESC_F_INDIRECT);
static_assert(c::DESC_F_AVAIL == 1u << VRING_PACKED_DESC_F_AVAIL);
static_assert(c::DESC_F_USED == 1u << VRING_PACKED_DESC_F_USED);
static_assert(c::EVENT_ENABLE == VRING_PACKED_EVENT_FLAG_ENABLE);
static_assert(c::EVENT_DISABLE == VRING_PACKED_EVENT_FLAG_DISABLE);
static_assert(c::EVENT_DESC == VRING_PACKED_EVENT_FLAG_DESC);
static_assert(c::DESC_BYTES == sizeof(vring_packed_desc));
static_assert(c::EVENT_BYTES == sizeof(vring_packed_desc_event));
static_assert(offsetof(vring_packed_desc, addr) == 0 && offsetof(vring_packed_desc, len) == 8 &&
              offsetof(vring_packed_desc, id) == 12 && offsetof(vring_packed_desc, flags) == 14);

// virtio_net.h
static_assert(c::NET_F_CSUM == VIRTIO_NET_F_CSUM);
static_assert(c::NET_F_GUEST_CSUM == VIRTIO_NET_F_GUEST_CSUM);
static_assert(c::NET_F_MTU == VIRTIO_NET_F_MTU);
static_assert(c::NET_F_MAC == VIRTIO_NET_F_MAC);
static_assert(c::NET_F_MRG_RXBUF == VIRTIO_NET_F_MRG_RXBUF);
static_assert(c::NET_F_STATUS == VIRTIO_NET_F_STATUS);
static_assert(c::NET_F_CTRL_VQ == VIRTIO_NET_F_CTRL_VQ);
static_assert(c::NET_F_GUEST_TSO4 == VIRTIO_NET_F_GUEST_TSO4 && c::NET_F_GUEST_TSO6 == VIRTIO_NET_F_GUEST_TSO6);
static_assert(c::NET_F_GUEST_ECN == VIRTIO_NET_F_GUEST_ECN && c::NET_F_HOST_ECN == VIRTIO_NET_F_HOST_ECN);
static_assert(c::NET_F_HOST_TSO4 == VIRTIO_NET_F_HOST_TSO4 && c::NET_F_HOST_TSO6 == VIRTIO_NET_F_HOST_TSO6);
static_assert(c::NET_F_MQ == VIRTIO_NET_F_MQ && c::NET_F_NOTF_COAL == VIRTIO_NET_F_NOTF_COAL);
static_assert(c::NET_F_HASH_REPORT == VIRTIO_NET_F_HASH_REPORT && c::NET_F_RSS == VIRTIO_NET_F_RSS);
static_assert(c::NET_F_VQ_NOTF_COAL == 52 && c::NET_F_HOST_USO == 56);  // not in every kernel's header
static_assert(c::NET_S_LINK_UP == VIRTIO_NET_S_LINK_UP);
static_assert(c::NETCFG_MAC == offsetof(virtio_net_config, mac));
static_assert(c::NETCFG_STATUS == offsetof(virtio_net_config, status));
static_assert(c::NETCFG_MAX_PAIRS == offsetof(virtio_net_config, max_virtqueue_pairs));
static_assert(c::NETCFG_MTU == offsetof(virtio_net_config, mtu));
static_assert(c::NETCFG_BYTES == offsetof(virtio_net_config, speed));
static_assert(c::NET_HDR_BYTES == sizeof(virtio_net_hdr_v1));
static_assert(c::NET_HDR_NUM_BUFFERS == offsetof(virtio_net_hdr_v1, num_buffers));
static_assert(c::NET_HDR_F_NEEDS_CSUM == VIRTIO_NET_HDR_F_NEEDS_CSUM);
static_assert(c::NET_HDR_F_DATA_VALID == VIRTIO_NET_HDR_F_DATA_VALID);
static_assert(c::NET_HDR_GSO_NONE == VIRTIO_NET_HDR_GSO_NONE);
static_assert(c::NET_HDR_F_RSC_INFO == VIRTIO_NET_HDR_F_RSC_INFO && c::NET_HDR_GSO_UDP == VIRTIO_NET_HDR_GSO_UDP);
static_assert(c::NET_HDR_GSO_TCPV4 == VIRTIO_NET_HDR_GSO_TCPV4 && c::NET_HDR_GSO_TCPV6 == VIRTIO_NET_HDR_GSO_TCPV6);
static_assert(c::NET_HDR_GSO_UDP_L4 == 5 && c::NET_HDR_GSO_ECN == VIRTIO_NET_HDR_GSO_ECN);
static_assert(c::NET_HDR_HASH_BYTES == sizeof(virtio_net_hdr_v1_hash));
static_assert(c::HASH_NONE == VIRTIO_NET_HASH_REPORT_NONE && c::HASH_IPV4 == VIRTIO_NET_HASH_REPORT_IPv4);
static_assert(c::HASH_TCPV4 == VIRTIO_NET_HASH_REPORT_TCPv4 && c::HASH_UDPV4 == VIRTIO_NET_HASH_REPORT_UDPv4);
static_assert(c::HASH_IPV6 == VIRTIO_NET_HASH_REPORT_IPv6 && c::HASH_TCPV6 == VIRTIO_NET_HASH_REPORT_TCPv6);
static_assert(c::HASH_UDPV6 == VIRTIO_NET_HASH_REPORT_UDPv6 && c::HASH_IP_EX == VIRTIO_NET_HASH_REPORT_IPv6_EX);
static_assert(c::HASH_TCP_EX == VIRTIO_NET_HASH_REPORT_TCPv6_EX && c::HASH_UDP_EX == VIRTIO_NET_HASH_REPORT_UDPv6_EX);
static_assert(c::AVAIL_F_NO_INTERRUPT == VRING_AVAIL_F_NO_INTERRUPT);
static_assert(c::USED_F_NO_NOTIFY == VRING_USED_F_NO_NOTIFY && c::USED_ELEM_BYTES == sizeof(vring_used_elem));

// virtio_pci.h: common configuration and capabilities
static_assert(c::COMMON_DEVICE_FEATURE_SELECT == VIRTIO_PCI_COMMON_DFSELECT);
static_assert(c::COMMON_DEVICE_FEATURE == VIRTIO_PCI_COMMON_DF);
static_assert(c::COMMON_DRIVER_FEATURE_SELECT == VIRTIO_PCI_COMMON_GFSELECT);
static_assert(c::COMMON_DRIVER_FEATURE == VIRTIO_PCI_COMMON_GF);
static_assert(c::COMMON_CONFIG_MSIX_VECTOR == VIRTIO_PCI_COMMON_MSIX);
static_assert(c::COMMON_NUM_QUEUES == VIRTIO_PCI_COMMON_NUMQ);
static_assert(c::COMMON_DEVICE_STATUS == VIRTIO_PCI_COMMON_STATUS);
static_assert(c::COMMON_CONFIG_GENERATION == VIRTIO_PCI_COMMON_CFGGENERATION);
static_assert(c::COMMON_QUEUE_SELECT == VIRTIO_PCI_COMMON_Q_SELECT);
static_assert(c::COMMON_QUEUE_SIZE == VIRTIO_PCI_COMMON_Q_SIZE);
static_assert(c::COMMON_QUEUE_MSIX_VECTOR == VIRTIO_PCI_COMMON_Q_MSIX);
static_assert(c::COMMON_QUEUE_ENABLE == VIRTIO_PCI_COMMON_Q_ENABLE);
static_assert(c::COMMON_QUEUE_NOTIFY_OFF == VIRTIO_PCI_COMMON_Q_NOFF);
static_assert(c::COMMON_QUEUE_DESC_LO == VIRTIO_PCI_COMMON_Q_DESCLO);
static_assert(c::COMMON_QUEUE_DESC_HI == VIRTIO_PCI_COMMON_Q_DESCHI);
static_assert(c::COMMON_QUEUE_DRIVER_LO == VIRTIO_PCI_COMMON_Q_AVAILLO);
static_assert(c::COMMON_QUEUE_DRIVER_HI == VIRTIO_PCI_COMMON_Q_AVAILHI);
static_assert(c::COMMON_QUEUE_DEVICE_LO == VIRTIO_PCI_COMMON_Q_USEDLO);
static_assert(c::COMMON_QUEUE_DEVICE_HI == VIRTIO_PCI_COMMON_Q_USEDHI);
static_assert(c::COMMON_QUEUE_NOTIF_DATA == VIRTIO_PCI_COMMON_Q_NDATA);
static_assert(c::COMMON_QUEUE_RESET == VIRTIO_PCI_COMMON_Q_RESET);
static_assert(c::COMMON_CFG_BYTES == sizeof(virtio_pci_common_cfg) + 4);
static_assert(c::MSI_NO_VECTOR == VIRTIO_MSI_NO_VECTOR);
static_assert(c::ISR_CONFIG == VIRTIO_PCI_ISR_CONFIG);
static_assert(c::VIRTIO_CFG_COMMON == VIRTIO_PCI_CAP_COMMON_CFG);
static_assert(c::VIRTIO_CFG_NOTIFY == VIRTIO_PCI_CAP_NOTIFY_CFG);
static_assert(c::VIRTIO_CFG_ISR == VIRTIO_PCI_CAP_ISR_CFG);
static_assert(c::VIRTIO_CFG_DEVICE == VIRTIO_PCI_CAP_DEVICE_CFG);
static_assert(c::VIRTIO_CFG_PCI == VIRTIO_PCI_CAP_PCI_CFG);
static_assert(c::CAP_VIRTIO_PCI_DATA == c::CAP_VIRTIO_PCI + sizeof(virtio_pci_cap));

// pci_regs.h
static_assert(c::CFG_VENDOR_ID == PCI_VENDOR_ID && c::CFG_COMMAND == PCI_COMMAND);
static_assert(c::CFG_CLASS == PCI_CLASS_REVISION && c::CFG_CACHE_LINE == PCI_CACHE_LINE_SIZE);
static_assert(c::CFG_BAR0 == PCI_BASE_ADDRESS_0 && c::CFG_BAR1 == PCI_BASE_ADDRESS_1);
static_assert(c::CFG_SUBSYSTEM == PCI_SUBSYSTEM_VENDOR_ID && c::CFG_CAP_PTR == PCI_CAPABILITY_LIST);
static_assert(c::CFG_INTERRUPT_LINE == PCI_INTERRUPT_LINE);
static_assert(c::COMMAND_MEMORY == PCI_COMMAND_MEMORY && c::COMMAND_MASTER == PCI_COMMAND_MASTER);
static_assert(c::COMMAND_PARITY == PCI_COMMAND_PARITY && c::COMMAND_SERR == PCI_COMMAND_SERR);
static_assert(c::COMMAND_INTX_DISABLE == PCI_COMMAND_INTX_DISABLE && c::STATUS_CAP_LIST == PCI_STATUS_CAP_LIST);
static_assert(c::CAP_ID_PM == PCI_CAP_ID_PM && c::CAP_ID_VENDOR == PCI_CAP_ID_VNDR);
static_assert(c::CAP_ID_EXP == PCI_CAP_ID_EXP && c::CAP_ID_MSIX == PCI_CAP_ID_MSIX);
static_assert(c::MSIX_CTRL_ENABLE == PCI_MSIX_FLAGS_ENABLE && c::MSIX_CTRL_FUNCTION_MASK == PCI_MSIX_FLAGS_MASKALL);
static_assert(c::MSIX_ENTRY_BYTES == PCI_MSIX_ENTRY_SIZE && c::MSIX_ENTRY_ADDR_LO == PCI_MSIX_ENTRY_LOWER_ADDR);
static_assert(c::MSIX_ENTRY_ADDR_HI == PCI_MSIX_ENTRY_UPPER_ADDR && c::MSIX_ENTRY_DATA == PCI_MSIX_ENTRY_DATA);
static_assert(c::MSIX_ENTRY_CONTROL == PCI_MSIX_ENTRY_VECTOR_CTRL &&
              c::MSIX_ENTRY_MASKED == PCI_MSIX_ENTRY_CTRL_MASKBIT);
static_assert(c::EXP_CAPABILITIES == PCI_EXP_FLAGS && c::EXP_DEVICE_CAP == PCI_EXP_DEVCAP);
static_assert(c::EXP_DEVICE_CTRL == PCI_EXP_DEVCTL && c::EXP_DEVICE_STATUS == PCI_EXP_DEVSTA);
static_assert(c::EXP_LINK_CAP == PCI_EXP_LNKCAP && c::EXP_LINK_CTRL == PCI_EXP_LNKCTL);
static_assert(c::EXP_LINK_STATUS == PCI_EXP_LNKSTA && c::EXP_DEVICE_CAP2 == PCI_EXP_DEVCAP2);
static_assert(c::EXP_DEVICE_CTRL2 == PCI_EXP_DEVCTL2 && c::EXP_LINK_CAP2 == PCI_EXP_LNKCAP2);
static_assert(c::EXP_LINK_CTRL2 == PCI_EXP_LNKCTL2);
static_assert(c::EXP_DEVCAP_EXT_TAG == PCI_EXP_DEVCAP_EXT_TAG && c::EXP_DEVCAP_RBER == PCI_EXP_DEVCAP_RBER);
static_assert(c::EXP_DEVCAP_FLR == PCI_EXP_DEVCAP_FLR && c::EXP_DEVCTRL_EXT_TAG == PCI_EXP_DEVCTL_EXT_TAG);
static_assert(c::EXP_DEVCTRL_FLR == PCI_EXP_DEVCTL_BCR_FLR);
