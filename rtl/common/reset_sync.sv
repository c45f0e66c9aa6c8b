// SPDX-License-Identifier: Apache-2.0
// Makes a reset of clk_i's domain from one of any origin: on at once, off on an edge of clk_i.
//
// rst_async_i asserts rst_o without a clock; after it falls, rst_o falls with the third edge of clk_i,
// so every register of the domain leaves reset in the same cycle.
// Place: once for each clock domain of a board top; constraints/cdc/reset_sync.tcl.
`default_nettype none

module reset_sync (
    input  wire  clk_i,
    input  wire  rst_async_i,
    output logic rst_o
);

  (* async_reg = "true" *) logic [2:0] stage_q;

  always_ff @(posedge clk_i or posedge rst_async_i) begin
    if (rst_async_i) stage_q <= 3'b111;
    else stage_q <= {stage_q[1:0], 1'b0};
  end

  assign rst_o = stage_q[2];

endmodule

`default_nettype wire
