// SPDX-License-Identifier: Apache-2.0
// Delays a word by a fixed number of cycles, in registers.
//
// Word -> the same word, Cycles later; Cycles = 0 is a wire. Not reset: whoever needs a valid bit carries it beside.
// Place: where results of different latency have to meet.
`default_nettype none

module delay_line #(
    parameter int unsigned Width = 1,
    parameter int unsigned Cycles = 1
) (
    input  wire              clk_i,
    input  wire  [Width-1:0] in_i,
    output logic [Width-1:0] out_o
);

  if (Cycles == 0) begin : g_wire
    logic unused_clk;
    assign unused_clk = clk_i;
    assign out_o = in_i;
  end else begin : g_line
    logic [Width*Cycles-1:0] line_q;
    if (Cycles == 1) begin : g_one
      always_ff @(posedge clk_i) line_q <= in_i;
    end else begin : g_more
      always_ff @(posedge clk_i) line_q <= {line_q[Width*(Cycles-1)-1:0], in_i};
    end
    assign out_o = line_q[Width*Cycles-1-:Width];
  end

endmodule

`default_nettype wire
