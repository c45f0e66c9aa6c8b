// SPDX-License-Identifier: Apache-2.0
// Proof of the CRC leaves: equal to the bit loop of IEEE 802.3 for every register, word and length.
//
// One tail for each length: with a fixed length everything is XOR, and decision diagrams stay small.
`default_nettype none

module crc32_proof (
    input wire [31:0] crc_i,
    input wire [63:0] data_i
);

  logic [31:0] word;

  crc32_word u_word (.crc_i, .data_i, .crc_o(word));

  // The definition: one bit at a time, lowest first; the register after each byte count.
  function automatic logic [31:0] byte_in(input logic [31:0] crc, input logic [7:0] data);
    byte_in = crc;
    for (int k = 0; k < 8; k++) begin
      byte_in = {1'b0, byte_in[31:1]} ^ ((byte_in[0] ^ data[k]) ? 32'hedb88320 : 32'd0);
    end
  endfunction

  logic [31:0] after[9];
  assign after[0] = crc_i;
  for (genvar k = 0; k < 8; k++) begin : g_bytes
    assign after[k+1] = byte_in(after[k], data_i[8*k+:8]);
  end

  logic [8:1] tail_equal;

  for (genvar n = 1; n <= 8; n++) begin : g_tails
    logic [31:0] tail;
    crc32_tail u_tail (.crc_i, .data_i, .empty_i(3'(8 - n)), .crc_o(tail));
    assign tail_equal[n] = tail == after[n];
  end

  always_comb begin
    WordEqualsLoop_A: assert (word == after[8]);
    TailsEqualLoop_A: assert (tail_equal == '1);
  end

endmodule

`default_nettype wire
