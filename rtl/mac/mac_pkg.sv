// SPDX-License-Identifier: Apache-2.0
// What the leaves of the MAC pass to each other, and the residues of the FCS.
`default_nettype none

package mac_pkg;

  // Inside the receiver: the bytes of a frame, preamble gone and FCS still there. All words but the last
  // are full; the last has 0 .. 7 bytes (`count`), zero above them. `err` (contract_pkg::FRAME_*) is
  // meaningful on `last`; with an error the last word has no bytes to keep.
  typedef struct packed {
    logic [3:0]  err;
    logic        last;
    logic [2:0]  count;
    logic [63:0] data;
  } rx_word_t;

  // Inside the transmitter: an XGMII word of a frame that starts in lane 0. `last` holds the terminate,
  // in lane `terminate`.
  typedef struct packed {
    logic        first;
    logic        last;
    logic        aborted;  // on last: ended with /E/ instead of an FCS
    logic [2:0]  terminate;
    logic [7:0]  ctrl;
    logic [63:0] data;
  } tx_word_t;

  // CRC register (bit 0 is the first bit on the wire) behind a frame whose FCS is right, when the last
  // word had `count` bytes and was filled with zeros to 8: index it with [32*count +: 32]. That of a
  // whole word would be 32'hDEBB20E3 (802.3, 3.2.9); each zero byte moves it on.
  localparam logic [255:0] FcsResidues = {
    32'h39DD08E2, 32'h4E3D5E5C, 32'h62932081, 32'h9ADD2096,
    32'h19F6EB51, 32'h1C759789, 32'h94784E13, 32'h842A3990
  };

endpackage

`default_nettype wire
