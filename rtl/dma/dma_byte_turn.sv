// SPDX-License-Identifier: Apache-2.0
// Turns a byte stream by `rot` lanes: lane L of the output is lane L - rot of this beat or, below
// zero, lane L - rot + Bytes of the beat before.
//
// Combinational, still unless enabled: one 2 x Bytes to Bytes byte selector, the only wide one in
// each data path.
// Place: inside the step from one beat register to the next of dma_write and dma_read.
`default_nettype none

module dma_byte_turn (
    input  wire                           enable_i,
    input  wire  [stream_pkg::DataW-1:0]  now_i,
    input  wire  [stream_pkg::DataW-1:0]  before_i,
    input  wire  [stream_pkg::EmptyW-1:0] rot_i,
    output logic [stream_pkg::DataW-1:0]  turned_o
);

  localparam int unsigned DataW = stream_pkg::DataW;

  logic [2*DataW-1:0] window;

  assign window = {now_i, before_i};
  always_comb begin
    turned_o = '0;
    if (enable_i) begin
      turned_o = now_i;
      for (int r = 1; r < stream_pkg::Bytes; r++) begin
        if (rot_i == stream_pkg::EmptyW'(r)) turned_o = window[DataW-8*r +: DataW];
      end
    end
  end

  logic unused_lane0;  // rot 0 needs nothing of the beat before, no rot needs its lane 0
  assign unused_lane0 = ^before_i[7:0];

endmodule

`default_nettype wire
