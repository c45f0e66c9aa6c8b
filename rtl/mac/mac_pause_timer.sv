// SPDX-License-Identifier: Apache-2.0
// How long transmission has to stop: a timer for the link and one for each of the eight classes, and a watchdog.
//
// A pause frame sets its timers to its quanta, 0 ends the pause (IEEE 802.3 31B.3.3, 31D). One quantum is 512 bit
// times: TickCycles clocks. A pause ends between a quantum early and on time, since the quanta of all timers
// begin together. paused_o has the classes in [7:0] and the link in [8]. A timer that has not been at rest for
// watchdog_i quanta (0: any time) is a storm: it no longer holds anything up until it has run out once, and
// storm_o tells it, once a storm. Place: mac_rx_control (through a FIFO) -> this -> mac_tx_mux, the core.
`include "assert.svh"
`default_nettype none

module mac_pause_timer #(
    parameter int unsigned TickCycles = 8
) (
    input  wire              clk_i,
    input  wire              rst_i,
    input  wire  [31:0]      watchdog_i,
    // pause frames
    input  wire              pause_valid_i,
    input  mac_pkg::pause_t  pause_i,
    // levels
    output logic [8:0]       paused_o,
    // events
    output logic             storm_o
);

  localparam int unsigned TickW = $clog2(TickCycles);

  // ---- the quantum, while anything runs ----
  logic [TickW-1:0] tick_q;
  logic [8:0]       runs, load, storms, ignored;
  logic             tick;

  assign tick = tick_q == TickW'(TickCycles - 1);
  assign load = !pause_valid_i ? 9'd0 : pause_i.pfc ? {1'b0, pause_i.classes} : 9'h100;

  always_ff @(posedge clk_i) begin
    if (rst_i || runs == '0) tick_q <= '0;
    else tick_q <= tick ? '0 : tick_q + 1'b1;
  end

  // ---- the timers ----
  for (genvar k = 0; k < 9; k++) begin : g_timer
    logic [15:0] quanta_q, new_quanta;
    logic [31:0] since_q;    // quanta without rest
    logic        ignored_q;  // a storm
    logic        over;

    assign new_quanta = (k == 8) ? pause_i.quanta[15:0] : pause_i.quanta[16*(k%8)+:16];
    assign runs[k]    = quanta_q != '0;
    assign ignored[k] = ignored_q;
    assign over       = runs[k] && tick && watchdog_i != '0 && since_q >= watchdog_i - 32'd1;
    assign storms[k]  = over && !ignored_q;

    always_ff @(posedge clk_i) begin
      if (rst_i) begin
        quanta_q  <= '0;
        since_q   <= '0;
        ignored_q <= 1'b0;
      end else if (load[k] || runs[k]) begin
        if (load[k]) quanta_q <= new_quanta;
        else if (tick) quanta_q <= quanta_q - 1'b1;

        if (!runs[k]) begin
          since_q   <= '0;
          ignored_q <= 1'b0;
        end else if (tick) begin
          if (since_q != '1) since_q <= since_q + 1'b1;
          if (over) ignored_q <= 1'b1;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    paused_o <= rst_i ? '0 : runs & ~ignored;
    storm_o  <= !rst_i && storms != '0;
  end

  `COVER(Storm_C, storm_o, clk_i, rst_i)
  `COVER(PauseEnds_C, runs[8] && tick, clk_i, rst_i)

endmodule

`default_nettype wire
