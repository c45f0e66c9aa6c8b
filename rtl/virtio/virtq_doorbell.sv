// SPDX-License-Identifier: Apache-2.0
// Remembers that the driver kicked: a doorbell that rings while the queue is busy is never lost.
//
// ring_i sets the latch, taken_i (a descriptor read is on its way, which will see whatever the driver
// made available before the kick) clears it; a kick in that very cycle stays for the next read.
// Place: virtio_notify -> this -> virtq_desc_fetch.
`include "assert.svh"
`default_nettype none

module virtq_doorbell (
    input  wire  clk_i,
    input  wire  rst_i,
    input  wire  ring_i,
    input  wire  taken_i,
    output logic pending_o
);

  always_ff @(posedge clk_i) begin
    if (rst_i) pending_o <= 1'b0;
    else if (ring_i || taken_i) pending_o <= ring_i;
  end

`ifndef SYNTHESIS
  logic rang_q;
  always_ff @(posedge clk_i) rang_q <= ring_i && !rst_i;
  `ASSERT(KickRemembered_A, !rang_q || pending_o, clk_i, rst_i)
`endif

endmodule

`default_nettype wire
