/* SPDX-License-Identifier: Apache-2.0 */
/* lwip_raw CASE BURSTS, lwip_sockets CASE BURSTS: lwIP's side of `cosnic bench stack`, the same work over rings of the
 * same size. Prints {"packets": N, "ns_per_packet": X}, the median over bursts. */
#include "lwip_ring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lwip/etharp.h"
#include "lwip/netif.h"
#include "netif/ethernet.h"

enum { RING = 256, HEADERS = 42, WARM_UP = 200, ROUTES = 10000 };

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
static int sends, forwards; /* what the case does, if not receiving */

uint8_t application[BUFFER];
unsigned payload_bytes;
unsigned long received, sent;

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

static inline __attribute__((always_inline)) void work(void) {
  if (sends) {
    send_burst();
  } else {
    poll_ring();
    read_sockets();
    reclaim();
  }
}

/* What callgrind counts. */
__attribute__((noinline)) void lwip_stack_measured(void) {
  work();
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
  put16(frame + 34, PEER_PORT);
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

static void configure(int offload) {
  ip4_addr_t address, mask, gateway;
  start_lwip();
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
  if (offload) {
    const unsigned by_device = NETIF_CHECKSUM_CHECK_UDP | NETIF_CHECKSUM_GEN_UDP;
    NETIF_SET_CHECKSUM_CTRL(&in, NETIF_CHECKSUM_ENABLE_ALL & ~by_device);
  }
}

/* --- one case --- */

static uint8_t (*frames)[BUFFER];
static unsigned variants, frame_bytes;

static void build_frames(void) {
  frames = malloc((size_t)variants * BUFFER);
  for (unsigned i = 0; i < variants; ++i) {
    frame_bytes =
        forwards ? build(frames[i], 0x14000001u + (i << 8), 9) : build(frames[i], 0x0a000001u, FIRST_PORT + i);
  }
}

static void start(const char* name) {
  sends = strstr(name, "_tx") != NULL;
  forwards = strstr(name, "forward") != NULL;
  const unsigned count = strstr(name, "1000_sockets") ? MOST_SOCKETS : 1;
  payload_bytes = strstr(name, "1472") ? 1472 : 64;
  configure(strstr(name, "offload") != NULL);
  if (!forwards) open_sockets(count);
  tx_device = tx_driver; /* what announced the interfaces */
  reclaim();
  tx_driver = tx_device = tx_free = 0;
  variants = forwards ? ROUTES : count;
  build_frames();
}

static void offer(void) {
  static unsigned next;
  for (unsigned i = 0; i < BURST && !sends; ++i) {
    struct slot* slot = &rx_ring[rx_device++ % RING];
    next = (next + 617) % variants;
    memcpy(slot->bytes, frames[next], frame_bytes);
    slot->length = (uint16_t)frame_bytes;
  }
}

static void check(const char* what, unsigned long packets, unsigned long expected) {
  if (packets == expected) return;
  fprintf(stderr, "%lu packets were %s, not %lu\n", packets, what, expected);
  exit(3);
}

static void finish(unsigned long packets) {
  if (sends) check("sent", sent, packets);
  if (sends || forwards) {
    check("put into the ring", tx_driver, packets);
  } else {
    check("received", received, packets);
  }
  tx_device = tx_driver; /* the wire takes all */
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const unsigned bursts = (unsigned)atoi(argv[2]);
  double* times = malloc(bursts * sizeof *times);
  start(argv[1]);
  for (unsigned burst = 0; burst < bursts + WARM_UP; ++burst) {
    offer();
    const double begin = now_ns();
    if (burst < WARM_UP) {
      work();
    } else {
      lwip_stack_measured();
    }
    const double spent = now_ns() - begin;
    if (burst >= WARM_UP) times[burst - WARM_UP] = spent / BURST;
    finish((burst + 1) * BURST);
  }
  qsort(times, bursts, sizeof *times, compare);
  printf("{\"packets\": %u, \"ns_per_packet\": %.3f}\n", bursts * BURST, times[bursts / 2]);
  return 0;
}
