// SPDX-License-Identifier: Apache-2.0
// Cuts a frame into 32-bit words that fit its headers.
//
// Beats, never stalled -> the words of each beat, one cycle later (rx_pkg says which bytes make a word).
// `have` tells how many bytes of a word are in the frame; kind, n and bytes are left to the next stages.
//
//   beat        | 0 1 2 3 4 5 6 7 | 8 9 ..
//   words     0 0 1|2 3 4 5|6 7 8 9|..             (the two bytes in front of the frame are zero)
//
// Place: rx_parse: the frame's beats -> this -> rx_parse_walk.
`default_nettype none

module rx_parse_words (
    input  wire                                   clk_i,
    input  wire                                   rst_i,
    // beats
    input  wire                                   in_valid_i,
    input  stream_pkg::beat_t                     in_i,
    // words
    output logic                                  out_valid_o,
    output logic                                  out_first_o,
    output logic                                  out_last_o,
    output logic                                  out_good_o,   // with the last: no verdict against it
    output logic [stream_pkg::EmptyW:0]           out_count_o,  // bytes of the beat
    output logic [rx_pkg::WordW*rx_pkg::Slots-1:0] out_o
);

  localparam int unsigned Bytes = stream_pkg::Bytes;
  localparam int unsigned WordW = rx_pkg::WordW;
  localparam int unsigned Words = rx_pkg::Words;

  logic                         inside_q;
  logic                  [15:0] carry_q;   // the beat before's last two bytes
  logic [stream_pkg::EmptyW:0]  count;
  logic  [8*Bytes+31:0]         window;    // first byte on top: carry, beat, two zero bytes
  logic [WordW*rx_pkg::Slots-1:0] words;
  rx_pkg::word_t                word;

  assign count = in_i.last ? (stream_pkg::EmptyW + 1)'(Bytes) - (stream_pkg::EmptyW + 1)'(in_i.empty)
                           : (stream_pkg::EmptyW + 1)'(Bytes);

  always_comb begin
    window = '0;
    window[8*Bytes+31-:16] = inside_q ? carry_q : 16'd0;
    for (int b = 0; b < Bytes; b++) window[8*Bytes+15-8*b-:8] = in_i.data[8*b+:8];
  end

  always_comb begin
    words = '0;
    for (int k = 0; k <= Words; k++) begin
      word = '0;
      word.data = window[8*Bytes+31-32*k-:32];
      // The word's bytes are the beat's 4k-2 .. 4k+1; the carried ones are always there.
      if (k == Words) begin
        word.have = (32'(count) + 2 > 4 * k) ? 3'(32'(count) + 2 - 4 * k) : 3'd0;
        if (!in_i.last) word.have = 3'd0;
      end else begin
        word.have = (32'(count) + 2 >= 4 * k + 4) ? 3'd4 :
                    (32'(count) + 2 > 4 * k) ? 3'(32'(count) + 2 - 4 * k) : 3'd0;
      end
      words[WordW*k+:WordW] = word;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      inside_q    <= 1'b0;
      out_valid_o <= 1'b0;
    end else begin
      out_valid_o <= in_valid_i;
      if (in_valid_i) inside_q <= !in_i.last;
    end
    if (in_valid_i) begin
      carry_q     <= {in_i.data[8*Bytes-16+:8], in_i.data[8*Bytes-8+:8]};
      out_first_o <= !inside_q;
      out_last_o  <= in_i.last;
      out_good_o  <= in_i.err == contract_pkg::FRAME_OK;
      out_count_o <= count;
      out_o       <= words;
    end
  end

endmodule

`default_nettype wire
