// SPDX-License-Identifier: Apache-2.0
// Makes memory write TLPs: one header a chunk, the byte stream turned to the payload's lanes.
//
// Payload starts in lane 0 with the first DW of the TLP. Output beat n of a request uses the
// stream's beats n and n - 1, also across a split, so one beat a cycle leaves and at most one flush
// beat follows:
//
//   address % 8 = 5, 64 bit:   stream | a b c d e f g h | i j ...   rot 1 (address % 4) at first,
//                              TLP    | . a b c d e f g | h i j ...   rot 5 behind the split
//
// The output register is the last station before the link: `done` is the link's acceptance. With
// the bus master off at a TLP's start its bytes are consumed and dropped, here or, when it waited for
// credits by then, by the link (out_dropped_i); `done` comes all the same.
// Place: dma_split, dma_write_source -> this -> tlp_tx_arbiter.
`include "assert.svh"
`default_nettype none

module dma_write_tlp #(
    parameter int unsigned Clients = 6
) (
    input  wire                      clk_i,
    input  wire                      rst_i,
    input  wire                      bus_master_en_i,
    input  wire  [15:0]              requester_id_i,
    // chunks; client of each
    input  wire                      chunk_valid_i,
    output logic                     chunk_ready_o,
    input  wire dma_pkg::chunk_t     chunk_i,
    input  wire  [2:0]               client_i,
    // byte stream
    input  wire                      in_valid_i,
    output logic                     in_ready_o,
    input  wire stream_pkg::beat_t   in_i,
    // TLPs
    output logic                     out_valid_o,
    input  wire                      out_ready_i,
    input  wire                      out_dropped_i,  // the beat that is taken goes nowhere
    output tlp_pkg::beat_t           out_o,
    // progress
    output logic [Clients-1:0]       done_o,
    output logic                     stat_tlp_o,
    output logic                     stat_discarded_o
);

  localparam int unsigned Bytes = stream_pkg::Bytes;
  localparam int unsigned DataW = stream_pkg::DataW;
  localparam int unsigned BeatShift = $clog2(Bytes / 4);  // DW to beats
  localparam int unsigned BeatCountW = 8 - BeatShift;

  logic [BeatCountW-1:0] beat_q;      // in this TLP
  logic                  drained_q;   // the request's stream has ended
  logic                  dropping_q;  // this TLP is being discarded
  logic [DataW-1:0]      prev_q;
  logic                  full_q;      // output register
  logic                  drop_q;      // ... holds a beat to discard
  logic                  ends_q;      // ... of the last TLP of a request
  logic [2:0]            client_q;

  logic first_beat, last_beat, drop, free, step;

  assign first_beat = beat_q == '0;
  assign last_beat = beat_q == BeatCountW'((chunk_i.dws - 8'd1) >> BeatShift);
  assign drop = first_beat ? !bus_master_en_i : dropping_q;
  assign free = !full_q || drop_q || out_ready_i;
  assign step = chunk_valid_i && (drained_q || in_valid_i) && free;
  assign in_ready_o = chunk_valid_i && !drained_q && free;
  assign chunk_ready_o = step && last_beat;

  // --- header ---

  tlp_pkg::request_t header;

  always_comb begin
    header = '0;
    if (chunk_valid_i && first_beat) begin
      header.dw0.fmt_type = chunk_i.wide ? contract_pkg::TLP_MWR64 : contract_pkg::TLP_MWR32;
      header.dw0.length = {2'd0, chunk_i.dws};
      header.requester = requester_id_i;
      header.last_be = chunk_i.last_be;
      header.first_be = chunk_i.first_be;
      header.dw2 = chunk_i.wide ? chunk_i.addr[63:32] : {chunk_i.addr[31:2], 2'd0};
      header.dw3 = chunk_i.wide ? {chunk_i.addr[31:2], 2'd0} : 32'd0;
    end
  end

  // --- payload: lane L is byte Bytes + L - rot of {now, earlier} ---

  logic [DataW-1:0] now, earlier, turned;

  assign now = drained_q ? '0 : in_i.data;
  assign earlier = (chunk_i.first && first_beat) ? '0 : prev_q;

  dma_byte_turn u_turn (
      .enable_i(chunk_valid_i), .now_i(now), .before_i(earlier), .rot_i(chunk_i.rot),
      .turned_o(turned));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      beat_q    <= '0;
      drained_q <= 1'b0;
      full_q    <= 1'b0;
      drop_q    <= 1'b0;
    end else begin
      if (step) begin
        beat_q    <= last_beat ? '0 : beat_q + 1'b1;
        drained_q <= !(last_beat && chunk_i.last) && (drained_q || in_i.last);
        drop_q    <= drop;
      end
      if (step) full_q <= 1'b1;
      else if (free) full_q <= 1'b0;
    end
    if (step) begin
      dropping_q <= drop;
      ends_q     <= chunk_i.last;
      client_q   <= client_i;
      if (!drained_q) prev_q <= in_i.data;
      if (first_beat) out_o.hdr <= header;
      out_o.first <= first_beat;
      out_o.last  <= last_beat;
      out_o.data  <= turned;
    end
  end

  assign out_valid_o = full_q && !drop_q;

  // --- progress ---

  logic leaving;  // the last beat of a TLP leaves or is dropped

  assign leaving = full_q && out_o.last && (drop_q || out_ready_i);
  assign stat_tlp_o = leaving && !drop_q && !out_dropped_i;
  assign stat_discarded_o = leaving && (drop_q || out_dropped_i);
  always_comb begin
    for (int i = 0; i < Clients; i++) done_o[i] = leaving && ends_q && client_q == 3'(i);
  end

  // --- rules ---

  logic unused_inputs;
  assign unused_inputs = ^{in_i.err, in_i.empty, chunk_i.bytes, chunk_i.addr[1:0]};

  `ASSUME(StreamHasAllItsBytes_A, !(step && last_beat && chunk_i.last) || drained_q || in_i.last,
          clk_i, rst_i)
  `ASSUME(StreamIsNotTooShort_A, !(step && drained_q) || (last_beat && chunk_i.last), clk_i, rst_i)
  stream_checker #(.Width(128 + 2 + DataW)) u_check (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

endmodule

`default_nettype wire
