// SPDX-License-Identifier: Apache-2.0
// Puts preamble and start delimiter in front of a frame and the terminate behind it.
//
// Link of beats (FCS included) -> XGMII words of frames that start in lane 0; combinational, a word a
// cycle. Once the first word was taken, a word is always there: a frame whose next beat is missing ends
// at once with a word of /E/ and its terminate, its remaining beats are swallowed, and it is counted
// (underrun_o). So mac_tx_gap never waits inside a frame.
// Place: mac_tx_fcs_insert -> this -> mac_tx_gap.
`include "assert.svh"
`default_nettype none

module mac_tx_frame (
    input  wire               clk_i,
    input  wire               rst_i,
    // in
    input  wire               in_valid_i,
    output logic              in_ready_o,
    input  mac_pkg::beat_t    in_i,
    // out: XGMII words
    output logic              out_valid_o,
    input  wire               out_ready_i,
    output mac_pkg::tx_word_t out_o,
    // events
    output logic              sent_o,      // a whole frame left
    output logic              underrun_o   // a frame was aborted
);

  localparam logic [63:0] Head = {xgmii_pkg::Sfd, {6{xgmii_pkg::Preamble}}, xgmii_pkg::Start};
  localparam logic [63:0] AllIdle = {8{xgmii_pkg::Idle}};
  localparam logic [63:0] Abort = {xgmii_pkg::Terminate, {7{xgmii_pkg::Error}}};

  typedef enum logic [1:0] {StIdle, StData, StTerminate, StSwallow} state_e;
  state_e state_q, state_d;

  // ---- the last beat with its terminate: lane `bytes` ----
  logic [2:0]  bytes;
  logic [63:0] end_data;
  logic [7:0]  end_ctrl;

  always_comb begin
    bytes    = 3'd0 - in_i.empty;
    end_data = in_i.data;
    end_ctrl = 8'h00;
    if (state_q == StData && in_i.last && in_i.empty != 3'd0) begin
      for (int unsigned i = 1; i < 8; i++) begin
        if (3'(i) >= bytes) begin
          end_ctrl[i]       = 1'b1;
          end_data[8*i+:8] = (3'(i) == bytes) ? xgmii_pkg::Terminate : xgmii_pkg::Idle;
        end
      end
    end
  end

  always_comb begin
    state_d     = state_q;
    in_ready_o  = 1'b0;
    out_valid_o = 1'b0;
    out_o       = {1'b0, 1'b0, 1'b0, 3'd0, 8'h00, end_data};
    unique case (state_q)
      StIdle: begin
        out_valid_o = in_valid_i;
        out_o.first = 1'b1;
        out_o.ctrl  = 8'h01;
        out_o.data  = Head;
        if (in_valid_i && out_ready_i) state_d = StData;
      end
      StData: begin
        out_valid_o = 1'b1;
        if (in_valid_i) begin
          in_ready_o      = out_ready_i;
          out_o.last      = in_i.last && in_i.empty != 3'd0;
          out_o.terminate = bytes;
          out_o.ctrl      = end_ctrl;
          if (out_ready_i && in_i.last) state_d = (in_i.empty != 3'd0) ? StIdle : StTerminate;
        end else begin
          out_o = {1'b0, 1'b1, 1'b1, 3'd7, 8'hFF, Abort};
          if (out_ready_i) state_d = StSwallow;
        end
      end
      StTerminate: begin
        out_valid_o = 1'b1;
        out_o       = {1'b0, 1'b1, 1'b0, 3'd0, 8'hFF, AllIdle[63:8], xgmii_pkg::Terminate};
        if (out_ready_i) state_d = StIdle;
      end
      default: begin  // StSwallow
        in_ready_o = 1'b1;
        if (in_valid_i && in_i.last) state_d = StIdle;
      end
    endcase
  end

  assign sent_o     = out_valid_o && out_ready_i && out_o.last && !out_o.aborted;
  assign underrun_o = out_valid_o && out_ready_i && out_o.last && out_o.aborted;

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else state_q <= state_d;
  end

  logic unused_err;
  assign unused_err = ^in_i.err;

  `ASSUME(NoWaitInsideFrame_A, state_q == StIdle || state_q == StSwallow || out_ready_i, clk_i, rst_i)
  `COVER(Underrun_C, underrun_o, clk_i, rst_i)

endmodule

`default_nettype wire
