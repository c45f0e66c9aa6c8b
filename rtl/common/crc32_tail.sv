// SPDX-License-Identifier: Apache-2.0
// The CRC-32 register after a last word with 8 - empty_i valid bytes (1 to 8); combinational.
//
// Bytes beyond the valid ones are ignored. A byte shift and one level of XOR rows: where that is too much
// between two registers, use its two halves (crc32_align, crc32_pkg::advance) with a register between.
// Place: MAC receive check and transmit insertion.
`default_nettype none

module crc32_tail (
    input  wire  [31:0] crc_i,
    input  wire  [63:0] data_i,
    input  wire  [ 2:0] empty_i,
    output logic [31:0] crc_o
);

  logic [63:0] word;
  logic [31:0] rest;

  crc32_align u_align (.crc_i, .data_i, .empty_i, .word_o(word), .rest_o(rest));

  assign crc_o = crc32_pkg::advance(word) ^ rest;

endmodule

`default_nettype wire
