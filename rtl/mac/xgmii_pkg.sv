// SPDX-License-Identifier: Apache-2.0
// XGMII on 64 bits (IEEE 802.3 clause 46): lane 0 is data[7:0], control[0].
`default_nettype none

package xgmii_pkg;

  localparam logic [7:0] Idle = 8'h07;
  localparam logic [7:0] Start = 8'hFB;
  localparam logic [7:0] Terminate = 8'hFD;
  localparam logic [7:0] Error = 8'hFE;
  localparam logic [7:0] Sequence = 8'h9C;
  localparam logic [7:0] Preamble = 8'h55;
  localparam logic [7:0] Sfd = 8'hD5;

  typedef struct packed {
    logic [7:0]  ctrl;
    logic [63:0] data;
  } word_t;

endpackage

`default_nettype wire
