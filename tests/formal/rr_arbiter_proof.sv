// SPDX-License-Identifier: Apache-2.0
// Proof of rr_arbiter: one grant at most, only to who asked, locked until advance, fair.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module rr_arbiter_proof #(
    parameter int unsigned N = 4
) (
    input wire         clk_i,
    input wire [N-1:0] req_i,
    input wire         advance_i
);

  `PROOF_RESET(clk_i, rst)

  logic [N-1:0] grant;

  rr_arbiter #(.N(N)) u_leaf (.clk_i, .rst_i(rst), .req_i, .grant_o(grant), .advance_i);

  // One requester of anybody's choice keeps asking; how many others were served meanwhile?
  (* anyconst *) logic [$clog2(N)-1:0] chosen;
  logic [$clog2(N):0] served_q;
  logic [N-1:0] held_q;  // the grant that has to stay

  always_ff @(posedge clk_i) begin
    if (rst) begin
      served_q <= '0;
      held_q   <= '0;
    end else begin
      held_q <= advance_i ? '0 : grant;
      if (!req_i[chosen] || grant[chosen]) served_q <= '0;
      else if (advance_i && grant != '0) served_q <= served_q + 1'b1;
    end
  end

  `ASSUME(ChosenExists_A, 32'(chosen) < N, clk_i, 1'b0)

  `ASSERT(OneHot_A, (grant & (grant - 1'b1)) == '0, clk_i, rst)
  `ASSERT(OnlyWhoAsked_A, held_q != '0 || (grant & ~req_i) == '0, clk_i, rst)
  `ASSERT(SomebodyWhenAsked_A, req_i == '0 || grant != '0, clk_i, rst)
  `ASSERT(LockedUntilAdvance_A, held_q == '0 || grant == held_q, clk_i, rst)
  // The owner of the moment the request came may be served before the round begins.
  `ASSERT(WaitsForAtMostTheOthers_A, 32'(served_q) <= N - 1, clk_i, rst)

  `COVER(WaitsForAllOthers_C, 32'(served_q) == N - 1 && grant[chosen], clk_i, rst)

endmodule

`default_nettype wire
