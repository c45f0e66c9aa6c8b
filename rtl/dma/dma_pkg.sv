// SPDX-License-Identifier: Apache-2.0
// The links between the DMA engines and their clients.
//
// Write: a client hands over a wr_req_t and, on its own stream link, exactly `len` bytes (beat 0
// starts with the byte for `addr`, `last` on the final beat). `done` pulses when the last TLP of
// the request was handed to the link; requests of all clients leave in the order in which they were
// accepted.
//
// Read: a client hands over a rd_req_t. Data comes back as rd_place_t in any order, addressed in
// the client's own local memory (word address and byte enables, already rotated); rd_done_t comes
// once a request, after its last placement. Placement and done have no back-pressure.
`include "data_width.svh"
`default_nettype none

package dma_pkg;

  localparam int unsigned Bytes = `COSNIC_DATA_W / 8;
  localparam int unsigned LocalW = 18;  // local byte address
  localparam int unsigned WordW = LocalW - $clog2(Bytes);
  localparam int unsigned OpW = 5;      // a client's own name for a request in flight

  typedef struct packed {
    logic [63:0] addr;
    logic [15:0] len;   // bytes, 1 ..
  } wr_req_t;

  typedef struct packed {
    logic [63:0]       addr;
    logic [15:0]       len;    // bytes, 1 ..
    logic [LocalW-1:0] local_addr;  // where byte 0 goes
    logic [OpW-1:0]    op;
  } rd_req_t;

  typedef struct packed {
    logic [2:0]           client;  // contract_pkg::RD_*
    logic [WordW-1:0]     word;
    logic [8*Bytes-1:0]   data;
    logic [Bytes-1:0]     be;
  } rd_place_t;

  typedef struct packed {
    logic [2:0]     client;
    logic [OpW-1:0] op;
    logic [2:0]     status;  // contract_pkg::RD_OK ...
  } rd_done_t;

  // Widths of the requests where ports carry one for each client.
  localparam int unsigned WrReqW = 64 + 16;
  localparam int unsigned RdReqW = 64 + 16 + LocalW + OpW;

  // One TLP's share of a request, as dma_split hands it out.
  localparam int unsigned LaneW = $clog2(Bytes);
  localparam int unsigned TlpBytesMax = 512;

  typedef struct packed {
    logic             first;     // first, last of its request
    logic             last;
    logic             wide;      // address needs a 4-DW header
    logic [63:0]      addr;      // of the first byte
    logic [9:0]       bytes;     // 1 .. TlpBytesMax
    logic [7:0]       dws;       // payload or asked for, whole DW
    logic [3:0]       first_be;
    logic [3:0]       last_be;
    // lanes by which the request's byte stream turns into payload lanes
    logic [LaneW-1:0] rot;
  } chunk_t;

  localparam int unsigned ChunkW = 3 + 64 + 10 + 8 + 4 + 4 + LaneW;

  // A completion beat whose header was checked; fields but first, last and data hold over its TLP.
  typedef struct packed {
    logic               first;
    logic               last;
    logic               place;        // data may be placed
    logic               retire;       // on the last beat: report to the request's bookkeeping ...
    logic               retire_ends;  // ... that this TLP is finished, or else only the status
    logic [2:0]         status;       // contract_pkg::RD_*
    logic [7:0]         tag;
    logic [2:0]         client;
    logic [1:0]         lane;         // of the first byte
    // bytes from lane 0 of the first beat to the end of the last byte
    logic [9:0]         span;
    logic [LocalW-1:0]  base;         // local address of lane 0 of the first beat
    logic [8*Bytes-1:0] data;
  } checked_t;

  // What the engines report to the statistics block, one-cycle pulses.
  typedef struct packed {
    logic read_tlp;
    logic write_tlp;
    logic write_discarded;    // TLP not sent: bus master off
    logic cpl_unexpected;     // no such tag outstanding
    logic cpl_bad_requester;  // not our requester ID
    logic cpl_bad_length;     // byte count, length and payload do not fit the request
    logic cpl_bad_address;    // lower address does not fit the byte count
    logic cpl_error_status;   // UR, CA, CRS
    logic cpl_poisoned;
    logic cpl_late;           // after its tag's time-out
    logic cpl_timeout;
  } stat_t;

endpackage

`default_nettype wire
