// SPDX-License-Identifier: Apache-2.0
// The CRC-32 register after one more full word of 8 bytes; combinational, one level of XOR rows.
//
// Conventions in crc32_pkg. In a clocked process that is idle most of the time, call
// crc32_pkg::advance under the enable instead: then idle cycles cost nothing in simulation.
// Place: MAC receive check and transmit insertion.
`default_nettype none

module crc32_word (
    input  wire  [31:0] crc_i,
    input  wire  [63:0] data_i,
    output logic [31:0] crc_o
);

  assign crc_o = crc32_pkg::advance(data_i ^ {32'd0, crc_i});

endmodule

`default_nettype wire
