// SPDX-License-Identifier: Apache-2.0
// The CRC leaves side by side and a register behind each, for their test.
`default_nettype none

module crc32_harness (
    input  wire         clk_i,
    input  wire  [31:0] crc_i,
    input  wire  [63:0] data_i,
    input  wire  [ 2:0] empty_i,
    output logic [31:0] word_o,
    output logic [31:0] tail_o
);

  logic [31:0] word, tail;

  crc32_word u_word (.crc_i, .data_i, .crc_o(word));
  crc32_tail u_tail (.crc_i, .data_i, .empty_i, .crc_o(tail));

  always_ff @(posedge clk_i) begin
    word_o <= word;
    tail_o <= tail;
  end

endmodule

`default_nettype wire
