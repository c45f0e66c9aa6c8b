// SPDX-License-Identifier: Apache-2.0
// The next queue in turn: a request bit a queue -> the number of one of them, in the same cycle.
//
// Each cycle with a request counts as a turn: callers mask requests while they are busy.
// Place: inside virtq_fetch_plan and virtq_fetch_walk.
`default_nettype none

module virtq_fetch_turn #(
    parameter int unsigned Pairs = 8
) (
    input  wire              clk_i,
    input  wire              rst_i,
    input  wire  [Pairs-1:0] request_i,
    output logic             valid_o,
    output logic [5:0]       pair_o
);

  logic [Pairs-1:0] grant;

  rr_arbiter #(.N(Pairs)) u_arbiter (.clk_i, .rst_i, .req_i(request_i), .grant_o(grant), .advance_i(1'b1));

  assign valid_o = grant != '0;
  always_comb begin
    pair_o = '0;
    for (int unsigned k = 0; k < Pairs; k++) begin
      if (grant[k]) pair_o = pair_o | 6'(k);
    end
  end

endmodule

`default_nettype wire
