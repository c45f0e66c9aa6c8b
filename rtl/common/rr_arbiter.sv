// SPDX-License-Identifier: Apache-2.0
// A round-robin arbiter whose grant is locked until its owner is done.
//
// req_i -> grant_o in the same cycle (one-hot, or 0 when nobody asks). A grant stays, whatever the
// requests do, until a cycle with advance_i, which may be its first; then the turn passes to the next
// requester above it. Whoever keeps asking waits for at most N - 1 others.
// Place: DMA clients, TLP classes.
`include "assert.svh"
`default_nettype none

module rr_arbiter #(
    parameter int unsigned N = 2
) (
    input  wire          clk_i,
    input  wire          rst_i,
    input  wire  [N-1:0] req_i,
    output logic [N-1:0] grant_o,
    input  wire          advance_i
);

  logic [N-1:0] locked_q;  // the grant that is held, or 0
  logic [N-1:0] above_q;   // those whose turn comes before the wrap-around
  logic [N-1:0] preferred, candidates;

  assign preferred = req_i & above_q;
  assign candidates = (preferred != '0) ? preferred : req_i;
  assign grant_o = (locked_q != '0) ? locked_q : (candidates & (~candidates + 1'b1));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      locked_q <= '0;
      above_q  <= '0;
    end else if (grant_o != '0) begin
      locked_q <= advance_i ? '0 : grant_o;
      if (advance_i) above_q <= ~(grant_o | (grant_o - 1'b1));
    end
  end

  `ASSERT(GrantOneHot_A, (grant_o & (grant_o - 1'b1)) == '0, clk_i, rst_i)
  `ASSERT(GrantWhenAsked_A, req_i == '0 || grant_o != '0, clk_i, rst_i)

endmodule

`default_nettype wire
