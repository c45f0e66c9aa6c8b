// SPDX-License-Identifier: Apache-2.0
// Proof of cdc_word: every word that was taken arrives once, whole and in order.
//
// Both clocks are free inputs. Words are numbered.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module cdc_word_proof (
    input wire src_clk_i,
    input wire dst_clk_i,
    input wire in_valid_i
);

  `PROOF_RESET_TWO(src_clk_i, src_rst, dst_clk_i, dst_rst)

  logic ready, arrives;
  logic [2:0] next_q, word, arrived_q;

  cdc_word #(.Width(3)) u_leaf (
      .src_clk_i, .src_rst_i(src_rst),
      .in_valid_i(in_valid_i && !src_rst && !dst_rst), .in_ready_o(ready), .in_i(next_q),
      .dst_clk_i, .dst_rst_i(dst_rst), .out_valid_o(arrives), .out_o(word));

  always_ff @(posedge src_clk_i) begin
    if (src_rst) next_q <= 3'd1;
    else if (in_valid_i && ready && !dst_rst) next_q <= next_q + 1'b1;
  end

  always_ff @(posedge dst_clk_i) begin
    if (dst_rst) arrived_q <= '0;
    else if (arrives) arrived_q <= word;
  end

  `ASSERT(NextWordAndNoOther_A, !arrives || word == arrived_q + 3'd1, dst_clk_i, dst_rst)
  `ASSERT(WordStays_A, arrives || word == arrived_q, dst_clk_i, dst_rst)
  logic [2:0] under_way;
  assign under_way = next_q - 3'd1 - (arrives ? word : arrived_q);
  `ASSERT(OneUnderWay_A, under_way <= 3'd1, src_clk_i, src_rst)

  `COVER(TwoWords_C, arrives && word == 3'd2, dst_clk_i, dst_rst)

endmodule

`default_nettype wire
