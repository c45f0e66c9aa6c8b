// SPDX-License-Identifier: Apache-2.0
// Proof of cdc_count: every pulse is counted once, within five edges of the destination's clock.
//
// Both clocks are free inputs; the environment keeps the stated limit of pulses between two edges.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module cdc_count_proof (
    input wire src_clk_i,
    input wire dst_clk_i,
    input wire pulse_i
);

  `PROOF_RESET_TWO(src_clk_i, src_rst, dst_clk_i, dst_rst)

  logic [1:0] count;
  logic pulse;

  cdc_count #(.Width(2)) u_leaf (
      .src_clk_i, .src_rst_i(src_rst), .pulse_i(pulse),
      .dst_clk_i, .dst_rst_i(dst_rst), .count_o(count));

  logic [3:0] sent_q, counted_q, sent_at_dst_q, sent_at_dst_q2, sent_at_dst_q3;
  logic [3:0] sent_at_dst_q4, sent_at_dst_q5;
  logic [3:0] since_edge;

  // At most 2^Width - 2 pulses between two edges of the destination.
  assign since_edge = sent_q - sent_at_dst_q;
  assign pulse = pulse_i && since_edge < 4'd2 && !dst_rst;

  always_ff @(posedge src_clk_i) begin
    if (src_rst) sent_q <= '0;
    else if (pulse) sent_q <= sent_q + 1'b1;
  end

  always_ff @(posedge dst_clk_i) begin
    if (dst_rst) begin
      counted_q      <= '0;
      sent_at_dst_q  <= '0;
      sent_at_dst_q2 <= '0;
      sent_at_dst_q3 <= '0;
      sent_at_dst_q4 <= '0;
      sent_at_dst_q5 <= '0;
    end else begin
      counted_q      <= counted_q + 4'(count);
      sent_at_dst_q  <= sent_q;
      sent_at_dst_q2 <= sent_at_dst_q;
      sent_at_dst_q3 <= sent_at_dst_q2;
      sent_at_dst_q4 <= sent_at_dst_q3;
      sent_at_dst_q5 <= sent_at_dst_q4;
    end
  end

  // Modulo 16: not more than was sent, not less than was sent five edges ago (one edge may be missed).
  logic [3:0] missing, young;
  assign missing = sent_q - counted_q;
  assign young = sent_q - sent_at_dst_q5;

  `ASSERT(CountedOnceInTime_A, missing <= young, dst_clk_i, dst_rst)

  `COVER(ThreeAtOnce_C, count == 2'd3, dst_clk_i, dst_rst)

endmodule

`default_nettype wire
