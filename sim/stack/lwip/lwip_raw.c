/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP by its raw interface: calls of the application by the stack, no socket. */
#include "lwip/init.h"
#include "lwip/udp.h"
#include "lwip_ring.h"

static struct udp_pcb* sockets[MOST_SOCKETS];

void start_lwip(void) {
  lwip_init();
}

static void on_datagram(void* argument, struct udp_pcb* pcb, struct pbuf* p, const ip_addr_t* from, u16_t port) {
  (void)argument, (void)pcb, (void)from, (void)port;
  pbuf_copy_partial(p, application, p->tot_len, 0);
  pbuf_free(p);
  ++received;
}

void open_sockets(unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    sockets[i] = udp_new();
    udp_bind(sockets[i], IP_ADDR_ANY, (u16_t)(FIRST_PORT + i));
    udp_recv(sockets[i], on_datagram, NULL);
  }
  if (count == 1) {
    ip_addr_t to;
    IP_ADDR4(&to, 10, 0, 0, 2);
    udp_connect(sockets[0], &to, PEER_PORT);
  }
}

/* Each was read when it came. */
void read_sockets(void) {}

void send_burst(void) {
  for (unsigned i = 0; i < BURST; ++i) {
    struct pbuf* p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)payload_bytes, PBUF_RAM);
    pbuf_take(p, application, (u16_t)payload_bytes);
    if (udp_send(sockets[0], p) == ERR_OK) ++sent;
    pbuf_free(p);
  }
}
