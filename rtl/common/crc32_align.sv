// SPDX-License-Identifier: Apache-2.0
// First half of a CRC-32 tail: moves the 8 - empty_i valid bytes of a last word to its top.
//
// register after the tail = crc32_pkg::advance(word_o) ^ rest_o
// The register is added to the bytes it meets; leading zero bytes leave an all-zero register alone. With
// fewer than 4 valid bytes the rest of the register only moves down and is added at the end (rest_o).
// Combinational; a register may stand between the two halves to shorten the path.
`default_nettype none

module crc32_align (
    input  wire  [31:0] crc_i,
    input  wire  [63:0] data_i,
    input  wire  [ 2:0] empty_i,
    output logic [63:0] word_o,
    output logic [31:0] rest_o
);

  logic [63:0] sum;
  assign sum = data_i ^ {32'd0, crc_i};

  always_comb begin
    unique case (empty_i)
      3'd0: word_o = sum;
      3'd1: word_o = {sum[55:0], 8'd0};
      3'd2: word_o = {sum[47:0], 16'd0};
      3'd3: word_o = {sum[39:0], 24'd0};
      3'd4: word_o = {sum[31:0], 32'd0};
      3'd5: word_o = {sum[23:0], 40'd0};
      3'd6: word_o = {sum[15:0], 48'd0};
      default: word_o = {sum[7:0], 56'd0};
    endcase
    unique case (empty_i)
      3'd5: rest_o = {24'd0, crc_i[31:24]};
      3'd6: rest_o = {16'd0, crc_i[31:16]};
      3'd7: rest_o = {8'd0, crc_i[31:8]};
      default: rest_o = 32'd0;
    endcase
  end

endmodule

`default_nettype wire
