// SPDX-License-Identifier: Apache-2.0
// Proof of virtq_fetch_wake: when device and driver both rest, the device has seen all that was added.
//
// The driver adds one descriptor at a time, then reads the device's request, then kicks if it has to: each
// step as late as anybody likes. The device's request becomes visible at any time after armed_i, but not
// behind the sample of a later look (the link keeps that order). A look samples the ring at any time between
// its begin and its result, and may find only a part: then it says that more may follow.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module virtq_fetch_wake_proof (
    input wire clk_i,
    input wire add_i,      // the driver's steps
    input wire check_i,
    input wire kick_i,
    input wire look_i,     // the device's
    input wire sample_i,
    input wire part_i,
    input wire more_i,
    input wire result_i,
    input wire arm_i,
    input wire armed_i,
    input wire visible_i
);

  `PROOF_RESET(clk_i, rst)

  (* anyconst *) logic is_packed;
  (* anyconst *) logic event_idx;

  logic want_look, want_arm, look, result, arm, armed, kick, sample, visible;
  logic [3:0] added_q, seen_q, event_q, asked_q, found_q;
  logic check_q, kick_q;                      // the driver has to look at the request; to kick
  logic looking_q, sampled_q, part_q;
  logic arming_q, travels_q;
  logic [3:0] ahead;

  assign look = !rst && want_look && look_i;
  assign sample = looking_q && !sampled_q && sample_i;
  assign result = sampled_q && result_i;
  assign arm = !rst && want_arm && !look && arm_i;
  assign armed = arming_q && armed_i;
  assign visible = travels_q && (visible_i || sample);
  assign kick = kick_q && kick_i;
  assign ahead = added_q - seen_q;

  virtq_fetch_wake #(.Pairs(1)) u_leaf (
      .clk_i, .rst_i(rst), .is_packed_i(is_packed), .event_idx_i(event_idx), .enabled_i(1'b1),
      .clear_valid_i(1'b0), .clear_pair_i(6'd0),
      .ring_i(kick), .ring_pair_i(6'd0),
      .look_i(look), .look_pair_i(6'd0),
      .result_i(result), .result_pair_i(6'd0), .some_i(found_q != '0),
      .more_i(part_q || (more_i && found_q != '0 && (is_packed || event_idx))),
      .arm_i(arm), .arm_pair_i(6'd0), .armed_i(armed), .armed_pair_i(6'd0),
      .want_look_o(want_look), .want_arm_o(want_arm));

  always_ff @(posedge clk_i) begin
    if (rst) begin
      {added_q, seen_q, found_q} <= '0;
      {asked_q, event_q} <= '1;
      {check_q, kick_q, looking_q, sampled_q, part_q, arming_q, travels_q} <= '0;
    end else begin
      // driver
      if (add_i && !check_q && !kick_q && ahead != 4'd4) begin
        added_q <= added_q + 4'd1;
        check_q <= 1'b1;
      end
      if (check_q && check_i) begin
        check_q <= 1'b0;
        kick_q  <= !event_idx || event_q == added_q - 4'd1;
      end
      if (kick) kick_q <= 1'b0;
      // look
      if (look) looking_q <= 1'b1;
      if (sample) begin
        sampled_q <= 1'b1;
        part_q    <= part_i && ahead > 4'd1;
        found_q   <= (part_i && ahead > 4'd1) ? 4'd1 : ahead;
      end
      if (result) begin
        {looking_q, sampled_q} <= '0;
        seen_q <= seen_q + found_q;
      end
      // arming
      if (arm) begin
        arming_q <= 1'b1;
        asked_q  <= seen_q;
      end
      if (armed) {arming_q, travels_q} <= 2'b01;
      if (visible) begin
        travels_q <= 1'b0;
        event_q   <= asked_q;
      end
    end
  end

  logic rests, started_q;
  assign rests = !want_look && !want_arm && !looking_q && !arming_q && !check_q && !kick_q && !travels_q;
  always_ff @(posedge clk_i) started_q <= !rst && (started_q || look);

  `ASSERT(NoLostWakeUp_A, !(rests && started_q) || added_q == seen_q, clk_i, rst)

  logic [1:0] rested_q;
  always_ff @(posedge clk_i) begin
    if (rst) rested_q <= '0;
    else if (rests && started_q && rested_q == 2'd0) rested_q <= 2'd1;
    else if (rested_q == 2'd1 && kick) rested_q <= 2'd2;
  end
  `COVER(WokenByKick_C, rested_q == 2'd2 && seen_q != '0 && event_idx && is_packed, clk_i, rst)

endmodule

`default_nettype wire
