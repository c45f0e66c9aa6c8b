// SPDX-License-Identifier: Apache-2.0
// Proof of mac_tx_mux: whole frames, one source at a time, none begun in a pause or a fault, each counted once.
//
// A beat says in its lowest bit whose it is; frames of any length on both links.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module mac_tx_mux_proof (
    input wire clk_i,
    input wire paused_i,
    input wire fault_i,
    input wire in_valid_i,
    input wire in_last_i,
    input wire control_valid_i,
    input wire control_last_i,
    input wire out_ready_i
);

  `PROOF_RESET(clk_i, rst)

  mac_pkg::beat_t core, control, out;
  logic in_ready, control_ready, out_valid, begins, begins_control, thrown, control_thrown;

  always_comb begin
    core         = '0;
    core.last    = in_last_i;
    control      = '0;
    control.last = control_last_i;
    control.data = 64'd1;
  end

  mac_tx_mux u_leaf (
      .clk_i, .rst_i(rst), .paused_i, .fault_i,
      .in_valid_i, .in_ready_o(in_ready), .in_i(core),
      .control_valid_i, .control_ready_o(control_ready), .control_i(control),
      .out_valid_o(out_valid), .out_ready_i, .out_o(out),
      .begin_o(begins), .begin_control_o(begins_control), .fault_o(thrown), .control_fault_o(control_thrown));

  stream_checker #(.Width(1), .Assumed(1'b1)) u_in (
      .clk_i, .rst_i(rst), .valid_i(in_valid_i), .ready_i(in_ready), .payload_i(in_last_i));
  stream_checker #(.Width(1), .Assumed(1'b1)) u_control (
      .clk_i, .rst_i(rst), .valid_i(control_valid_i), .ready_i(control_ready), .payload_i(control_last_i));

  // ---- what left, what was counted ----
  logic       inside_q, source_q;  // a frame is on its way out; whose
  logic       between, between_q;  // no frame of either link is under way
  logic       offered_q;           // the beat on offer was refused
  logic       ended_q, ended_control_q;  // a frame ended at the input
  logic       passed_q, passed_control_q;  // ... and it was the last beat at the output

  assign between = between_q && !offered_q;

  always_ff @(posedge clk_i) begin
    if (rst) between_q <= 1'b1;
    else if (in_valid_i && in_ready) between_q <= in_last_i;
    else if (control_valid_i && control_ready) between_q <= control_last_i;
  end

  always_ff @(posedge clk_i) begin
    if (rst) begin
      {inside_q, offered_q, ended_q, ended_control_q, passed_q, passed_control_q} <= '0;
    end else begin
      offered_q <= out_valid && !out_ready_i;
      if (out_valid && out_ready_i) begin
        inside_q <= !out.last;
        source_q <= out.data[0];
      end
      ended_q          <= in_valid_i && in_ready && in_last_i;
      ended_control_q  <= control_valid_i && control_ready && control_last_i;
      passed_q         <= out_valid && out_ready_i && out.last && !out.data[0];
      passed_control_q <= out_valid && out_ready_i && out.last && out.data[0];
    end
  end

  `ASSERT(OneSourceAFrame_A, !(out_valid && inside_q) || out.data[0] == source_q, clk_i, rst)
  `ASSERT(BeginIsTold_A, begins == (out_valid && out_ready_i && !inside_q), clk_i, rst)
  `ASSERT(BeginSaysWhose_A, !begins || begins_control == out.data[0], clk_i, rst)
  `ASSERT(NoneBeginsInAFault_A, !(out_valid && !inside_q && !offered_q) || !fault_i, clk_i, rst)
  `ASSERT(NoneOfTheCoreBeginsInAPause_A,
          !(out_valid && !inside_q && !offered_q && !out.data[0]) || !paused_i, clk_i, rst)
  `ASSERT(EachOnce_A, thrown == (ended_q && !passed_q) && !(passed_q && !ended_q), clk_i, rst)
  `ASSERT(EachPauseFrameOnce_A, control_thrown == (ended_control_q && !passed_control_q) &&
          !(passed_control_q && !ended_control_q), clk_i, rst)
  `ASSERT(WorkIsDone_A, !(out_ready_i && (control_valid_i || (in_valid_i && !paused_i)) && between) ||
          (in_valid_i && in_ready) || (control_valid_i && control_ready), clk_i, rst)

  `ASSERT(OneLinkAtATime_A, !(in_valid_i && in_ready && control_valid_i && control_ready), clk_i, rst)

  `COVER(Thrown_C, thrown, clk_i, rst)
  `COVER(PauseFrameThrown_C, control_thrown, clk_i, rst)
  `COVER(CoreAfterControl_C, begins && !begins_control && passed_control_q, clk_i, rst)

endmodule

`default_nettype wire
