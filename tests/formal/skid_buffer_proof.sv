// SPDX-License-Identifier: Apache-2.0
// Proof of skid_buffer: words leave in the order in which they came, none lost, none made up.
//
// The words are numbered by the environment, so "the right word" is "the next number".
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module skid_buffer_proof (
    input wire clk_i,
    input wire in_valid_i,
    input wire out_ready_i
);

  `PROOF_RESET(clk_i, rst)

  logic in_ready, out_valid;
  logic [2:0] in_q, out, out_q;

  skid_buffer #(.Width(3)) u_leaf (
      .clk_i, .rst_i(rst), .in_valid_i, .in_ready_o(in_ready), .in_i(in_q),
      .out_valid_o(out_valid), .out_ready_i, .out_o(out));

  always_ff @(posedge clk_i) begin
    if (rst) begin
      in_q  <= '0;
      out_q <= '0;
    end else begin
      if (in_valid_i && in_ready) in_q <= in_q + 1'b1;
      if (out_valid && out_ready_i) out_q <= out_q + 1'b1;
    end
  end

  logic [2:0] inside;
  assign inside = in_q - out_q;

  `ASSERT(AtMostTwoInside_A, inside <= 3'd2, clk_i, rst)
  `ASSERT(ValidMeansSomething_A, out_valid == (inside != 3'd0), clk_i, rst)
  `ASSERT(ReadyUnlessFull_A, in_ready == (inside != 3'd2), clk_i, rst)
  `ASSERT(InOrder_A, !out_valid || out == out_q, clk_i, rst)

  `COVER(FullThenEmptied_C, in_q == 3'd4 && inside == 3'd0, clk_i, rst)

endmodule

`default_nettype wire
