// SPDX-License-Identifier: Apache-2.0
// Leads frames through receive coalescing or past it.
//
// wanted_i clear: frames pass without a cycle of delay. It takes effect between frames; coming back waits until
// nothing is left inside (idle_i), so that no frame overtakes another.
// Place: rx_coalesce: rx_inspect, rx_coalesce_emit -> this -> rx_packet_buffer.
`default_nettype none

module rx_coalesce_switch (
    input  wire               clk_i,
    input  wire               rst_i,
    input  wire               wanted_i,
    input  wire               idle_i,
    output logic              on_o,
    // frames as they come
    input  wire               in_valid_i,
    input  stream_pkg::beat_t in_i,
    input  rx_pkg::meta_t     in_meta_i,
    // frames from inside
    input  wire               late_valid_i,
    input  stream_pkg::beat_t late_i,
    input  rx_pkg::meta_t     late_meta_i,
    // out
    output logic              out_valid_o,
    output stream_pkg::beat_t out_o,
    output rx_pkg::meta_t     out_meta_o
);

  logic in_frame_q, in_frame;

  assign in_frame = in_valid_i ? !in_i.last : in_frame_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      in_frame_q <= 1'b0;
      on_o       <= 1'b0;
    end else begin
      in_frame_q <= in_frame;
      if (!in_frame && wanted_i) on_o <= 1'b1;
      else if (!in_frame && !in_valid_i && idle_i) on_o <= 1'b0;
    end
  end

  assign out_valid_o = on_o ? late_valid_i : in_valid_i;
  assign out_o = on_o ? late_i : in_i;
  assign out_meta_o = on_o ? late_meta_i : in_meta_i;

endmodule

`default_nettype wire
