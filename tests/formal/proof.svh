// SPDX-License-Identifier: Apache-2.0
// What every proof begins with: one cycle of reset, then none.
`ifndef COSNIC_PROOF_SVH
`define COSNIC_PROOF_SVH

`define PROOF_RESET(clk, rst) \
  logic rst = 1'b1; \
  always_ff @(posedge clk) rst <= 1'b0;

`endif
