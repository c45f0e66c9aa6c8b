// SPDX-License-Identifier: Apache-2.0
// The byte stream between blocks: beats of a frame, lowest byte first on the wire.
//
// A link is x_valid, x_ready, x (a beat_t). data[7:0] is the first byte. All beats but the last are
// full; on the last, `empty` counts the unused bytes at the top. `last` closes the frame; `err`
// (contract_pkg::FRAME_*) is meaningful on `last` only and is FRAME_OK for a good frame.
`include "data_width.svh"
`default_nettype none

package stream_pkg;

  localparam int unsigned DataW = `COSNIC_DATA_W;
  localparam int unsigned Bytes = DataW / 8;
  localparam int unsigned EmptyW = $clog2(Bytes);

  typedef struct packed {
    logic [3:0]        err;
    logic              last;
    logic [EmptyW-1:0] empty;
    logic [DataW-1:0]  data;
  } beat_t;

  localparam int unsigned BeatW = 4 + 1 + EmptyW + DataW;

endpackage

`default_nettype wire
