/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP by its sockets: datagrams wait in mailboxes until an application reads them, with their sender. */
#include <stdio.h>
#include <stdlib.h>

#include "lwip/sockets.h"
#include "lwip/tcpip.h"
#include "lwip_ring.h"

static struct pollfd sockets[MOST_SOCKETS];
static unsigned opened;

void start_lwip(void) {
  tcpip_init(NULL, NULL);
}

static struct sockaddr_in name(uint32_t address, unsigned port) {
  return (struct sockaddr_in){.sin_len = sizeof(struct sockaddr_in),
                              .sin_family = AF_INET,
                              .sin_port = lwip_htons((u16_t)port),
                              .sin_addr = {lwip_htonl(address)}};
}

static void expect(int holds, const char* what) {
  if (holds) return;
  perror(what);
  exit(5);
}

void open_sockets(unsigned count) {
  for (; opened < count; ++opened) {
    const struct sockaddr_in own = name(INADDR_ANY, FIRST_PORT + opened);
    const int fd = lwip_socket(AF_INET, SOCK_DGRAM, 0);
    expect(fd >= 0, "socket");
    expect(lwip_bind(fd, (const struct sockaddr*)&own, sizeof own) == 0, "bind");
    sockets[opened] = (struct pollfd){.fd = fd, .events = POLLIN};
  }
  if (count == 1) {
    const struct sockaddr_in peer = name(0x0a000002, PEER_PORT);
    expect(lwip_connect(sockets[0].fd, (const struct sockaddr*)&peer, sizeof peer) == 0, "connect");
  }
}

/* False when there is nothing to read. */
static int read_one(int fd) {
  struct sockaddr_in sender;
  socklen_t length = sizeof sender;
  const ssize_t bytes = lwip_recvfrom(fd, application, BUFFER, MSG_DONTWAIT, (struct sockaddr*)&sender, &length);
  received += bytes == payload_bytes;
  return bytes >= 0;
}

static void read_ready(void) {
  int ready = lwip_poll(sockets, opened, -1);
  for (const struct pollfd* socket = sockets; ready > 0; ++socket) {
    if (socket->revents == 0) continue;
    read_one(socket->fd);
    --ready;
  }
}

void read_sockets(void) {
  if (opened > 1) {
    read_ready();
  } else {
    while (read_one(sockets[0].fd)) continue;
  }
}

void send_burst(void) {
  for (unsigned i = 0; i < BURST; ++i) {
    if (lwip_sendto(sockets[0].fd, application, payload_bytes, 0, NULL, 0) == payload_bytes) ++sent;
  }
}
