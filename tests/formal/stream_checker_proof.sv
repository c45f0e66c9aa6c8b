// SPDX-License-Identifier: Apache-2.0
// Proof of stream_checker: silent on a link that keeps the handshake law, whatever it carries.
//
// The source here keeps the law by construction: it decides anew only when nothing is stalled. That the
// checker speaks up when the law is broken is shown by the faults, which break it.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module stream_checker_proof (
    input wire       clk_i,
    input wire       want_i,
    input wire [3:0] word_i,
    input wire       ready_i
);

  `PROOF_RESET(clk_i, rst)

  logic stalled_q, valid;
  logic [3:0] held_q, payload;

  assign valid = stalled_q || want_i;
  assign payload = stalled_q ? held_q : word_i;

  always_ff @(posedge clk_i) begin
    stalled_q <= !rst && valid && !ready_i;
    held_q <= payload;
  end

  stream_checker #(.Width(4)) u_leaf (
      .clk_i, .rst_i(rst), .valid_i(valid), .ready_i, .payload_i(payload));

  `COVER(StalledThenTaken_C, stalled_q && ready_i && held_q == 4'd9, clk_i, rst)

endmodule

`default_nettype wire
