/* SPDX-License-Identifier: Apache-2.0 */
/* lwip_stack CASE BURSTS: lwIP's side of `cosnic bench stack`, the same work over rings of the same size.
 * Prints {"packets": N, "ns_per_packet": X}, the median over bursts. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/udp.h"
#include "netif/ethernet.h"

enum { RING = 256, BURST = 64, BUFFER = 2048, HEADERS = 42, WARM_UP = 200, MOST_SOCKETS = 1000, ROUTES = 10000 };

/* A receive buffer; the payload lies behind its pbuf, so that headers may be put in front when it is sent on. */
struct slot {
  struct pbuf_custom custom;
  uint8_t bytes[BUFFER];
  uint16_t length; /* 0: empty */
};

static struct slot rx_ring[RING];
static unsigned rx_device, rx_driver;
static struct pbuf* tx_ring[RING];
static unsigned tx_driver, tx_device, tx_free;
static struct netif in, out;
static struct udp_pcb* sockets[MOST_SOCKETS];
static uint8_t application[BUFFER];
static unsigned long received, sent;
static unsigned payload_bytes;

/* --- the driver's side of the rings --- */

static void slot_free(struct pbuf* p) {
  ((struct slot*)p)->length = 0;
}

static void reclaim(void) {
  while (tx_free != tx_device) pbuf_free(tx_ring[tx_free++ % RING]);
}

static err_t transmit(struct netif* netif, struct pbuf* p) {
  (void)netif;
  reclaim();
  if (tx_driver - tx_free == RING) return ERR_MEM;
  pbuf_ref(p);
  tx_ring[tx_driver++ % RING] = p;
  return ERR_OK;
}

static err_t set_up(struct netif* netif) {
  netif->hwaddr_len = 6;
  memset(netif->hwaddr, 0, 6);
  netif->hwaddr[0] = 2;
  netif->hwaddr[5] = (u8_t)(uintptr_t)netif->state;
  netif->mtu = 1500;
  netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_LINK_UP;
  netif->output = etharp_output;
  netif->linkoutput = transmit;
  return ERR_OK;
}

static void poll_ring(void) {
  for (;;) {
    struct slot* slot = &rx_ring[rx_driver % RING];
    if (rx_driver == rx_device) return;
    ++rx_driver;
    slot->custom.custom_free_function = slot_free;
    struct pbuf* p = pbuf_alloced_custom(PBUF_RAW, slot->length, PBUF_RAM, &slot->custom, slot->bytes, BUFFER);
    if (in.input(p, &in) != ERR_OK) pbuf_free(p);
  }
}

/* --- applications --- */

static void on_datagram(void* argument, struct udp_pcb* pcb, struct pbuf* p, const ip_addr_t* from, u16_t port) {
  (void)argument, (void)pcb, (void)from, (void)port;
  pbuf_copy_partial(p, application, p->tot_len, 0);
  pbuf_free(p);
  ++received;
}

static void send_burst(void) {
  for (unsigned i = 0; i < BURST; ++i) {
    struct pbuf* p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)payload_bytes, PBUF_RAM);
    pbuf_take(p, application, (u16_t)payload_bytes);
    if (udp_send(sockets[0], p) == ERR_OK) ++sent;
    pbuf_free(p);
  }
}

/* What callgrind counts. */
__attribute__((noinline)) void lwip_stack_measured(int sends) {
  if (sends) {
    send_burst();
  } else {
    poll_ring();
    reclaim();
  }
}

/* --- the device's side, and the wire --- */

static void put16(uint8_t* at, unsigned value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

static unsigned sum(const uint8_t* at, unsigned bytes, unsigned start) {
  for (unsigned i = 0; i < bytes; ++i) start += i % 2 ? at[i] : at[i] << 8;
  while (start >> 16) start = (start & 0xffff) + (start >> 16);
  return start;
}

/* Ethernet, IPv4, UDP: 10.0.0.2 to `destination`. */
static unsigned build(uint8_t* frame, uint32_t destination, unsigned port) {
  static const uint8_t start[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 8, 0, 0x45, 0};
  const unsigned length = payload_bytes + 28;
  memset(frame, 0, HEADERS);
  memcpy(frame, start, sizeof start);
  put16(frame + 16, length);
  frame[22] = 64;
  frame[23] = 17;
  put16(frame + 26, 0x0a00);
  put16(frame + 28, 2);
  put16(frame + 30, destination >> 16);
  put16(frame + 32, destination & 0xffff);
  put16(frame + 24, ~sum(frame + 14, 20, 0) & 0xffff);
  put16(frame + 34, 1234);
  put16(frame + 36, port);
  put16(frame + 38, length - 20);
  for (unsigned i = 0; i < payload_bytes; ++i) frame[HEADERS + i] = (uint8_t)i;
  put16(frame + 40, ~sum(frame + 34, length - 20, sum(frame + 26, 8, 17 + length - 20)) & 0xffff);
  return HEADERS + payload_bytes;
}

static int compare(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return x < y ? -1 : x > y;
}

static double now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

static void configure(unsigned count, int forwards, int offload) {
  ip4_addr_t address, mask, gateway;
  lwip_init();
  IP4_ADDR(&address, 10, 0, 0, 1);
  IP4_ADDR(&mask, 255, 255, 255, 0);
  IP4_ADDR(&gateway, 0, 0, 0, 0);
  netif_add(&in, &address, &mask, &gateway, (void*)1, set_up, ethernet_input);
  netif_set_up(&in);
  IP4_ADDR(&address, 192, 168, 1, 1);
  IP4_ADDR(&gateway, 192, 168, 1, 2);
  netif_add(&out, &address, &mask, &gateway, (void*)2, set_up, ethernet_input);
  netif_set_up(&out);
  netif_set_default(&out);
  struct eth_addr peer = {{2, 0, 0, 0, 0, 9}};
  ip4_addr_t sender;
  IP4_ADDR(&sender, 10, 0, 0, 2);
  etharp_add_static_entry(&sender, &peer);
  etharp_add_static_entry(&gateway, &peer);
  if (offload) NETIF_SET_CHECKSUM_CTRL(&in, NETIF_CHECKSUM_ENABLE_ALL & ~(NETIF_CHECKSUM_CHECK_UDP | NETIF_CHECKSUM_GEN_UDP));
  for (unsigned i = 0; i < count && !forwards; ++i) {
    sockets[i] = udp_new();
    udp_bind(sockets[i], IP_ADDR_ANY, (u16_t)(10000 + i));
    udp_recv(sockets[i], on_datagram, NULL);
  }
  if (sockets[0] && count == 1) {
    ip_addr_t to;
    IP_ADDR4(&to, 10, 0, 0, 2);
    udp_connect(sockets[0], &to, 1234);
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const char* name = argv[1];
  const unsigned bursts = (unsigned)atoi(argv[2]);
  const int sends = strstr(name, "_tx") != NULL, forwards = strstr(name, "forward") != NULL;
  const int offload = strstr(name, "offload") != NULL;
  const unsigned count = strstr(name, "1000_sockets") ? MOST_SOCKETS : 1;
  payload_bytes = strstr(name, "1472") ? 1472 : 64;
  configure(count, forwards, offload);
  tx_device = tx_driver; /* what announced the interfaces */
  reclaim();
  tx_driver = tx_device = tx_free = 0;

  const unsigned variants = forwards ? ROUTES : count;
  uint8_t(*frames)[BUFFER] = malloc((size_t)variants * BUFFER);
  double* times = malloc(bursts * sizeof *times);
  unsigned length = 0, next = 0;
  for (unsigned i = 0; i < variants; ++i) {
    length = forwards ? build(frames[i], 0x14000001u + (i << 8), 9) : build(frames[i], 0x0a000001u, 10000 + i);
  }
  for (unsigned burst = 0; burst < bursts + WARM_UP; ++burst) {
    for (unsigned i = 0; i < BURST && !sends; ++i) {
      struct slot* slot = &rx_ring[rx_device++ % RING];
      next = (next + 617) % variants;
      memcpy(slot->bytes, frames[next], length);
      slot->length = (uint16_t)length;
    }
    const double begin = now_ns();
    if (burst >= WARM_UP) {
      lwip_stack_measured(sends);
    } else if (sends) {
      send_burst();
    } else {
      poll_ring();
    }
    double spent = now_ns() - begin;
    if (!sends && !forwards) {
      if (received != (unsigned long)(burst + 1) * BURST) return 3;
    } else if (tx_driver != (burst + 1) * BURST) {
      fprintf(stderr, "%u frames were sent, not %u\n", tx_driver, (burst + 1) * BURST);
      return 4;
    }
    tx_device = tx_driver; /* the wire takes all */
    if (burst >= WARM_UP) times[burst - WARM_UP] = spent / BURST;
  }
  qsort(times, bursts, sizeof *times, compare);
  printf("{\"packets\": %u, \"ns_per_packet\": %.3f}\n", bursts * BURST, times[bursts / 2]);
  return 0;
}
