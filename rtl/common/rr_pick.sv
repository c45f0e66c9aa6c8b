// SPDX-License-Identifier: Apache-2.0
// Chooses one of N that want something, in turn, by number; from registers.
//
// want_i -> valid_o, number_o a cycle later, as long as that one still wants it. take_i: the one shown is served;
// then the turn passes to the next above it. Who still wants something two cycles after a take may be shown again:
// owners serve for at least two cycles. Whoever keeps wanting waits for at most N - 1 others.
// Place: blocks that serve many queues, one at a time.
`include "assert.svh"
`default_nettype none

module rr_pick #(
    parameter int unsigned N = 8,
    localparam int unsigned NumberW = (N > 1) ? $clog2(N) : 1
) (
    input  wire                clk_i,
    input  wire                rst_i,
    input  wire        [N-1:0] want_i,
    output logic               valid_o,
    output logic [NumberW-1:0] number_o,
    input  wire                take_i
);

  logic [N-1:0] shown_q;   // one-hot, or 0
  logic [N-1:0] behind_q;  // those whose turn comes before the wrap-around
  logic [N-1:0] later, candidates;

  assign later = want_i & behind_q;
  assign candidates = (later != '0) ? later : want_i;
  assign valid_o = (shown_q & want_i) != '0;

  always_comb begin
    number_o = '0;
    for (int unsigned k = 0; k < N; k++) if (shown_q[k]) number_o = number_o | NumberW'(k);
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      shown_q  <= '0;
      behind_q <= '0;
    end else begin
      shown_q <= candidates & (~candidates + 1'b1);
      if (take_i) behind_q <= ~(shown_q | (shown_q - 1'b1));
    end
  end

  `ASSERT(ShownOneHot_A, (shown_q & (shown_q - 1'b1)) == '0, clk_i, rst_i)
  `ASSUME(TakenWhenShown_A, !take_i || valid_o, clk_i, rst_i)

endmodule

`default_nettype wire
