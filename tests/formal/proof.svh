// SPDX-License-Identifier: Apache-2.0
// What every proof begins with: one cycle of reset, then none. With two clocks: reset on both sides until
// each of them has seen an edge of its own clock in reset.
`ifndef COSNIC_PROOF_SVH
`define COSNIC_PROOF_SVH

`define PROOF_RESET(clk, rst) \
  logic rst = 1'b1; \
  always_ff @(posedge clk) rst <= 1'b0;

`define PROOF_RESET_TWO(clk_a, rst_a, clk_b, rst_b) \
  logic rst_a = 1'b1, rst_b = 1'b1, seen_a_q = 1'b0, seen_b_q = 1'b0; \
  always_ff @(posedge clk_a) begin \
    seen_a_q <= 1'b1; \
    rst_a <= !(seen_a_q && seen_b_q); \
  end \
  always_ff @(posedge clk_b) begin \
    seen_b_q <= 1'b1; \
    rst_b <= !(seen_a_q && seen_b_q); \
  end

`endif
