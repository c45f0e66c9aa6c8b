// SPDX-License-Identifier: Apache-2.0
// GMII (IEEE 802.3 clause 35): a byte and its two marks at each edge of 125 MHz, in either direction.
`default_nettype none

package gmii_pkg;

  localparam logic [7:0] Preamble = 8'h55;
  localparam logic [7:0] Sfd = 8'hD5;

  typedef struct packed {
    logic       error;  // RX_ER, TX_ER
    logic       valid;  // RX_DV, TX_EN
    logic [7:0] data;
  } word_t;

  localparam int unsigned WordW = 1 + 1 + 8;

endpackage

`default_nettype wire
