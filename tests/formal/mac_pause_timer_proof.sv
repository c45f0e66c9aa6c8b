// SPDX-License-Identifier: Apache-2.0
// Proof of mac_pause_timer: a pause lasts its quanta, and no storm outlives the watchdog.
//
// Quanta of two clocks, pauses of up to 3 quanta for the link and, told apart, for class 5.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module mac_pause_timer_proof (
    input wire       clk_i,
    input wire       pause_valid_i,
    input wire       pfc_i,
    input wire [1:0] quanta_i
);

  `PROOF_RESET(clk_i, rst)

  localparam logic [31:0] Watchdog = 32'd5;

  mac_pkg::pause_t pause;
  logic [8:0] paused;
  logic storm, valid;

  assign valid = pause_valid_i && !rst;

  always_comb begin
    pause = '0;
    pause.pfc     = pfc_i;
    pause.classes = 8'h20;
    if (pfc_i) pause.quanta[16*5+:16] = 16'(quanta_i);
    else pause.quanta[15:0] = 16'(quanta_i);
  end

  mac_pause_timer #(.TickCycles(2)) u_leaf (
      .clk_i, .rst_i(rst), .watchdog_i(Watchdog), .pause_valid_i(valid), .pause_i(pause),
      .paused_o(paused), .storm_o(storm));

  // ---- of the link: how long ago and how much was asked, how long it has held ----
  logic [1:0] asked_q;
  logic [3:0] since_q, held_q;   // clocks; stay at 15
  logic       ignored_q;         // a storm was told and has not rested
  logic       storm_link;

  always_ff @(posedge clk_i) begin
    if (rst) begin
      asked_q <= '0;
      since_q <= '1;
      held_q  <= '0;
    end else begin
      if (valid && !pfc_i) begin
        asked_q <= quanta_i;
        since_q <= '0;
      end else if (since_q != '1) since_q <= since_q + 1'b1;
      held_q <= !paused[8] ? '0 : (held_q == '1) ? held_q : held_q + 1'b1;
    end
  end

  // paused_o is a register behind the timer's: one clock more than the quanta, less a quantum at most.
  `ASSERT(EndsInTime_A, !paused[8] || since_q <= {1'b0, asked_q, 1'b1}, clk_i, rst)
  `ASSERT(WatchdogEndsIt_A, held_q <= 4'd12, clk_i, rst)
  `ASSERT(OnlyTwoTimers_A, (paused & 9'b0_1101_1111) == '0, clk_i, rst)

  // Not early, as long as no storm was seen.
  always_ff @(posedge clk_i) begin
    if (rst) ignored_q <= 1'b0;
    else if (storm) ignored_q <= 1'b1;
  end
  `ASSERT(NotEarlyByMoreThanAQuantum_A,
          ignored_q || storm || paused[8] || since_q == '0 || since_q == '1 || asked_q == '0 ||
          since_q >= {1'b0, asked_q, 1'b0} - 4'd1, clk_i, rst)

  assign storm_link = storm && held_q != '0;
  `COVER(Storm_C, storm_link, clk_i, rst)
  `COVER(Ends_C, since_q == 4'd7 && asked_q == 2'd3 && !paused[8], clk_i, rst)

endmodule

`default_nettype wire
