/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP at its fastest for datagrams: no threads, no TCP, no statistics, no assertions, big pools.
 * LWIP_BY_SOCKETS: with its sockets, without locks, because one thread only runs. */
#pragma once

#ifdef LWIP_BY_SOCKETS
#define NO_SYS 0
#define LWIP_SOCKET 1
#define LWIP_NETCONN 1
#define LWIP_TCPIP_CORE_LOCKING 1
#define LOCK_TCPIP_CORE()
#define UNLOCK_TCPIP_CORE()
#define LWIP_COMPAT_SOCKETS 0
#define LWIP_SOCKET_SELECT 0
#define LWIP_SOCKET_POLL 1
#define LWIP_NETIF_TX_SINGLE_PBUF 1 /* the ring keeps what is sent, not the sender's buffer */
#define DEFAULT_UDP_RECVMBOX_SIZE 128 /* a power of two, more than a burst */
#define MEMP_NUM_NETCONN 1000
#define MEMP_NUM_NETBUF 1024
#define LWIP_ERRNO_STDINCLUDE
#else
#define NO_SYS 1
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#endif

#define SYS_LIGHTWEIGHT_PROT 0
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
