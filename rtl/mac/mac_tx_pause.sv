// SPDX-License-Identifier: Apache-2.0
// Writes pause frames: XOFF when a level rises, again before it runs out, XON when it falls.
//
// Levels -> link of beats, without padding and FCS (mac_tx_pad and mac_tx_fcs_insert add them). xoff_i with
// pause enabled makes PAUSE frames (IEEE 802.3 31B), with priority pause enabled frames for classes_i (31D); a
// level that stands is told again every half of quanta_i. A change that comes while a frame is written makes the
// next one. Switching a kind off ends its pause with an XON.
//
//   beat 0  DA DA DA DA DA DA SA SA   beat 1  SA SA SA SA 88 08 00 01   beat 2  time              (18 bytes)
//                                     beat 1  SA SA SA SA 88 08 01 01   beats 2..4  classes, times (34 bytes)
// Place: mac_level -> this -> mac_tx_mux.
`include "assert.svh"
`default_nettype none

module mac_tx_pause #(
    parameter int unsigned TickCycles = 8  // a quantum of 512 bit times
) (
    input  wire             clk_i,
    input  wire             rst_i,
    // how to behave
    input  wire             pause_enable_i,
    input  wire             pfc_enable_i,
    input  wire  [7:0]      classes_i,
    input  wire  [15:0]     quanta_i,
    input  wire  [47:0]     station_i,
    // level
    input  wire             xoff_i,
    // out
    output logic            out_valid_o,
    input  wire             out_ready_i,
    output mac_pkg::beat_t  out_o,
    // events
    output logic            pause_sent_o,
    output logic            pfc_sent_o
);

  localparam int unsigned TickW = $clog2(TickCycles);
  localparam logic [47:0] ControlAddress = 48'h010000C28001;  // first byte lowest

  function automatic logic [15:0] swap(input logic [15:0] word);
    swap = {word[7:0], word[15:8]};
  endfunction

  // ---- what the other side was told, and when it wants to hear it again ----
  logic             pause_told_q, pause_want, pause_due, pause_again_q;
  logic [7:0]       pfc_told_q, pfc_want;
  logic             pfc_due, pfc_again_q;
  logic [TickW-1:0] tick_q;
  logic [14:0]      left_q;  // quanta until the next refresh
  logic             told, refresh;

  assign pause_want = xoff_i && pause_enable_i;
  assign pfc_want   = (xoff_i && pfc_enable_i) ? classes_i : 8'd0;
  assign pause_due  = pause_want != pause_told_q || (pause_again_q && pause_told_q);
  assign pfc_due    = pfc_want != pfc_told_q || (pfc_again_q && pfc_told_q != '0);
  assign told       = pause_told_q || pfc_told_q != '0;
  assign refresh    = told && tick_q == TickW'(TickCycles - 1) && left_q == '0;

  // ---- the frame being written ----
  logic        busy_q, pfc_q, take;
  logic [2:0]  beat_q;
  logic        off_q;
  logic [7:0]  classes_q, on_q;  // classes named, those of them to stop
  logic [15:0] quanta_q;         // as it stood at the first beat: a frame on offer does not change
  logic [15:0] times;

  assign take = out_valid_o && out_ready_i;
  assign out_valid_o = busy_q;

  always_ff @(posedge clk_i) begin
    pause_sent_o <= 1'b0;
    pfc_sent_o   <= 1'b0;
    if (rst_i) begin
      pause_told_q  <= 1'b0;
      pfc_told_q    <= '0;
      pause_again_q <= 1'b0;
      pfc_again_q   <= 1'b0;
      busy_q        <= 1'b0;
    end else if (busy_q) begin
      if (take) beat_q <= beat_q + 1'b1;
      if (take && out_o.last) busy_q <= 1'b0;
      pause_sent_o <= take && out_o.last && !pfc_q;
      pfc_sent_o   <= take && out_o.last && pfc_q;
      if (refresh) {pause_again_q, pfc_again_q} <= 2'b11;
    end else begin
      beat_q   <= '0;
      quanta_q <= quanta_i;
      if (refresh) {pause_again_q, pfc_again_q} <= 2'b11;
      if (pause_due) begin
        busy_q        <= 1'b1;
        pfc_q         <= 1'b0;
        off_q         <= pause_want;
        pause_told_q  <= pause_want;
        pause_again_q <= 1'b0;
      end else if (pfc_due) begin
        busy_q      <= 1'b1;
        pfc_q       <= 1'b1;
        classes_q   <= pfc_want | pfc_told_q;
        on_q        <= pfc_want;
        pfc_told_q  <= pfc_want;
        pfc_again_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i || !told) begin
      tick_q <= '0;
      left_q <= quanta_i[15:1];
    end else begin
      tick_q <= (tick_q == TickW'(TickCycles - 1)) ? '0 : tick_q + 1'b1;
      if (tick_q == TickW'(TickCycles - 1)) left_q <= (left_q == '0) ? quanta_i[15:1] : left_q - 1'b1;
    end
  end

  // ---- the bytes ----
  always_comb begin
    out_o = '0;
    times = '0;
    unique case (beat_q)
      3'd0: out_o.data = {station_i[15:0], ControlAddress};
      3'd1: out_o.data = {pfc_q ? 16'h0101 : 16'h0100, 16'h0888, station_i[47:16]};
      default: begin
        if (!pfc_q) begin
          out_o.data[15:0] = off_q ? swap(quanta_q) : 16'd0;
        end else begin
          // the four 16-bit places of beats 2..4: classes, then times 0 .. 7
          for (int unsigned place = 0; place < 4; place++) begin
            times = '0;
            if (beat_q == 3'd2 && place == 0) times = {classes_q, 8'd0};
            else if (beat_q == 3'd2 && on_q[(place+3)%4]) times = swap(quanta_q);
            else if (beat_q == 3'd3 && on_q[3+place]) times = swap(quanta_q);
            else if (beat_q == 3'd4 && place == 0 && on_q[7]) times = swap(quanta_q);
            out_o.data[16*place+:16] = times;
          end
        end
        out_o.last  = beat_q == (pfc_q ? 3'd4 : 3'd2);
        out_o.empty = out_o.last ? 3'd6 : 3'd0;
      end
    endcase
  end

  stream_checker #(.Width(mac_pkg::BeatW)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

endmodule

`default_nettype wire
