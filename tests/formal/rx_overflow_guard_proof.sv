// SPDX-License-Identifier: Apache-2.0
// Proof of rx_overflow_guard: frames stay whole or are cut with a verdict, and each is told once.
//
// The environment writes the frame's number and the beat's place in its frame into the data.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module rx_overflow_guard_proof (
    input wire clk_i,
    input wire beat_valid_i,
    input wire last_i,
    input wire out_ready_i
);

  `PROOF_RESET(clk_i, rst)

  stream_pkg::beat_t beat, out;
  logic out_valid, lost;
  logic [2:0] frame_q, place_q;  // of the next beat that comes in

  assign beat = {contract_pkg::FRAME_OK, last_i, {stream_pkg::EmptyW{1'b0}},
                 {(stream_pkg::DataW - 6) {1'b0}}, place_q, frame_q};

  rx_overflow_guard u_leaf (
      .clk_i, .rst_i(rst), .beat_valid_i(beat_valid_i && !rst), .beat_i(beat),
      .out_valid_o(out_valid), .out_ready_i, .out_o(out), .lost_o(lost));

  logic taken, cut;
  assign taken = out_valid && out_ready_i;
  assign cut = out.last && out.err == contract_pkg::FRAME_FIFO_OVERFLOW;

  // frames are shorter than 8 beats here, so that places do not repeat
  `ASSUME(ShortFrames_A, place_q != 3'd7 || last_i, clk_i, rst)

  logic       open_q;           // the output is inside a frame
  logic [2:0] out_frame_q, out_place_q;
  logic [3:0] ended_q, told_q;  // frames that ended at the input; ended at the output or lost
  logic [1:0] rest_q;           // cycles without input and without a stall

  always_ff @(posedge clk_i) begin
    if (rst) begin
      frame_q <= '0;
      place_q <= '0;
      open_q  <= 1'b0;
      ended_q <= '0;
      told_q  <= '0;
      rest_q  <= '0;
    end else begin
      if (beat_valid_i) begin
        place_q <= last_i ? '0 : place_q + 1'b1;
        if (last_i) frame_q <= frame_q + 1'b1;
        if (last_i) ended_q <= ended_q + 1'b1;
      end
      if (taken) begin
        open_q <= !out.last;
        out_frame_q <= out.data[2:0];
        out_place_q <= out.data[5:3];
      end
      told_q <= told_q + 4'(taken && out.last) + 4'(lost);
      if (beat_valid_i || !out_ready_i || place_q != '0) rest_q <= '0;
      else if (rest_q != 2'd3) rest_q <= rest_q + 1'b1;
    end
  end

  `ASSERT(FramesBeginAtTheirFirstBeat_A, !out_valid || open_q || cut || out.data[5:3] == '0, clk_i, rst)
  `ASSERT(NoCutOutsideAFrame_A, !out_valid || open_q || !cut, clk_i, rst)
  `ASSERT(BeatsOfOneFrameInOrder_A,
          !out_valid || !open_q || cut
          || (out.data[2:0] == out_frame_q && out.data[5:3] == out_place_q + 1'b1), clk_i, rst)
  `ASSERT(VerdictIsOkOrOverflow_A, !out_valid || !out.last || cut || out.err == contract_pkg::FRAME_OK, clk_i, rst)
  `ASSERT(EveryFrameToldOnce_A, rest_q != 2'd3 || ended_q == told_q, clk_i, rst)

  `COVER(CutFrameThenWholeFrame_C, told_q == 4'd3 && taken && out.last && !cut, clk_i, rst)

endmodule

`default_nettype wire
