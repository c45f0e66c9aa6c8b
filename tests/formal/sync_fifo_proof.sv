// SPDX-License-Identifier: Apache-2.0
// Proof of sync_fifo: order, no loss, exact level, and that it holds Depth words.
//
// The words are numbered by the environment, so "the right word" is "the next number".
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module sync_fifo_proof #(
    parameter int unsigned Depth = 4
) (
    input wire clk_i,
    input wire in_valid_i,
    input wire out_ready_i
);

  localparam int unsigned LevelW = $clog2(Depth + 1);

  `PROOF_RESET(clk_i, rst)

  logic in_ready, out_valid;
  logic [3:0] in_q, out, out_q, inside;
  logic [LevelW-1:0] level;

  sync_fifo #(.Width(4), .Depth(Depth)) u_leaf (
      .clk_i, .rst_i(rst), .in_valid_i, .in_ready_o(in_ready), .in_i(in_q),
      .out_valid_o(out_valid), .out_ready_i, .out_o(out), .level_o(level));

  logic waited_q;  // something was inside one cycle ago

  always_ff @(posedge clk_i) begin
    if (rst) begin
      in_q     <= '0;
      out_q    <= '0;
      waited_q <= 1'b0;
    end else begin
      if (in_valid_i && in_ready) in_q <= in_q + 1'b1;
      if (out_valid && out_ready_i) out_q <= out_q + 1'b1;
      waited_q <= inside != '0 && !out_valid;
    end
  end

  assign inside = in_q - out_q;

  `ASSERT(NeverOverfull_A, inside <= 4'(Depth), clk_i, rst)
  `ASSERT(LevelExact_A, 4'(level) == inside, clk_i, rst)
  `ASSERT(ReadyUnlessFull_A, in_ready == (inside != 4'(Depth)), clk_i, rst)
  `ASSERT(NothingMadeUp_A, !out_valid || inside != '0, clk_i, rst)
  `ASSERT(InOrder_A, !out_valid || out == out_q, clk_i, rst)
  `ASSERT(ShowsWithinTwoCycles_A, !waited_q || out_valid, clk_i, rst)

  `COVER(FilledThenEmptied_C, in_q == 4'(Depth + 2) && inside == '0, clk_i, rst)

endmodule

`default_nettype wire
