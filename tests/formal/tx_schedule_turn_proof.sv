// SPDX-License-Identifier: Apache-2.0
// Proof of tx_schedule_turn: who is ready, unlimited and unpaused is granted soon; a rate is never exceeded.
//
// The chosen pair may have a rate (Limited), the others have none. Buffers are Quantum / 2 .. Quantum bytes, so
// that a turn is three grants at most; ticks are 16 cycles.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module tx_schedule_turn_proof #(
    parameter int unsigned Pairs = 2,
    parameter bit          Limited = 1'b0
) (
    input wire             clk_i,
    input wire [Pairs-1:0] ready_i,
    input wire [Pairs-1:0] paused_i,
    input wire      [16:0] head_len_i,
    input wire             grant_ready_i
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam int unsigned TickW = 4;
  localparam logic [16:0] Quantum = 17'd16;
  // Three grants in each turn of another pair, the one under way and one more for the chosen pair's own last
  // look; a turn that ends without a grant costs a decision too. A refill's wait is not among them.
  localparam int unsigned MaxOthers = 3 * (Pairs - 1) + 3;
  localparam int unsigned MaxWait = 8 * (4 * (Pairs - 1) + 3);

  `PROOF_RESET(clk_i, rst)

  (* anyconst *) logic [PairW-1:0] chosen;
  (* anyconst *) logic      [15:0] rate;
  (* anyconst *) logic      [17:0] burst;

  logic             settings_read, grant_valid;
  logic [PairW-1:0] head_pair, settings_pair, grant_pair, settings_q;

  always_ff @(posedge clk_i) if (settings_read) settings_q <= settings_pair;

  tx_schedule_turn #(.Pairs(Pairs), .TickW(TickW)) u_leaf (
      .clk_i, .rst_i(rst), .ready_i, .paused_i, .head_pair_o(head_pair), .head_len_i,
      .settings_read_o(settings_read), .settings_pair_o(settings_pair), .quantum_i(Quantum),
      .rate_i((Limited && settings_q == chosen) ? rate : 16'd0), .burst_i(burst),
      .grant_valid_o(grant_valid), .grant_ready_i, .grant_pair_o(grant_pair));

  `ASSUME(ChosenExists_A, 32'(chosen) < Pairs, clk_i, 1'b0)
  `ASSUME(Lengths_A, head_len_i <= Quantum && head_len_i >= Quantum / 2, clk_i, rst)
  `ASSUME(Rate_A, rate != '0 && rate[15:8] == '0 && rate[3:0] == '0 && burst >= {1'b0, Quantum} &&
          burst < 18'd32, clk_i, 1'b0)

  // -- only who was ready when the round began, and not paused --------------------------------------------
  logic       [Pairs-1:0] ready1_q, ready2_q, ready3_q, ready4_q;
  logic       [Pairs-1:0] paused1_q, paused2_q, paused3_q, paused4_q, paused5_q;
  logic                   valid_q, taken_q;
  logic            [16:0] len1_q, len2_q, len_q;
  logic                   rises;

  assign rises = grant_valid && (!valid_q || taken_q);
  always_ff @(posedge clk_i) begin
    ready1_q  <= ready_i;
    ready2_q  <= ready1_q;
    ready3_q  <= ready2_q;
    ready4_q  <= ready3_q;
    paused1_q <= paused_i;
    paused2_q <= paused1_q;
    paused3_q <= paused2_q;
    paused4_q <= paused3_q;
    paused5_q <= paused4_q;
    len1_q    <= head_len_i;
    len2_q    <= len1_q;
    valid_q   <= grant_valid && !rst;
    taken_q   <= grant_ready_i;
    if (rises) len_q <= len2_q;
  end
  `ASSERT(OnlyTheReady_A, !rises || ready4_q[grant_pair], clk_i, rst)
  `ASSERT(NeverThePaused_A, !rises || !paused5_q[grant_pair], clk_i, rst)

  // -- four cycles between a grant and the next look at its pair, eight between grants ---------------------
  logic [3:0] since_q;
  always_ff @(posedge clk_i) begin
    if (rst) since_q <= '1;
    else if (grant_valid && grant_ready_i) since_q <= 4'd1;
    else if (since_q != '1) since_q <= since_q + 1'b1;
  end
  `ASSERT(EightCyclesApart_A, !rises || since_q >= 4'd8, clk_i, rst)

  // -- fairness: without a rate, always taken at once -------------------------------------------------------
  logic [7:0] waited_q, others_q;
  logic       waits;
  assign waits = ready_i[chosen] && !paused_i[chosen] && !(grant_valid && grant_pair == chosen);
  always_ff @(posedge clk_i) begin
    if (rst) begin
      waited_q <= '0;
      others_q <= '0;
    end else if (!waits) begin
      waited_q <= '0;
      others_q <= '0;
    end else begin
      waited_q <= waited_q + 1'b1;
      if (rises) others_q <= others_q + 1'b1;
    end
  end
  if (!Limited) begin : g_fair
    `ASSUME(TakenAtOnce_A, grant_ready_i, clk_i, rst)
    `ASSERT(GrantedInTime_A, 32'(waited_q) <= MaxWait, clk_i, rst)
    `ASSERT(OthersAreFew_A, 32'(others_q) <= MaxOthers, clk_i, rst)
  end

  // -- the rate: a bucket of the proof's own, filled at each tick --------------------------------------------
  // The leaf's bucket is filled some cycles later, so it may be ahead by one filling.
  logic       [TickW-1:0] tick_q;
  logic signed     [23:0] bucket_q, filled, more;
  logic                   spends;
  assign more = $signed({8'd0, rate >> (8 - TickW)});
  assign spends = grant_valid && grant_ready_i && grant_pair == chosen;
  assign filled = (&tick_q) ? ((bucket_q + more > $signed({6'd0, burst})) ? $signed({6'd0, burst}) : bucket_q + more)
                            : bucket_q;
  always_ff @(posedge clk_i) begin
    if (rst) begin
      tick_q   <= '0;
      bucket_q <= $signed({6'd0, burst});
    end else begin
      tick_q   <= tick_q + 1'b1;
      bucket_q <= filled - (spends ? $signed({7'd0, rises ? len2_q : len_q}) : 24'sd0);
    end
  end
  if (Limited) begin : g_rate
    `ASSERT(RateNeverExceeded_A, bucket_q + more >= 24'sd0, clk_i, rst)
  end

  `COVER(AnotherAndThenTheChosen_C, others_q != '0 && grant_valid && grant_pair == chosen, clk_i, rst)

endmodule

`default_nettype wire
