/* SPDX-License-Identifier: Apache-2.0 */
/* What the ways to use lwIP share, of lwip_ring.c, and what each of them brings. */
#pragma once

#include <stdint.h>

enum { BURST = 64, BUFFER = 2048, MOST_SOCKETS = 1000, FIRST_PORT = 10000, PEER_PORT = 1234 };

extern uint8_t application[BUFFER]; /* the one buffer that applications read into and send from */
extern unsigned payload_bytes;
extern unsigned long received, sent; /* datagrams that are where they should be, and whole */

/* --- by lwip_raw.c or lwip_sockets.c --- */

void start_lwip(void);
/* With ports from FIRST_PORT; one alone is connected with 10.0.0.2:PEER_PORT. */
void open_sockets(unsigned count);
/* What came for them is read. */
void read_sockets(void);
/* From the first of them to its peer. */
void send_burst(void);
