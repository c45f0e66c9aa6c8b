// SPDX-License-Identifier: Apache-2.0
// What the receive path knows about a frame besides its bytes.
`default_nettype none

package rx_pkg;

  // Travels with a frame's last beat into the packet buffer and with its length out of it.
  typedef struct packed {
    logic        drop;         // a filter refused the frame
    logic  [5:0] pair;         // queue pair it goes to
    logic [31:0] hash;
    logic  [3:0] hash_report;  // virtio 5.1.6.4: VIRTIO_NET_HASH_REPORT_*
    logic  [7:0] flags;        // virtio_net_hdr: DATA_VALID, RSC_INFO
    logic  [7:0] gso_type;
    logic [15:0] hdr_len;
    logic [15:0] gso_size;
    logic [15:0] csum_start;   // RSC_INFO: coalesced segments
    logic [15:0] csum_offset;  // RSC_INFO: duplicated ACKs
  } meta_t;

  localparam int unsigned MetaW = 1 + 6 + 32 + 4 + 8 + 8 + 4 * 16;

endpackage

`default_nettype wire
