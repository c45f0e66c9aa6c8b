// SPDX-License-Identifier: Apache-2.0
// Proof of mac_tx_gap: at least 9 bytes between frames, and never more than 3 bytes behind 12 a frame.
//
// The environment offers frames of any length with the terminate in any lane, back to back or not.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module mac_tx_gap_proof (
    input wire       clk_i,
    input wire       in_valid_i,
    input wire       last_i,
    input wire [2:0] terminate_i
);

  `PROOF_RESET(clk_i, rst)

  // ---- frames: a first word, any number of words, one with the terminate ----
  logic inside_q, waiting_q, valid, ready, last;
  mac_pkg::tx_word_t word;
  xgmii_pkg::word_t out;
  nic_pkg::mac_tx_events_t unused_events;

  assign valid = !rst && (inside_q || waiting_q || in_valid_i);
  assign last  = inside_q && last_i;

  always_comb begin
    word = '0;
    word.first     = !inside_q;
    word.last      = last;
    word.terminate = last ? terminate_i : 3'd0;
    if (!inside_q) begin
      word.ctrl      = 8'h01;
      word.data[7:0] = xgmii_pkg::Start;
    end else if (last) begin
      for (int unsigned i = 0; i < 8; i++) begin
        if (3'(i) >= terminate_i) begin
          word.ctrl[i]      = 1'b1;
          word.data[8*i+:8] = (3'(i) == terminate_i) ? xgmii_pkg::Terminate : xgmii_pkg::Idle;
        end
      end
    end
  end

  mac_tx_gap u_leaf (
      .clk_i, .rst_i(rst), .in_valid_i(valid), .in_ready_o(ready), .in_i(word), .xgmii_o(out),
      .events_o(unused_events));

  always_ff @(posedge clk_i) begin
    if (rst) begin
      inside_q  <= 1'b0;
      waiting_q <= 1'b0;
    end else begin
      waiting_q <= valid && !ready;
      if (valid && ready) inside_q <= !last;
    end
  end

  // ---- what stands on the wire ----
  logic       on_q;      // inside a frame
  logic [5:0] gap_q;     // bytes from the terminate to this word; stays at 40
  logic [3:0] owed_q;    // bytes behind 12 a frame
  logic       start0, start4, ends;
  logic [2:0] ends_at;
  logic [5:0] gap;

  assign start0 = out.ctrl[0] && out.data[7:0] == xgmii_pkg::Start;
  assign start4 = out.ctrl[4] && out.data[39:32] == xgmii_pkg::Start;
  assign gap    = gap_q + (start4 ? 6'd4 : 6'd0);

  always_comb begin
    ends    = 1'b0;
    ends_at = '0;
    for (int unsigned i = 0; i < 8; i++) begin
      if (out.ctrl[i] && out.data[8*i+:8] == xgmii_pkg::Terminate) begin
        ends    = 1'b1;
        ends_at = 3'(i);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst) begin
      on_q   <= 1'b0;
      gap_q  <= 6'd40;
      owed_q <= '0;
    end else begin
      if (start0 || start4) begin
        on_q <= 1'b1;
        owed_q <= ({2'd0, owed_q} + 6'd12 > gap) ? 4'({2'd0, owed_q} + 6'd12 - gap) : 4'd0;
      end
      if (ends) begin
        on_q  <= 1'b0;
        gap_q <= 6'd8 - {3'd0, ends_at};
      end else if (gap_q < 6'd32) gap_q <= gap_q + 6'd8;
    end
  end

  `ASSERT(FramesStandApart_A, !(start0 || start4) || (!on_q && !ends && gap >= 6'd9), clk_i, rst)
  `ASSERT(AverageOf12_A, owed_q <= 4'd3, clk_i, rst)

  `COVER(StartInLane4_C, start4 && gap == 6'd15, clk_i, rst)

endmodule

`default_nettype wire
