// SPDX-License-Identifier: Apache-2.0
// When to look for new descriptors, and when to ask the driver for a kick: no wake-up is ever lost.
//
// A look is a read of what the driver may have added. It takes the kicks that came before it along; what it
// finds decides: more may be there -> look again; the ring ran dry -> arm (ask for a kick at the next
// descriptor), then look once more, then rest until a kick. What the driver adds before it can see the
// request is found by that last look, what it adds later comes with a kick (virtio 1.2, 2.7.10, 2.8.21.3).
// Without the event index the driver kicks always: packed rings are enabled once, then the same holds.
// All events of one queue a cycle; of different queues in the same cycle if they are different events.
// Place: virtio_notify, virtq_fetch_arm -> this <-> virtq_fetch_plan.
`include "assert.svh"
`default_nettype none

module virtq_fetch_wake #(
    parameter int unsigned Pairs = 8
) (
    input  wire              clk_i,
    input  wire              rst_i,
    input  wire              is_packed_i,
    input  wire              event_idx_i,
    input  wire  [Pairs-1:0] enabled_i,
    input  wire              clear_valid_i,
    input  wire  [5:0]       clear_pair_i,
    // the driver kicked
    input  wire              ring_i,
    input  wire  [5:0]       ring_pair_i,
    // a look began; what it found: anything, and whether more may follow
    input  wire              look_i,
    input  wire  [5:0]       look_pair_i,
    input  wire              result_i,
    input  wire  [5:0]       result_pair_i,
    input  wire              some_i,
    input  wire              more_i,
    // arming began; the request was handed to the link
    input  wire              arm_i,
    input  wire  [5:0]       arm_pair_i,
    input  wire              armed_i,
    input  wire  [5:0]       armed_pair_i,
    // wishes
    output logic [Pairs-1:0] want_look_o,
    output logic [Pairs-1:0] want_arm_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;

  logic [Pairs-1:0] started_q;  // the first look needs no kick
  logic [Pairs-1:0] kick_q;     // the driver kicked after the last look began
  logic [Pairs-1:0] again_q;    // look once more
  logic [Pairs-1:0] looking_q;
  logic [Pairs-1:0] ask_q;      // arm next
  logic [Pairs-1:0] arming_q;
  logic [Pairs-1:0] armed_q;    // the driver will kick (at this very place, with the event index)
  logic             dry_arms;   // a dry queue that is not armed has to be

  assign dry_arms = event_idx_i || is_packed_i;
  assign want_look_o = (kick_q | again_q) & ~looking_q & ~ask_q & ~arming_q;
  assign want_arm_o = ask_q & ~looking_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      started_q <= '0;
      kick_q    <= '0;
      again_q   <= '0;
      looking_q <= '0;
      ask_q     <= '0;
      arming_q  <= '0;
      armed_q   <= '0;
    end else begin
      started_q <= started_q | enabled_i;
      if (look_i) begin
        kick_q[look_pair_i[PairW-1:0]]    <= 1'b0;
        again_q[look_pair_i[PairW-1:0]]   <= 1'b0;
        looking_q[look_pair_i[PairW-1:0]] <= 1'b1;
      end
      if (result_i) begin
        looking_q[result_pair_i[PairW-1:0]] <= 1'b0;
        if (more_i) again_q[result_pair_i[PairW-1:0]] <= 1'b1;
        if (event_idx_i && some_i) armed_q[result_pair_i[PairW-1:0]] <= 1'b0;
        if (!more_i && dry_arms && ((event_idx_i && some_i) || !armed_q[result_pair_i[PairW-1:0]])) begin
          ask_q[result_pair_i[PairW-1:0]] <= 1'b1;
        end
      end
      if (arm_i) begin
        ask_q[arm_pair_i[PairW-1:0]]    <= 1'b0;
        arming_q[arm_pair_i[PairW-1:0]] <= 1'b1;
      end
      if (armed_i) begin
        arming_q[armed_pair_i[PairW-1:0]] <= 1'b0;
        armed_q[armed_pair_i[PairW-1:0]]  <= 1'b1;
        again_q[armed_pair_i[PairW-1:0]]  <= 1'b1;
      end
      for (int unsigned k = 0; k < Pairs; k++) begin
        if (enabled_i[k] && !started_q[k]) kick_q[k] <= 1'b1;
        if (ring_i && 32'(ring_pair_i) == k) kick_q[k] <= 1'b1;
      end
      if (clear_valid_i) begin
        started_q[clear_pair_i[PairW-1:0]] <= 1'b0;
        kick_q[clear_pair_i[PairW-1:0]]    <= 1'b0;
        again_q[clear_pair_i[PairW-1:0]]   <= 1'b0;
        looking_q[clear_pair_i[PairW-1:0]] <= 1'b0;
        ask_q[clear_pair_i[PairW-1:0]]     <= 1'b0;
        arming_q[clear_pair_i[PairW-1:0]]  <= 1'b0;
        armed_q[clear_pair_i[PairW-1:0]]   <= 1'b0;
      end
    end
  end

  logic unused_pair;
  assign unused_pair = ^{look_pair_i, result_pair_i, arm_pair_i, armed_pair_i, clear_pair_i};

  `ASSERT(OneLookAtATime_A, !look_i || want_look_o[look_pair_i[PairW-1:0]], clk_i, rst_i)
  `ASSERT(ResultOfALook_A, !result_i || looking_q[result_pair_i[PairW-1:0]], clk_i, rst_i)
  `ASSERT(ArmWhenAsked_A, !arm_i || want_arm_o[arm_pair_i[PairW-1:0]], clk_i, rst_i)
  `ASSERT(ArmedWhenArming_A, !armed_i || arming_q[armed_pair_i[PairW-1:0]], clk_i, rst_i)

endmodule

`default_nettype wire
