// SPDX-License-Identifier: Apache-2.0
// Leads frames straight on or through receive coalescing, and says which frame it keeps.
//
// A frame that begins while nothing is inside (idle_i) passes without a cycle of delay, and is stored beside that: with
// its last beat, when all is known about it, one of the two is void. hold_o: it may begin a large frame, so it stays
// inside, and what passed is taken back (out_void_o). Any other frame is inside as long as something else is, so that
// none overtakes another of its flow. Not negotiated, no frame may be held, and all pass.
// Place: rx_coalesce: rx_inspect, rx_coalesce_emit -> this -> rx_packet_buffer.
`include "assert.svh"
`default_nettype none

module rx_coalesce_switch (
    input  wire               clk_i,
    input  wire               rst_i,
    input  wire               idle_i,      // nothing is inside but what in_i is writing
    input  wire        [9:0]  usecs_i,     // 0: nothing is held
    // frames as they come
    input  wire               in_valid_i,
    input  stream_pkg::beat_t in_i,
    input  rx_pkg::meta_t     in_meta_i,
    input  wire               eligible_i,  // with the last beat
    input  wire               psh_i,
    output logic              keep_o,      // with the last beat: it stays inside
    // frames from inside
    input  wire               late_valid_i,
    input  stream_pkg::beat_t late_i,
    input  rx_pkg::meta_t     late_meta_i,
    // out
    output logic              out_valid_o,
    output stream_pkg::beat_t out_o,
    output rx_pkg::meta_t     out_meta_o,
    output logic              out_void_o   // with the last beat: as if the frame had never been
);

  logic in_frame_q, direct_q, direct, begins;

  assign direct = in_frame_q ? direct_q : idle_i;
  assign begins = in_i.err == contract_pkg::FRAME_OK && !in_meta_i.drop && eligible_i && !psh_i && usecs_i != '0 &&
                  (in_meta_i.flags & contract_pkg::NET_HDR_F_DATA_VALID) != '0;
  assign keep_o = !direct || begins;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      in_frame_q <= 1'b0;
      direct_q   <= 1'b0;
    end else if (in_valid_i) begin
      in_frame_q <= !in_i.last;
      direct_q   <= direct;
    end
  end

  assign out_valid_o = late_valid_i || (in_valid_i && direct);
  assign out_o = late_valid_i ? late_i : in_i;
  assign out_meta_o = late_valid_i ? late_meta_i : in_meta_i;
  assign out_void_o = !late_valid_i && keep_o;

  `ASSERT(OneAtATime_A, !(late_valid_i && in_valid_i && direct), clk_i, rst_i)

endmodule

`default_nettype wire
