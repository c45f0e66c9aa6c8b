// SPDX-License-Identifier: Apache-2.0
// Carries events across clocks without losing one: pulses in the source, a count in the destination.
//
// pulse_i of src_clk_i -> count_o of dst_clk_i: how many events arrived with this edge (0 mostly). The
// running count crosses in Gray code. At most 2^Width - 2 events may fall between two edges of dst_clk_i.
// Both resets have to overlap; pulses during either are lost.
// Place: counters of the MAC domains on their way to the core; constraints/cdc/cdc_count.tcl.
`include "assert.svh"
`default_nettype none

module cdc_count #(
    parameter int unsigned Width = 4
) (
    // source
    input  wire              src_clk_i,
    input  wire              src_rst_i,
    input  wire              pulse_i,
    // destination
    input  wire              dst_clk_i,
    input  wire              dst_rst_i,
    output logic [Width-1:0] count_o
);

  logic [Width-1:0] total_q, total_d, gray_q;

  assign total_d = total_q + 1'b1;

  always_ff @(posedge src_clk_i) begin
    if (src_rst_i) begin
      total_q <= '0;
      gray_q  <= '0;
    end else if (pulse_i) begin
      total_q <= total_d;
      gray_q  <= total_d ^ (total_d >> 1);
    end
  end

  logic [Width-1:0] gray_sync, arrived, seen_q;

  cdc_sync #(.Width(Width)) u_gray (
      .clk_i(dst_clk_i), .rst_i(dst_rst_i), .in_i(gray_q), .out_o(gray_sync));

  // Gray to binary: each bit is the parity of the Gray bits from it upwards.
  for (genvar k = 0; k < Width; k++) begin : g_binary
    assign arrived[k] = ^gray_sync[Width-1:k];
  end

  always_ff @(posedge dst_clk_i) begin
    if (dst_rst_i) begin
      seen_q  <= '0;
      count_o <= '0;
    end else begin
      seen_q  <= arrived;
      count_o <= arrived - seen_q;
    end
  end

  `COVER(Counted_C, count_o != '0, dst_clk_i, dst_rst_i)

endmodule

`default_nettype wire
