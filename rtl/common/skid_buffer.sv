// SPDX-License-Identifier: Apache-2.0
// Cuts the ready path of a link: two entries, full throughput, one cycle of latency.
//
// Input link -> output link, order kept; in_ready_o and the output come straight from registers.
// Place: any block edge where a combinational ready chain would grow.
`include "assert.svh"
`default_nettype none

module skid_buffer #(
    parameter int unsigned Width = 8
) (
    input  wire              clk_i,
    input  wire              rst_i,
    // in
    input  wire              in_valid_i,
    output logic             in_ready_o,
    input  wire  [Width-1:0] in_i,
    // out
    output logic             out_valid_o,
    input  wire              out_ready_i,
    output logic [Width-1:0] out_o
);

  logic             spare_valid_q;
  logic [Width-1:0] spare_q;
  logic             out_free;

  assign out_free = !out_valid_o || out_ready_i;
  assign in_ready_o = !spare_valid_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      out_valid_o   <= 1'b0;
      spare_valid_q <= 1'b0;
    end else if (out_free) begin
      out_valid_o   <= spare_valid_q || in_valid_i;
      spare_valid_q <= 1'b0;
    end else if (in_valid_i && in_ready_o) begin
      spare_valid_q <= 1'b1;
    end
    if (out_free) out_o <= spare_valid_q ? spare_q : in_i;
    if (in_ready_o) spare_q <= in_i;
  end

  stream_checker #(.Width(Width), .Assumed(1'b1)) u_check_in (
      .clk_i, .rst_i, .valid_i(in_valid_i), .ready_i(in_ready_o), .payload_i(in_i));
  stream_checker #(.Width(Width)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

endmodule

`default_nettype wire
