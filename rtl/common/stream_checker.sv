// SPDX-License-Identifier: Apache-2.0
// The handshake law of every link, as assertions: once valid, valid and payload hold until ready.
//
// Instantiated on every stream link, in simulation and in proofs; synthesis sees an empty module.
// With FORMAL and Assumed = 1 the law is assumed: the source of the link is the environment.
`include "assert.svh"
`default_nettype none

module stream_checker #(
    parameter int unsigned Width = 1,
    parameter bit          Assumed = 1'b0
) (
    input wire             clk_i,
    input wire             rst_i,
    // link, watched
    input wire             valid_i,
    input wire             ready_i,
    input wire [Width-1:0] payload_i
);

`ifndef SYNTHESIS
  logic             stalled_q;
  logic [Width-1:0] payload_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) stalled_q <= 1'b0;
    else stalled_q <= valid_i && !ready_i;
    if (valid_i && !ready_i) payload_q <= payload_i;
  end

  if (Assumed) begin : g_assume
    `ASSUME(ValidHeldWhileStalled_A, valid_i, clk_i, rst_i || !stalled_q)
    `ASSUME(PayloadHeldWhileStalled_A, payload_i == payload_q, clk_i, rst_i || !stalled_q)
  end else begin : g_assert
    `ASSERT(ValidHeldWhileStalled_A, valid_i, clk_i, rst_i || !stalled_q)
    `ASSERT(PayloadHeldWhileStalled_A, payload_i == payload_q, clk_i, rst_i || !stalled_q)
  end
`else
  logic unused_inputs;
  assign unused_inputs = ^{clk_i, rst_i, valid_i, ready_i, payload_i};
`endif

endmodule

`default_nettype wire
