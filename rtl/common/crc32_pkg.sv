// SPDX-License-Identifier: Apache-2.0
// CRC-32 of IEEE 802.3 (clause 3.2.9), 64 bits at once: one XOR row for each bit of the result.
//
// Printed by tests/rtl/common/crc_rows.py; a test compares. The register is the reflected one: bit 0 of a
// byte goes in first, it starts as Init, the FCS is its complement sent lowest byte first, and after the
// FCS of a good frame it holds Residue. advance(x) is the register after the 64 bits of x from an
// all-zero register; since the CRC is linear,
//   register after a data word = advance(data ^ {32'd0, register before})
// and leading zero bytes leave an all-zero register alone (crc32_tail uses that).
`default_nettype none

package crc32_pkg;

  localparam logic [31:0] Init = 32'hffffffff;
  localparam logic [31:0] Residue = 32'hdebb20e3;

  function automatic logic [31:0] advance(input logic [63:0] x);
    advance = {
      ^(x & 64'h826880efa40da72d),
      ^(x & 64'hc35cc098760b74bb),
      ^(x & 64'he3c6e0a39f081d70),
      ^(x & 64'h71e37051cf840eb8),
      ^(x & 64'hba9938c743cfa071),
      ^(x & 64'hdf241c8c05ea7715),
      ^(x & 64'h6f920e4602f53b8a),
      ^(x & 64'hb5a187cca5773ae8),
      ^(x & 64'hd8b84309f6b63a59),
      ^(x & 64'h6c5c2184fb5b1d2c),
      ^(x & 64'hb446902dd9a029bb),
      ^(x & 64'hd84bc8f948ddb3f0),
      ^(x & 64'hee4d649300637ed5),
      ^(x & 64'h7726b2498031bf6a),
      ^(x & 64'h3b935924c018dfb5),
      ^(x & 64'h1dc9ac92600c6fda),
      ^(x & 64'h8c8c56a6940b90c0),
      ^(x & 64'h46462b534a05c860),
      ^(x & 64'h232315a9a502e430),
      ^(x & 64'h11918ad4d2817218),
      ^(x & 64'h08c8c56a6940b90c),
      ^(x & 64'h046462b534a05c86),
      ^(x & 64'h805ab1b53e5d896e),
      ^(x & 64'hc245d8353b23639a),
      ^(x & 64'h6122ec1a9d91b1cd),
      ^(x & 64'h3091760d4ec8d8e6),
      ^(x & 64'h9a203be90369cb5e),
      ^(x & 64'h4d101df481b4e5af),
      ^(x & 64'h26880efa40da72d7),
      ^(x & 64'h1344077d206d396b),
      ^(x & 64'h09a203be90369cb5),
      ^(x & 64'h04d101df481b4e5a)
    };
  endfunction

endpackage

`default_nettype wire
