// SPDX-License-Identifier: Apache-2.0
// Stands in for rtl/common/cdc_sync.sv in proofs with two clocks: each bit that changes near the edge may
// arrive or miss it, on its own. A value that is not Gray-coded does not survive this.
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

  logic [Width-1:0] before_q;  // the input one instant ago
  always @($global_clock) before_q <= in_i;

  (* anyseq *) logic [Width-1:0] missed;
  logic [Width-1:0] meta_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      meta_q <= ResetValue;
      out_o  <= ResetValue;
    end else begin
      meta_q <= (before_q & missed) | (in_i & ~missed);
      out_o  <= meta_q;
    end
  end

endmodule

`default_nettype wire
