// SPDX-License-Identifier: Apache-2.0
// The register bus inside the NIC: one master, 32 bit, one access in flight.
//
// valid/ready carry a req_t; the slave answers with one rsp_valid cycle (reads and writes alike).
`default_nettype none

package reg_pkg;

  typedef struct packed {
    logic        write;
    logic [15:0] addr;   // byte offset in BAR 0, DW aligned
    logic [3:0]  be;
    logic [31:0] wdata;
  } req_t;

endpackage

`default_nettype wire
