/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP at its fastest for datagrams: no threads, no TCP, no statistics, no assertions, big pools. */
#pragma once

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define LWIP_TCP 0
#define LWIP_UDP 1
#define LWIP_ARP 1
#define LWIP_ICMP 1
#define LWIP_IPV4 1
#define LWIP_IPV6 0
#define LWIP_STATS 0
#define LWIP_NOASSERT 1
#define IP_FORWARD 1
#define IP_REASSEMBLY 0
#define MEM_ALIGNMENT 8
#define MEM_SIZE (4 * 1024 * 1024)
#define MEMP_NUM_UDP_PCB 1100
#define MEMP_NUM_PBUF 1024
#define PBUF_POOL_SIZE 64
#define ETHARP_SUPPORT_STATIC_ENTRIES 1
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1
#define LWIP_SUPPORT_CUSTOM_PBUF 1
#define LWIP_TIMERS 0
