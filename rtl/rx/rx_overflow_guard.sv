// SPDX-License-Identifier: Apache-2.0
// Lets a stream that cannot wait meet a FIFO that may be full, and keeps its frames whole.
//
// Beats that have to be taken at once -> link, one cycle later. A frame that finds no room at its first
// beat is lost whole (lost_o, once a frame). A frame that runs out of room on its way is cut: one more
// beat, `last` with FRAME_FIFO_OVERFLOW, follows as soon as there is room, and until it does, the frames
// that start are lost whole. So behind this module each frame still has exactly one `last`.
// Place: mac_rx_fcs_check -> this -> async_fifo.
`include "assert.svh"
`default_nettype none

module rx_overflow_guard (
    input  wire                clk_i,
    input  wire                rst_i,
    // beats, no back-pressure
    input  wire                beat_valid_i,
    input  stream_pkg::beat_t  beat_i,
    // out
    output logic               out_valid_o,
    input  wire                out_ready_i,
    output stream_pkg::beat_t  out_o,
    // events
    output logic               lost_o
);

  logic in_frame_q;   // the next beat is not the first of its frame
  logic swallow_q;    // the rest of this frame is given up
  logic close_q;      // the cut frame still owes its last beat
  logic room, pass, refused;

  assign room    = !out_valid_o || out_ready_i;
  assign pass    = beat_valid_i && !swallow_q && !close_q && room;
  assign refused = beat_valid_i && !swallow_q && !pass;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      in_frame_q  <= 1'b0;
      swallow_q   <= 1'b0;
      close_q     <= 1'b0;
      out_valid_o <= 1'b0;
      lost_o      <= 1'b0;
    end else begin
      if (beat_valid_i) in_frame_q <= !beat_i.last;
      if (beat_valid_i) swallow_q <= (swallow_q || refused) && !beat_i.last;
      if (refused && in_frame_q) close_q <= 1'b1;
      else if (room) close_q <= 1'b0;
      if (room) out_valid_o <= pass || close_q;
      lost_o <= refused && !in_frame_q;
    end
    if (room && close_q) out_o <= {contract_pkg::FRAME_FIFO_OVERFLOW, 1'b1, {(stream_pkg::BeatW - 5) {1'b0}}};
    else if (pass) out_o <= beat_i;
  end

  // A frame that is in the FIFO already owes a last beat before another frame may enter.
  `ASSERT(NoFramePassesTheCutOne_A, !(close_q && pass), clk_i, rst_i)
  `COVER(Cut_C, close_q && room, clk_i, rst_i)
  `COVER(LostWhole_C, lost_o, clk_i, rst_i)

  stream_checker #(.Width(stream_pkg::BeatW)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

endmodule

`default_nettype wire
