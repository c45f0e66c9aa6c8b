// SPDX-License-Identifier: Apache-2.0
// Finds the frames: checks preamble and start delimiter, cuts at the terminate, gives a verdict.
//
// Aligned XGMII words -> frame words (FCS included), one cycle later, no back-pressure. Each /S/ makes
// exactly one frame, and each frame exactly one `last` word
// and one that `ends` it. The first fault ends the frame, and what
// follows is ignored up to the next /S/, so nothing on the wire can hold the path:
//   preamble or SFD wrong -> BAD_PREAMBLE (a frame of one word)     IEEE 802.3, 46.2.2
//   /E/ before /T/        -> ERROR_CONTROL
//   any other control     -> TRUNCATED, /S/ too: that one starts the next frame
//   more than the limit   -> OVERSIZE, cut at the word that is too much; the rest follows as `over`
//   less than 64 bytes    -> RUNT
// The limit is max_frame_i, or max_tagged_i for a frame with two VLAN tags (802.1Q or 802.1ad in front).
// Place: mac_rx_align -> this -> mac_rx_fcs_check.
`include "assert.svh"
`default_nettype none

module mac_rx_frame (
    input  wire               clk_i,
    input  wire               rst_i,
    // aligned XGMII
    input  xgmii_pkg::word_t  word_i,
    input  wire               start_i,
    // limits, FCS included; 64 at least
    input  wire  [13:0]       max_frame_i,
    input  wire  [13:0]       max_tagged_i,
    // frame words
    output logic              out_valid_o,
    output mac_pkg::rx_word_t out_o,
    // events
    output logic              rx_start_o
);

  localparam int unsigned MinBytes = 32'(contract_pkg::MIN_FRAME_NO_FCS) + 4;
  localparam logic [12:0] MinWords = 13'(MinBytes / 8);
  localparam logic [15:0] Ctag = 16'h0081;  // 8100 and 88A8 as they stand in a word
  localparam logic [15:0] Stag = 16'hA888;
  localparam logic [63:0] Head =
      {xgmii_pkg::Sfd, {6{xgmii_pkg::Preamble}}, xgmii_pkg::Start};

  if (MinBytes % 8 != 0) begin : g_bad_minimum
    $error("mac_rx_frame %m: the runt check counts whole words");
  end

  typedef enum logic [1:0] {StIdle, StData, StBadPreamble, StOver} state_e;
  state_e state_q, state_d;

  logic [12:0] words_q, words_d;  // whole words of this frame so far; stays at the highest
  logic        tag_q, tag_d;      // the second word had a tag
  logic [13:0] limit_q, limit_d;
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
    if ((state_q == StData || state_q == StOver) && word_i.ctrl != '0) begin
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
    tag_d       = tag_q;
    limit_d     = limit_q;
    out_valid_d = 1'b0;
    out_d       = {1'b0, 1'b0, contract_pkg::FRAME_OK, 1'b0, 3'd0, word_i.data};

    unique case (state_q)
      StBadPreamble: begin
        out_valid_d = 1'b1;
        out_d.last  = 1'b1;
        out_d.ends  = 1'b1;
        out_d.err   = contract_pkg::FRAME_BAD_PREAMBLE;
        state_d     = StIdle;
      end
      StData, StOver: begin
        out_valid_d = 1'b1;
        out_d.over  = state_q == StOver;
        out_d.ends  = ends;
        out_d.last  = ends && state_q == StData;
        out_d.count = count;
        out_d.data  = kept;
        if (words_q != '1) words_d = words_q + 13'd1;
        if (words_q == 13'd1) tag_d = word_i.data[47:32] == Ctag || word_i.data[47:32] == Stag;
        if (words_q == 13'd2 && tag_q && word_i.data[15:0] == Ctag) limit_d = max_tagged_i;
        if (ends) begin
          state_d = StIdle;
          if (errored) out_d.err = contract_pkg::FRAME_ERROR_CONTROL;
          else if (!terminated) out_d.err = contract_pkg::FRAME_TRUNCATED;
          else if (state_q == StOver || (words_q == {2'd0, limit_q[13:3]} && count > limit_q[2:0])) begin
            out_d.err = contract_pkg::FRAME_OVERSIZE;
          end else if (words_q < MinWords) out_d.err = contract_pkg::FRAME_RUNT;
        end else if (state_q == StData && words_q == {2'd0, limit_q[13:3]}) begin
          state_d    = StOver;
          out_d.last = 1'b1;
          out_d.err  = contract_pkg::FRAME_OVERSIZE;
        end
      end
      default: ;  // StIdle
    endcase

    if (start_i) begin
      state_d = head_ok ? StData : StBadPreamble;
      words_d = '0;
      limit_d = max_frame_i;
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
    tag_q   <= tag_d;
    limit_q <= limit_d;
    if (out_valid_d) out_o <= out_d;
  end

  `ASSUME(StartIsControl_A, !start_i || word_i.ctrl[0], clk_i, rst_i)
  `ASSERT(ErrorOnlyAtAnEnd_A, !out_valid_o || out_o.last || out_o.ends || out_o.err == contract_pkg::FRAME_OK,
          clk_i, rst_i)
  `ASSERT(OverEndsOnce_A, !out_valid_o || !out_o.over || !out_o.last, clk_i, rst_i)

endmodule

`default_nettype wire
