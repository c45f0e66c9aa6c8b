// SPDX-License-Identifier: Apache-2.0
// Proof of virtq_event_decide: the arithmetic equals a walk along the ring (virtio 1.2, 2.8.10).
//
// Rings of 1 to 8 entries, every pair of positions at most a lap apart, every event position.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module virtq_event_decide_proof (
    input wire        clk_i,
    input wire [15:0] old_i,
    input wire [15:0] new_i,
    input wire [15:0] size_i,
    input wire [15:0] off_wrap_i,
    input wire        event_idx_i,
    input wire [ 1:0] flags_i
);

  `PROOF_RESET(clk_i, rst)

  logic notify;

  virtq_event_decide u_leaf (
      .old_i(old_i), .new_i(new_i), .size_i, .event_idx_i, .off_wrap_i, .flags_i, .notify_o(notify));

  // The walk: every entry from old up to new (not included); was one of them the event's?
  logic [15:0] at;
  logic walked, passed;

  always_comb begin
    at = old_i;
    passed = 1'b0;
    // a full lap: old and new have the same index in different laps
    for (int k = 0; k < 8; k++) begin
      if (at != new_i) begin
        if (at == off_wrap_i) passed = 1'b1;
        at = (at[14:0] + 15'd1 == size_i[14:0]) ? {!at[15], 15'd0} : at + 16'd1;
      end
    end
    walked = at == new_i;
  end

  `ASSUME(RingIsSmall_A, size_i >= 16'd1 && size_i <= 16'd8, clk_i, 1'b0)
  `ASSUME(PositionsInRing_A, old_i[14:0] < size_i[14:0] && new_i[14:0] < size_i[14:0], clk_i, 1'b0)
  `ASSUME(EventInRing_A, off_wrap_i[14:0] < size_i[14:0], clk_i, 1'b0)
  `ASSUME(AtMostALap_A, walked, clk_i, 1'b0)

  logic disabled, desc;
  assign disabled = flags_i == contract_pkg::EVENT_DISABLE;
  assign desc = flags_i == contract_pkg::EVENT_DESC;

  `ASSERT(DisableMeansNever_A, !disabled || !notify, clk_i, rst)
  `ASSERT(EnableMeansAlways_A, disabled || desc || notify, clk_i, rst)
  `ASSERT(WithoutEventIdxAlways_A, !desc || event_idx_i || notify, clk_i, rst)
  `ASSERT(DescMeansPassed_A, !desc || !event_idx_i || notify == passed, clk_i, rst)

  `COVER(PassedAcrossTheWrap_C, passed && old_i[15] != new_i[15] && size_i == 16'd5, clk_i, rst)

endmodule

`default_nettype wire
