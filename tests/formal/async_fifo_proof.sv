// SPDX-License-Identifier: Apache-2.0
// Proof of async_fifo: order and no loss for any two clocks, with synchronizers that may miss a change.
//
// Both clocks are free inputs: every ratio, phase and jitter is among what is checked. The words are
// numbered by the environment, so "the right word" is "the next number".
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module async_fifo_proof (
    input wire wr_clk_i,
    input wire rd_clk_i,
    input wire in_valid_i,
    input wire out_ready_i
);

  `PROOF_RESET_TWO(wr_clk_i, wr_rst, rd_clk_i, rd_rst)

  logic in_ready, out_valid;
  logic [2:0] in_q, out, out_q, inside;

  async_fifo #(.Width(3), .Depth(4)) u_leaf (
      .wr_clk_i, .wr_rst_i(wr_rst), .in_valid_i, .in_ready_o(in_ready), .in_i(in_q),
      .rd_clk_i, .rd_rst_i(rd_rst), .out_valid_o(out_valid), .out_ready_i, .out_o(out));

  always_ff @(posedge wr_clk_i) begin
    if (wr_rst) in_q <= '0;
    else if (in_valid_i && in_ready) in_q <= in_q + 1'b1;
  end

  always_ff @(posedge rd_clk_i) begin
    if (rd_rst) out_q <= '0;
    else if (out_valid && out_ready_i) out_q <= out_q + 1'b1;
  end

  assign inside = in_q - out_q;

  `ASSERT(NeverOverfull_A, inside <= 3'd5, wr_clk_i, wr_rst)
  `ASSERT(NothingMadeUp_A, !out_valid || inside != '0, rd_clk_i, rd_rst)
  `ASSERT(InOrder_A, !out_valid || out == out_q, rd_clk_i, rd_rst)

  `COVER(WordArrives_C, out_valid && out_q == 3'd1, rd_clk_i, rd_rst)

endmodule

`default_nettype wire
