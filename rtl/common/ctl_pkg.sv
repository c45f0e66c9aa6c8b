// SPDX-License-Identifier: Apache-2.0
// The control bus: how filters, RSS, coalescing, rate limits, MAC features and statistics are reached.
//
// One master, whoever that is; 32-bit words; one access in flight. valid/ready carry a req_t; the slave
// answers with one rsp_valid cycle, reads and writes alike, within 256 cycles. The address is the offset in
// the slave's own window (contract_pkg::CTL_*): a slave knows neither its place nor its master.
`default_nettype none

package ctl_pkg;

  typedef struct packed {
    logic        write;
    logic [11:0] addr;   // byte offset in the slave's window, DW aligned
    logic [31:0] wdata;
  } req_t;

  localparam int unsigned ReqW = 1 + 12 + 32;

endpackage

`default_nettype wire
