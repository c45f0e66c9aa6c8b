// SPDX-License-Identifier: Apache-2.0
// Carries a word across clocks whole, now and then: settings, questions and their answers.
//
// Link of src_clk_i -> out_valid_o (one cycle) and out_o, which keeps the word until the next one; out_o is
// ResetValue before the first. The word rests in a register while a toggle goes over and back: about three
// edges of each clock a word, in_ready_o is low meanwhile. Both resets have to overlap.
// Place: control registers <-> the MAC's clocks; constraints/cdc/cdc_word.tcl.
`include "assert.svh"
`default_nettype none

module cdc_word #(
    parameter int unsigned Width = 8,
    parameter logic [Width-1:0] ResetValue = '0
) (
    // in, src_clk_i
    input  wire              src_clk_i,
    input  wire              src_rst_i,
    input  wire              in_valid_i,
    output logic             in_ready_o,
    input  wire  [Width-1:0] in_i,
    // out, dst_clk_i
    input  wire              dst_clk_i,
    input  wire              dst_rst_i,
    output logic             out_valid_o,
    output logic [Width-1:0] out_o
);

  logic             sent_q, seen_q;  // toggles
  logic             sent_sync, seen_sync;
  logic [Width-1:0] rest_q;

  // ---- source ----
  assign in_ready_o = sent_q == seen_sync;

  always_ff @(posedge src_clk_i) begin
    if (src_rst_i) sent_q <= 1'b0;
    else if (in_valid_i && in_ready_o) sent_q <= !sent_q;
    if (in_valid_i && in_ready_o) rest_q <= in_i;
  end

  cdc_sync u_seen (.clk_i(src_clk_i), .rst_i(src_rst_i), .in_i(seen_q), .out_o(seen_sync));

  // ---- destination ----
  cdc_sync u_sent (.clk_i(dst_clk_i), .rst_i(dst_rst_i), .in_i(sent_q), .out_o(sent_sync));

  always_ff @(posedge dst_clk_i) begin
    if (dst_rst_i) begin
      seen_q      <= 1'b0;
      out_valid_o <= 1'b0;
      out_o       <= ResetValue;
    end else begin
      seen_q      <= sent_sync;
      out_valid_o <= sent_sync != seen_q;
      if (sent_sync != seen_q) out_o <= rest_q;
    end
  end

  `COVER(Arrived_C, out_valid_o, dst_clk_i, dst_rst_i)

endmodule

`default_nettype wire
