// SPDX-License-Identifier: Apache-2.0
// Journey events of the NIC: one-cycle pulses that tell where each frame is, for observation only.
`default_nettype none

package nic_pkg;

  // mac_rx_clk domain
  typedef struct packed {
    logic rx_start;  // start control character seen
    logic rx_end;    // last beat left the FCS check
  } mac_rx_events_t;

  // core_clk domain, in frame order; what becomes of a transmit buffer behind tx_commit stands first,
  // and what coalescing does before that
  typedef struct packed {
    logic       rx_held;       // a frame waits in receive coalescing: others may overtake it
    logic       rx_merged;     // a frame became part of an earlier one
    logic       tx_made;       // a frame of a committed buffer is on its way to the MAC
    logic       tx_extra;      // ... and not the first one of its buffer
    logic       tx_refused;    // a committed buffer was dropped: an offload that cannot be done
    logic       rx_commit;     // a good frame is whole in the packet buffer
    logic       rx_drop;       // the packet buffer dropped a frame
    logic       rx_read;       // the receive engine took a frame
    logic       rx_engine_drop;  // ... and dropped it (not ready, too small, reset)
    logic       rx_dma_done;   // its last payload write was handed to the link
    logic [3:0] rx_used;       // used entries handed to the link this cycle
    logic       rx_irq;        // MSI-X message of queue 0 handed to the link
    logic       tx_doorbell;   // doorbell of queue 1
    logic       tx_chain;      // the transmit engine took a chain
    logic       tx_commit;     // it is whole in the packet buffer
    logic       tx_drop;       // it was dropped before that
    logic [3:0] tx_used;
    logic       tx_irq;
  } core_events_t;

  // mac_tx_clk domain
  typedef struct packed {
    logic tx_start;  // start control character sent
    logic tx_end;    // terminate sent
  } mac_tx_events_t;

endpackage

`default_nettype wire
