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
    stalled_q <= 1'b0;
    if (valid_i && !ready_i) begin
      stalled_q <= !rst_i;
      payload_q <= payload_i;
    end
  end

  // One look at stalled_q: most links move or rest most of the time.
  if (Assumed) begin : g_assume
    always_ff @(posedge clk_i) begin
      if (stalled_q && !rst_i) begin
        `ASSUME_HERE(ValidHeldWhileStalled_A, valid_i)
        `ASSUME_HERE(PayloadHeldWhileStalled_A, payload_i == payload_q)
      end
    end
  end else begin : g_assert
    always_ff @(posedge clk_i) begin
      if (stalled_q && !rst_i) begin
        `ASSERT_HERE(ValidHeldWhileStalled_A, valid_i)
        `ASSERT_HERE(PayloadHeldWhileStalled_A, payload_i == payload_q)
      end
    end
  end
`else
  logic unused_inputs;
  assign unused_inputs = ^{clk_i, rst_i, valid_i, ready_i, payload_i};
`endif

endmodule

`default_nettype wire
