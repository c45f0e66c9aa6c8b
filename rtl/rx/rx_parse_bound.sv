// SPDX-License-Identifier: Apache-2.0
// Finds where a frame's IP datagram ends: padding behind it is no part of it.
//
// Named words, never stalled -> the same words with `bytes`, one cycle later. With the last beat: whether the
// whole datagram is in the frame (fits_o) and how long TCP or UDP are, header included (l4_len_o).
// The length comes from the IPv4 total length or the IPv6 payload length (0, a jumbogram, is taken as it stands).
// Place: rx_parse: rx_parse_walk -> this -> rx_parse_fields, rx_checksum.
`default_nettype none

module rx_parse_bound (
    input  wire                                    clk_i,
    input  wire                                    rst_i,
    // named words
    input  wire                                    in_valid_i,
    input  wire                                    in_first_i,
    input  wire                                    in_last_i,
    input  wire                                    in_good_i,
    input  wire  [stream_pkg::EmptyW:0]            in_count_i,
    input  wire  [rx_pkg::WordW*rx_pkg::Slots-1:0] in_i,
    // bounded words
    output logic                                   out_valid_o,
    output logic                                   out_first_o,
    output logic                                   out_last_o,
    output logic                                   out_good_o,
    output logic [rx_pkg::WordW*rx_pkg::Slots-1:0] out_o,
    output logic                                   fits_o,
    output logic [15:0]                            l4_len_o
);

  localparam int unsigned WordW = rx_pkg::WordW;

  // A jump beyond what a frame has must not wrap: 18 bits hold every length here.
  logic [17:0] left_q;  // bytes of the datagram from slot 0 on
  logic [17:0] base, rest;
  logic [15:0] l4_len;
  logic [WordW*rx_pkg::Slots-1:0] words;
  rx_pkg::word_t word;

  always_comb begin
    base = in_first_i ? '0 : left_q;
    word = '0;
    for (int k = 0; k < rx_pkg::Words; k++) begin
      word = in_i[WordW*k+:WordW];
      if (word.have == 3'd4 && word.kind == rx_pkg::KindIp4 && word.n == 4'd0)
        base = 18'(word.data[15:0]) + 18'(4 * k);
      if (word.have == 3'd4 && word.kind == rx_pkg::KindIp6 && word.n == 4'd1)
        base = 18'(word.data[31:16]) + 18'(36 + 4 * k);
    end
    words = '0;
    rest = '0;
    l4_len = in_first_i ? '0 : l4_len_o;
    for (int k = 0; k < rx_pkg::Slots; k++) begin
      word = in_i[WordW*k+:WordW];
      rest = (base > 18'(4 * k)) ? base - 18'(4 * k) : '0;
      word.bytes = (rest >= 18'(word.have)) ? word.have : rest[2:0];
      if (word.kind == rx_pkg::KindEth || word.kind == rx_pkg::KindTag) word.bytes = '0;
      words[WordW*k+:WordW] = word;
      if ((word.kind == rx_pkg::KindTcp || word.kind == rx_pkg::KindUdp) && word.n == 4'd0 &&
          k != rx_pkg::Words && word.have == 3'd4) l4_len = rest[15:0];
    end
  end

  logic unused_bits;
  assign unused_bits = ^rest[17:16];

  always_ff @(posedge clk_i) begin
    if (rst_i) out_valid_o <= 1'b0;
    else out_valid_o <= in_valid_i;
    if (in_valid_i) begin
      left_q      <= (base > 18'(4 * rx_pkg::Words)) ? base - 18'(4 * rx_pkg::Words) : '0;
      out_first_o <= in_first_i;
      out_last_o  <= in_last_i;
      out_good_o  <= in_good_i;
      out_o       <= words;
      fits_o      <= base <= 18'(in_count_i) + 18'd2;
      l4_len_o    <= l4_len;
    end
  end

endmodule

`default_nettype wire
