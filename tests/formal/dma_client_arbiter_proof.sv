// SPDX-License-Identifier: Apache-2.0
// Proof of dma_client_arbiter: each client's requests in order, none while its gate is closed, fair.
//
// Every client numbers its own requests; one client of anybody's choice is followed.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module dma_client_arbiter_proof #(
    parameter int unsigned Clients = 3
) (
    input wire               clk_i,
    input wire [Clients-1:0] req_valid_i,
    input wire [Clients-1:0] gate_i,
    input wire               out_ready_i
);

  localparam int unsigned ReqW = 3;

  `PROOF_RESET(clk_i, rst)

  logic [Clients-1:0] ready;
  logic [Clients*ReqW-1:0] req_q;  // each client's next number
  logic out_valid;
  logic [ReqW-1:0] out;
  logic [2:0] client;

  dma_client_arbiter #(.Clients(Clients), .ReqW(ReqW)) u_leaf (
      .clk_i, .rst_i(rst), .req_valid_i, .req_ready_o(ready), .req_i(req_q), .gate_i,
      .out_valid_o(out_valid), .out_ready_i, .out_o(out), .out_client_o(client));

  (* anyconst *) logic [1:0] chosen;
  `ASSUME(ChosenExists_A, 32'(chosen) < Clients, clk_i, 1'b0)

  logic [Clients-1:0] taken;
  assign taken = req_valid_i & ready;

  logic [ReqW-1:0] expected_q;  // of the chosen client, at the output
  logic [1:0]      passed_q;    // requests of others taken while the chosen one asked

  always_ff @(posedge clk_i) begin
    if (rst) begin
      req_q      <= '0;
      expected_q <= '0;
      passed_q   <= '0;
    end else begin
      for (int k = 0; k < Clients; k++) begin
        if (taken[k]) req_q[k*ReqW+:ReqW] <= req_q[k*ReqW+:ReqW] + 1'b1;
      end
      if (out_valid && out_ready_i && client == 3'(chosen)) expected_q <= expected_q + 1'b1;
      if (!req_valid_i[chosen] || gate_i[chosen] || taken[chosen]) passed_q <= '0;
      else if (taken != '0) passed_q <= passed_q + 1'b1;
    end
  end

  logic [ReqW-1:0] next_number;
  assign next_number = req_q[chosen*ReqW+:ReqW];

  `ASSERT(OneAtATime_A, (taken & (taken - 1'b1)) == '0, clk_i, rst)
  `ASSERT(ClosedGateTakesNothing_A, (taken & gate_i) == '0, clk_i, rst)
  `ASSERT(ClientsOwnRequestInOrder_A, !out_valid || client != 3'(chosen) || out == expected_q, clk_i, rst)
  `ASSERT(NoneLost_A, next_number - expected_q == ReqW'(out_valid && client == 3'(chosen)), clk_i, rst)
  `ASSERT(NobodyPassedOver_A, 32'(passed_q) <= Clients - 1, clk_i, rst)
  `ASSERT(TakesWhenItCan_A, (out_valid && !out_ready_i) || (req_valid_i & ~gate_i) == '0 || taken != '0, clk_i, rst)

  stream_checker #(.Width(ReqW + 3)) u_check_out (
      .clk_i, .rst_i(rst), .valid_i(out_valid), .ready_i(out_ready_i), .payload_i({client, out}));

  `COVER(LongestWait_C, 32'(passed_q) == Clients - 1 && taken[chosen], clk_i, rst)

endmodule

`default_nettype wire
