// SPDX-License-Identifier: Apache-2.0
// Brings a level from any clock to clk_i through two flip-flops.
//
// in_i has to come from a register; it shows at out_o two edges of clk_i later. With Width > 1 the bits
// arrive independently: only a Gray-coded value, one bit changing at a time, keeps its meaning.
// Place: clock domain crossings; constraints/cdc/cdc_sync.tcl.
`default_nettype none

module cdc_sync #(
    parameter int unsigned Width = 1,
    parameter logic [Width-1:0] ResetValue = '0
) (
    input  wire              clk_i,
    input  wire              rst_i,
    input  wire  [Width-1:0] in_i,
    output logic [Width-1:0] out_o
);

  (* async_reg = "true" *) logic [Width-1:0] meta_q;
  (* async_reg = "true" *) logic [Width-1:0] sync_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      meta_q <= ResetValue;
      sync_q <= ResetValue;
    end else begin
      meta_q <= in_i;
      sync_q <= meta_q;
    end
  end

  assign out_o = sync_q;

endmodule

`default_nettype wire
