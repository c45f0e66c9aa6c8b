// SPDX-License-Identifier: Apache-2.0
// Finds the frames: checks preamble and start delimiter, cuts at the terminate, gives a verdict.
//
// Aligned XGMII words -> frame words (FCS included), one cycle later, no back-pressure. Each /S/ makes
// exactly one frame, and each frame exactly one `last` word. The first fault ends the frame, and what
// follows is ignored up to the next /S/, so nothing on the wire can hold the path:
//   preamble or SFD wrong -> BAD_PREAMBLE (a frame of one word)     IEEE 802.3, 46.2.2
//   /E/ before /T/        -> ERROR_CONTROL
//   any other control     -> TRUNCATED, /S/ too: that one starts the next frame
//   more than 1522 bytes  -> OVERSIZE, at the word that is too much
//   less than 64 bytes    -> RUNT
// Place: mac_rx_align -> this -> mac_rx_fcs_check.
`include "assert.svh"
`default_nettype none

module mac_rx_frame (
    input  wire               clk_i,
    input  wire               rst_i,
    // aligned XGMII
    input  xgmii_pkg::word_t  word_i,
    input  wire               start_i,
    // frame words
    output logic              out_valid_o,
    output mac_pkg::rx_word_t out_o,
    // events
    output logic              rx_start_o
);

  localparam int unsigned MinBytes = 32'(contract_pkg::MIN_FRAME_NO_FCS) + 4;
  localparam int unsigned MaxBytes = 32'(contract_pkg::MAX_FRAME_NO_FCS) + 4;
  localparam logic [7:0] MinWords = 8'(MinBytes / 8);
  localparam logic [7:0] MaxWords = 8'(MaxBytes / 8);
  localparam logic [2:0] MaxTail = 3'(MaxBytes % 8);
  localparam logic [63:0] Head =
      {xgmii_pkg::Sfd, {6{xgmii_pkg::Preamble}}, xgmii_pkg::Start};

  if (MinBytes % 8 != 0) begin : g_bad_minimum
    $error("mac_rx_frame %m: the runt check counts whole words");
  end

  typedef enum logic [1:0] {StIdle, StData, StBadPreamble} state_e;
  state_e state_q, state_d;

  logic [7:0] words_q, words_d;  // whole words of this frame so far
  logic       head_ok;
  logic       out_valid_d;
  mac_pkg::rx_word_t out_d;

  assign head_ok = word_i.ctrl == 8'h01 && word_i.data == Head;

  // ---- the first control character of the word ----
  logic [7:0] first_ctrl, is_terminate, is_error;
  logic [2:0] count;   // bytes before it
  logic [63:0] kept;   // ... and they alone
  logic        ends, terminated, errored;

  always_comb begin
    first_ctrl   = '0;
    is_terminate = '0;
    is_error     = '0;
    count        = '0;
    kept         = word_i.data;
    if (state_q == StData && word_i.ctrl != '0) begin
      for (int i = 0; i < 8; i++) begin
        first_ctrl[i]   = word_i.ctrl[i] && (word_i.ctrl & 8'((9'd1 << i) - 9'd1)) == '0;
        is_terminate[i] = first_ctrl[i] && word_i.data[8*i+:8] == xgmii_pkg::Terminate;
        is_error[i]     = first_ctrl[i] && word_i.data[8*i+:8] == xgmii_pkg::Error;
        if (first_ctrl[i]) count = 3'(i);
        if ((word_i.ctrl & 8'((9'd2 << i) - 9'd1)) != '0) kept[8*i+:8] = '0;
      end
    end
    ends       = word_i.ctrl != '0;
    terminated = is_terminate != '0;
    errored    = is_error != '0;
  end

  // ---- the frame ----
  always_comb begin
    state_d     = state_q;
    words_d     = words_q;
    out_valid_d = 1'b0;
    out_d       = {contract_pkg::FRAME_OK, 1'b0, 3'd0, word_i.data};

    unique case (state_q)
      StBadPreamble: begin
        out_valid_d = 1'b1;
        out_d.last  = 1'b1;
        out_d.err   = contract_pkg::FRAME_BAD_PREAMBLE;
        state_d     = StIdle;
      end
      StData: begin
        out_valid_d = 1'b1;
        out_d.last  = ends;
        out_d.count = count;
        out_d.data  = kept;
        words_d     = words_q + 8'd1;
        if (ends) begin
          state_d = StIdle;
          if (errored) out_d.err = contract_pkg::FRAME_ERROR_CONTROL;
          else if (!terminated) out_d.err = contract_pkg::FRAME_TRUNCATED;
          else if (words_q == MaxWords && count > MaxTail) out_d.err = contract_pkg::FRAME_OVERSIZE;
          else if (words_q < MinWords) out_d.err = contract_pkg::FRAME_RUNT;
        end else if (words_q == MaxWords) begin
          state_d    = StIdle;
          out_d.last = 1'b1;
          out_d.err  = contract_pkg::FRAME_OVERSIZE;
        end
      end
      default: ;  // StIdle
    endcase

    if (start_i) begin
      state_d = head_ok ? StData : StBadPreamble;
      words_d = '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q     <= StIdle;
      words_q     <= '0;
      out_valid_o <= 1'b0;
      rx_start_o  <= 1'b0;
    end else begin
      state_q     <= state_d;
      words_q     <= words_d;
      out_valid_o <= out_valid_d;
      rx_start_o  <= start_i;
    end
    if (out_valid_d) out_o <= out_d;
  end

  `ASSUME(StartIsControl_A, !start_i || word_i.ctrl[0], clk_i, rst_i)
  `ASSERT(ErrorOnlyOnLast_A, !out_valid_o || out_o.last || out_o.err == contract_pkg::FRAME_OK,
          clk_i, rst_i)

endmodule

`default_nettype wire
