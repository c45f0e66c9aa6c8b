// SPDX-License-Identifier: Apache-2.0
// Finds the frames on GMII: preamble and start delimiter, whole words, a verdict. What mac_rx_align and
// mac_rx_frame are for XGMII.
//
// A byte a cycle -> frame words (FCS included), one in eight cycles, no back-pressure. Each rise of RX_DV makes
// exactly one frame with exactly one `last` word and one that `ends` it (IEEE 802.3 35.2.3):
//   not 55 .. 55 D5 in front, or too short for it -> BAD_PREAMBLE; any number of 55, a PHY may shorten it
//   RX_ER before RX_DV falls                      -> ERROR_CONTROL, at the byte
//   more than the limit                           -> OVERSIZE, cut at the word that is too much, then `over`
//   less than 64 bytes                            -> RUNT
// A frame cut short ends like any other: its FCS tells. RX_ER with 0E outside a frame is a false carrier.
// Place: GMII -> this -> mac_rx_fcs_check.
`include "assert.svh"
`default_nettype none

module mac_gmii_rx (
    input  wire               clk_i,
    input  wire               rst_i,
    // GMII
    input  gmii_pkg::word_t   gmii_i,
    // limits, FCS included; 64 at least
    input  wire  [13:0]       max_frame_i,
    input  wire  [13:0]       max_tagged_i,
    // frame words
    output logic              out_valid_o,
    output mac_pkg::rx_word_t out_o,
    // events
    output logic              rx_start_o,
    output logic              false_start_o
);

  localparam logic [12:0] MinWords = 13'((32'(contract_pkg::MIN_FRAME_NO_FCS) + 4) / 8);
  localparam logic [15:0] Ctag = 16'h0081;  // 8100 and 88A8 as they stand in a word
  localparam logic [15:0] Stag = 16'hA888;
  localparam logic [7:0] FalseCarrier = 8'h0E;

  typedef enum logic [2:0] {StIdle, StBad, StHead, StData, StOver, StSkip} state_e;
  state_e state_q, state_d;

  gmii_pkg::word_t in_q;
  logic [63:0] build_q, build;  // bytes of this word so far, zeros above
  logic [2:0]  count_q;
  logic [12:0] words_q;
  logic        tag_q, two_tags_q;
  logic [13:0] limit;
  logic        byte_here, full, at_limit, out_valid_d;
  mac_pkg::rx_word_t out_d;

  assign byte_here = (state_q == StData || state_q == StOver) && in_q.valid && !in_q.error;
  assign full      = byte_here && count_q == 3'd7;
  assign limit     = two_tags_q ? max_tagged_i : max_frame_i;
  assign at_limit  = words_q == {2'd0, limit[13:3]};

  always_comb begin
    build = build_q;
    build[8*count_q+:8] = in_q.data;
  end

  always_comb begin
    state_d     = state_q;
    out_valid_d = 1'b0;
    out_d       = {state_q == StOver, 1'b0, contract_pkg::FRAME_OK, 1'b0, 3'd0, build};
    unique case (state_q)
      StIdle: begin
        if (in_q.valid) state_d = (!in_q.error && in_q.data == gmii_pkg::Preamble) ? StHead : StBad;
      end
      StBad: begin  // a cycle of its own: the frame before it may have ended two cycles ago
        out_valid_d = 1'b1;
        out_d.last  = 1'b1;
        out_d.ends  = 1'b1;
        out_d.err   = contract_pkg::FRAME_BAD_PREAMBLE;
        state_d     = in_q.valid ? StSkip : StIdle;
      end
      StHead: begin
        if (in_q.valid && !in_q.error && in_q.data == gmii_pkg::Sfd) state_d = StData;
        else if (!in_q.valid || in_q.error || in_q.data != gmii_pkg::Preamble) begin
          out_valid_d = 1'b1;
          out_d.last  = 1'b1;
          out_d.ends  = 1'b1;
          out_d.err   = contract_pkg::FRAME_BAD_PREAMBLE;
          state_d     = in_q.valid ? StSkip : StIdle;
        end
      end
      StData, StOver: begin
        out_valid_d = full || !byte_here;
        if (!byte_here) begin
          out_d.data  = build_q;
          out_d.count = count_q;
          out_d.ends  = 1'b1;
          out_d.last  = state_q == StData;
          state_d     = in_q.valid ? StSkip : StIdle;
          if (in_q.valid) out_d.err = contract_pkg::FRAME_ERROR_CONTROL;
          else if (state_q == StOver || (at_limit && count_q > limit[2:0])) out_d.err = contract_pkg::FRAME_OVERSIZE;
          else if (words_q < MinWords) out_d.err = contract_pkg::FRAME_RUNT;
        end else if (full && at_limit && state_q == StData) begin
          out_d.last = 1'b1;
          out_d.err  = contract_pkg::FRAME_OVERSIZE;
          state_d    = StOver;
        end
      end
      default: if (!in_q.valid) state_d = StIdle;  // StSkip
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      in_q          <= {1'b0, 1'b1, 8'd0};  // as in a frame: StSkip waits until it ends
      state_q       <= StSkip;  // a frame under way is not taken for a new one
      out_valid_o   <= 1'b0;
      rx_start_o    <= 1'b0;
      false_start_o <= 1'b0;
    end else begin
      in_q          <= gmii_i;
      state_q       <= state_d;
      out_valid_o   <= out_valid_d;
      rx_start_o    <= state_q == StIdle && in_q.valid;
      false_start_o <= gmii_i.error && !gmii_i.valid && gmii_i.data == FalseCarrier &&
                       !(in_q.error && !in_q.valid && in_q.data == FalseCarrier);
    end
    if (state_q == StHead) begin
      count_q    <= '0;
      words_q    <= '0;
      build_q    <= '0;
      tag_q      <= 1'b0;
      two_tags_q <= 1'b0;
    end else if (byte_here) begin
      count_q <= count_q + 1'b1;
      build_q <= full ? '0 : build;
      if (full && words_q != '1) words_q <= words_q + 1'b1;
      if (full && words_q == 13'd1) tag_q <= build[47:32] == Ctag || build[47:32] == Stag;
      if (full && words_q == 13'd2) two_tags_q <= tag_q && build[15:0] == Ctag;
    end
    if (out_valid_d) out_o <= out_d;
  end

  `ASSERT(ErrorOnlyAtAnEnd_A, !out_valid_o || out_o.last || out_o.ends || out_o.err == contract_pkg::FRAME_OK,
          clk_i, rst_i)

endmodule

`default_nettype wire
