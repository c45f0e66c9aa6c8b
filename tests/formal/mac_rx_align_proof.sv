// SPDX-License-Identifier: Apache-2.0
// Proof of mac_rx_align: every start in lane 0 or 4 is told once, as a start or as a false one.
//
// The environment chooses for each half of a word whether it begins with /S/.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module mac_rx_align_proof (
    input wire clk_i,
    input wire low_i,
    input wire high_i
);

  `PROOF_RESET(clk_i, rst)

  localparam logic [31:0] Idle = {4{xgmii_pkg::Idle}};
  localparam logic [31:0] Start = {Idle[31:8], xgmii_pkg::Start};

  xgmii_pkg::word_t word, out;
  logic start, false_start, low, high;

  assign low  = low_i && !rst;
  assign high = high_i && !rst;
  assign word = {8'hFF, high ? Start : Idle, low ? Start : Idle};

  mac_rx_align u_leaf (
      .clk_i, .rst_i(rst), .xgmii_i(word), .word_o(out), .start_o(start), .false_start_o(false_start));

  logic [3:0] came_q, told_q;
  logic [1:0] rest_q;

  always_ff @(posedge clk_i) begin
    if (rst) begin
      came_q <= '0;
      told_q <= '0;
      rest_q <= '0;
    end else begin
      came_q <= came_q + 4'(low) + 4'(high);
      told_q <= told_q + 4'(start) + 4'(false_start);
      rest_q <= (low || high) ? 2'd0 : (rest_q == 2'd3) ? rest_q : rest_q + 1'b1;
    end
  end

  logic [3:0] open;
  assign open = came_q - told_q;

  // two words of two starts may be on their way, and the half that waits
  `ASSERT(NoneMadeUpNoneTwice_A, open <= 4'd6, clk_i, rst)
  `ASSERT(EveryStartToldOnce_A, rest_q != 2'd3 || open == '0, clk_i, rst)
  `ASSERT(StartStandsInLane0_A, !start || (out.ctrl[0] && out.data[7:0] == xgmii_pkg::Start), clk_i, rst)

  `COVER(FalseStart_C, false_start, clk_i, rst)

endmodule

`default_nettype wire
