// SPDX-License-Identifier: Apache-2.0
// What the leaves of the MAC pass to each other, and the residues of the FCS.
`default_nettype none

package mac_pkg;

  // A beat of 64 bits, whatever the width of the data path (stream_pkg::beat_t has the rules).
  typedef struct packed {
    logic [3:0]  err;
    logic        last;
    logic [2:0]  empty;
    logic [63:0] data;
  } beat_t;

  localparam int unsigned BeatW = 4 + 1 + 3 + 64;

  // Inside the receiver: the bytes of a frame, preamble gone and FCS still there. All words but the last
  // are full; the last has 0 .. 7 bytes (`count`), zero above them. `err` (contract_pkg::FRAME_*) is
  // meaningful on `last` and `ends`; with an error the last word has no bytes to keep. A frame that is cut
  // as oversize goes on behind its `last` with words that are `over`: nothing but the statistics looks at them.
  typedef struct packed {
    logic        over;
    logic        ends;   // the wire's frame ends here
    logic [3:0]  err;
    logic        last;   // the frame ends here for all who want its bytes
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

  // A pause frame that came: quanta of 512 bit times for the classes (IEEE 802.3 31B, 31D).
  typedef struct packed {
    logic         pfc;      // else all classes at once, by quanta[15:0]
    logic [7:0]   classes;
    logic [127:0] quanta;
  } pause_t;

  localparam int unsigned PauseW = 1 + 8 + 128;

  // How the MAC is to behave, in each of its clocks (contract_pkg::MACREG_*).
  typedef struct packed {
    logic [47:0] station;      // first byte of the address in [7:0]
    logic [7:0]  pfc_classes;  // classes that a full receive buffer stops
    logic [15:0] quanta;       // asked for in a pause frame
    logic [31:0] watchdog;     // quanta, 0: never
    logic [13:0] max_tagged;   // longest frame with two VLAN tags ...
    logic [13:0] max_frame;    // ... and any other, FCS included
    logic        loop_host;
    logic        loop_wire;
    logic        tx_pfc;
    logic        rx_pfc;
    logic        tx_pause;
    logic        rx_pause;
  } config_t;

  localparam int unsigned ConfigW = 48 + 8 + 16 + 32 + 14 + 14 + 6;

  // What the statistics want to know of a frame when it ends: `kind` is an index of contract_pkg::MACSTAT_*.
  typedef struct packed {
    logic        valid;
    logic [4:0]  kind;
    logic        good;
    logic [15:0] octets;     // between start delimiter and end, FCS included
    logic        multicast;  // broadcast too
    logic        broadcast;
  } frame_stat_t;

  // CRC register (bit 0 is the first bit on the wire) behind a frame whose FCS is right, when the last
  // word had `count` bytes and was filled with zeros to 8: index it with [32*count +: 32]. That of a
  // whole word would be 32'hDEBB20E3 (802.3, 3.2.9); each zero byte moves it on.
  localparam logic [255:0] FcsResidues = {
    32'h39DD08E2, 32'h4E3D5E5C, 32'h62932081, 32'h9ADD2096,
    32'h19F6EB51, 32'h1C759789, 32'h94784E13, 32'h842A3990
  };

endpackage

`default_nettype wire
