// SPDX-License-Identifier: Apache-2.0
// Checks the FCS and takes it off (IEEE 802.3, 3.2.9).
//
// Frame words with FCS -> beats without, three cycles later, no back-pressure; exactly one `last` beat a
// frame. A frame that came without a fault ends with FRAME_OK or FRAME_BAD_FCS, a frame that came with one
// keeps that verdict. Words that are `over` make no beats; the CRC takes them for the statistics, as it takes
// runts (fcs_good_o). The CRC runs over whole words: a last word of n bytes was filled with zeros, so a good
// frame leaves one of eight known residues in the register.
//
//   cycle      0           1                      2
//   word_i     last word   -                      -
//   this_q     word n-1    last word, CRC judged  -
//   beat_o     word n-2    word n-1, `last` when the last word had 4 bytes or less of FCS only
//                                                 the rest of the last word, `last`
// Place: mac_rx_frame or mac_gmii_rx -> this -> mac_rx_control, mac_rx_monitor.
`include "assert.svh"
`default_nettype none

module mac_rx_fcs_check (
    input  wire                clk_i,
    input  wire                rst_i,
    // frame words
    input  wire                word_valid_i,
    input  mac_pkg::rx_word_t  word_i,
    // beats, to be taken at once
    output logic               beat_valid_o,
    output mac_pkg::beat_t     beat_o,
    // one cycle after the word that `ends` a frame: whether the FCS was right
    output logic               fcs_good_o
);

  localparam logic [2:0] FcsBytes = 3'd4;

  // ---- CRC over the words that entered this_q ----
  logic        this_valid_q, this_ends_q, word_ok, judge;
  mac_pkg::rx_word_t this_q;
  logic [31:0] crc_q;
  logic [2:0]  this_count_q;  // of the word that ended a frame, `over` or not

  assign word_ok = word_valid_i && (word_i.err == contract_pkg::FRAME_OK || word_i.err == contract_pkg::FRAME_RUNT
                                    || word_i.err == contract_pkg::FRAME_OVERSIZE);
  assign judge   = this_valid_q && this_q.last;
  assign fcs_good_o = crc_q == mac_pkg::FcsResidues[32*this_count_q+:32];

  always_ff @(posedge clk_i) begin
    if (rst_i) crc_q <= crc32_pkg::Init;
    else if (word_ok) crc_q <= crc32_pkg::advance(word_i.data ^ {32'd0, crc_q});
    else if (word_valid_i || this_ends_q) crc_q <= crc32_pkg::Init;
  end

  // ---- one word is kept back until it is known whether it is the last to keep ----
  logic        held_valid_q, tail_valid_q, short_end;
  logic [63:0] held_q;
  logic [2:0]  tail_empty_q;
  logic [3:0]  tail_err_q, verdict;

  assign short_end = this_q.err != contract_pkg::FRAME_OK || this_q.count <= FcsBytes;

  always_comb begin
    verdict = this_q.err;
    if (judge && this_q.err == contract_pkg::FRAME_OK && !fcs_good_o) verdict = contract_pkg::FRAME_BAD_FCS;
  end

  always_comb begin
    beat_valid_o = 1'b0;
    beat_o       = {contract_pkg::FRAME_OK, 1'b0, 3'd0, held_q};
    if (tail_valid_q) begin
      beat_valid_o = 1'b1;
      beat_o.last  = 1'b1;
      beat_o.err   = tail_err_q;
      beat_o.empty = tail_empty_q;
    end else if (this_valid_q) begin
      beat_valid_o = held_valid_q || this_q.last;
      if (this_q.last && short_end) begin
        beat_o.last  = 1'b1;
        beat_o.err   = verdict;
        beat_o.empty = FcsBytes - this_q.count;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      this_valid_q <= 1'b0;
      this_ends_q  <= 1'b0;
      held_valid_q <= 1'b0;
      tail_valid_q <= 1'b0;
    end else begin
      this_valid_q <= word_valid_i && !word_i.over;
      this_ends_q  <= word_valid_i && word_i.ends;
      if (this_valid_q) held_valid_q <= !this_q.last;
      tail_valid_q <= judge && !short_end;
    end
    if (word_valid_i && !word_i.over) this_q <= word_i;
    if (word_valid_i) this_count_q <= word_i.count;
    if (this_valid_q) held_q <= this_q.data;
    if (judge) begin
      tail_err_q   <= verdict;
      tail_empty_q <= FcsBytes - this_q.count;  // 8 - (count - 4), modulo 8
    end
  end

  logic unused_bits;
  assign unused_bits = ^{this_q.over, this_q.ends};

  // A whole word of preamble stands between two frames.
  `ASSUME(TailHasTheCycle_A, !(tail_valid_q && this_valid_q), clk_i, rst_i)
  // An `over` word never meets the cut frame's last beat: that one leaves at once.
  `ASSERT(GoodFramesHaveBytes_A, !(judge && this_q.err == contract_pkg::FRAME_OK) || held_valid_q,
          clk_i, rst_i)

endmodule

`default_nettype wire
