// SPDX-License-Identifier: Apache-2.0
// Delays a stream that cannot wait by a fixed number of cycles, in a small RAM.
//
// Beats, never stalled -> the same beats, Cycles later, gaps included. Costs Cycles flip-flops and a RAM of a beat
// a cycle; idle cycles touch neither.
// Place: rx_path: beside the parser, so that a frame's last beat meets what was found out about it.
`default_nettype none

module rx_beat_delay #(
    parameter int unsigned Cycles = 13
) (
    input  wire               clk_i,
    input  wire               rst_i,
    input  wire               in_valid_i,
    input  stream_pkg::beat_t in_i,
    output logic              out_valid_o,
    output stream_pkg::beat_t out_o
);

  localparam int unsigned PtrW = $clog2(Cycles);

  logic [Cycles-1:0] valid_q;
  logic   [PtrW-1:0] ptr_q;

  assign out_valid_o = valid_q[Cycles-1];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q <= '0;
      ptr_q   <= '0;
    end else begin
      valid_q <= {valid_q[Cycles-2:0], in_valid_i};
      ptr_q   <= ptr_q + 1'b1;
    end
  end

  ram_sdp #(.Width(stream_pkg::BeatW), .Depth(1 << PtrW)) u_ram (
      .clk_i, .wr_en_i(in_valid_i), .wr_addr_i(ptr_q), .wr_data_i(in_i),
      .rd_en_i(valid_q[Cycles-2]), .rd_addr_i(ptr_q - PtrW'(Cycles - 1)), .rd_data_o(out_o));

endmodule

`default_nettype wire
