// SPDX-License-Identifier: Apache-2.0
// Puts the virtio-net header (virtio 1.2, 5.1.6) in front of a received frame.
//
// meta_t, then the frame's beats -> 12 bytes of header, or 20 with HASH_REPORT, and the frame, as one run of beats.
// meta_valid_i comes for every frame before its first beat and never while another frame's beats are still to
// come; num_buffers_i holds from then until the header is out. One beat a cycle; a frame costs one to three beats more.
//
//   beat 0   flags gso hdr_len gso_size csum_start      (64-bit data path, 12 bytes)
//   beat 1   csum_offset num_buffers f0 f1 f2 f3
//   beat 2   f4 ..
//
// Place: rx_packet_buffer -> this -> virtio_rx_scatter.
`include "assert.svh"
`default_nettype none

module rx_virtio_header (
    input  wire                clk_i,
    input  wire                rst_i,
    input  wire                hash_report_i,  // negotiated: 20 bytes
    // what the header says
    input  wire                meta_valid_i,
    input  rx_pkg::meta_t      meta_i,
    input  wire         [15:0] num_buffers_i,
    // frame
    input  wire                in_valid_i,
    output logic               in_ready_o,
    input  stream_pkg::beat_t  in_i,
    // header and frame
    output logic               out_valid_o,
    input  wire                out_ready_i,
    output stream_pkg::beat_t  out_o
);

  localparam int unsigned Bytes = stream_pkg::Bytes;
  localparam int unsigned DataW = stream_pkg::DataW;
  localparam int unsigned EmptyW = stream_pkg::EmptyW;
  localparam int unsigned Plain = 32'(contract_pkg::NET_HDR_BYTES);
  localparam int unsigned Hashed = 32'(contract_pkg::NET_HDR_HASH_BYTES);
  localparam int unsigned PlainHeld = Plain % Bytes;    // bytes that each beat leaves for the next one
  localparam int unsigned HashedHeld = Hashed % Bytes;

  if (Plain / Bytes > 1 || PlainHeld == 0 || HashedHeld == 0) begin : g_bad_width
    $error("rx_virtio_header %m: the data path has to be 64 or 128 bits wide");
  end

  // -- the header ------------------------------------------------------------------------------------
  rx_pkg::meta_t      meta_q;
  logic [3*DataW-1:0] header;

  always_ff @(posedge clk_i) if (meta_valid_i) meta_q <= meta_i;

  assign header = (3 * DataW)'({16'd0, 12'd0, meta_q.hash_report, meta_q.hash, num_buffers_i, meta_q.csum_offset,
                                meta_q.csum_start, meta_q.gso_size, meta_q.hdr_len, meta_q.gso_type, meta_q.flags});

  logic unused_meta;
  assign unused_meta = ^{meta_q.drop, meta_q.pair};

  // -- beats -----------------------------------------------------------------------------------------
  typedef enum logic [1:0] {StHead, StFrame, StTail} state_e;
  state_e state_q;

  logic          [1:0] at_q, whole;     // next beat of the header; how many it fills alone
  logic    [DataW-1:0] held_q, held, joined, left;
  logic   [EmptyW-1:0] held_bytes, tail_empty_q;
  logic                out_free, alone, spills;

  assign whole = hash_report_i ? 2'(Hashed / Bytes) : 2'(Plain / Bytes);
  assign held_bytes = hash_report_i ? EmptyW'(HashedHeld) : EmptyW'(PlainHeld);
  assign alone = state_q == StHead && at_q != whole;
  assign out_free = !out_valid_o || out_ready_i;
  assign in_ready_o = out_free && !alone && state_q != StTail;
  assign held = (state_q == StHead) ? header[DataW*at_q+:DataW] : held_q;
  assign joined = hash_report_i ? {in_i.data[DataW-8*HashedHeld-1:0], held[8*HashedHeld-1:0]}
                                : {in_i.data[DataW-8*PlainHeld-1:0], held[8*PlainHeld-1:0]};
  assign left = hash_report_i ? in_i.data >> (DataW - 8 * HashedHeld) : in_i.data >> (DataW - 8 * PlainHeld);
  // The last beat's bytes do not all fit beside the held ones.
  assign spills = in_i.empty < held_bytes;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q     <= StHead;
      at_q        <= '0;
      out_valid_o <= 1'b0;
    end else if (out_free) begin
      if (state_q == StTail) begin
        out_valid_o <= 1'b1;
        state_q     <= StHead;
      end else begin
        out_valid_o <= in_valid_i;
        if (in_valid_i && alone) begin
          at_q <= at_q + 1'b1;
        end else if (in_valid_i) begin
          at_q    <= '0;
          state_q <= !in_i.last ? StFrame : spills ? StTail : StHead;
        end
      end
    end
    if (out_free && (in_valid_i || state_q == StTail)) begin
      if (state_q == StTail) begin
        out_o.last  <= 1'b1;
        out_o.empty <= tail_empty_q;
        out_o.data  <= held_q;
      end else begin
        out_o.err    <= in_i.err;
        out_o.last   <= in_i.last && !spills && !alone;
        out_o.empty  <= alone ? '0 : in_i.empty - held_bytes;
        out_o.data   <= alone ? held : joined;
        held_q       <= left;
        tail_empty_q <= in_i.empty - held_bytes;
      end
    end
  end

  stream_checker #(.Width(stream_pkg::BeatW), .Assumed(1'b1)) u_check_in (
      .clk_i, .rst_i, .valid_i(in_valid_i), .ready_i(in_ready_o), .payload_i(in_i));
  stream_checker #(.Width(stream_pkg::BeatW)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

  `ASSUME(MetaBeforeTheFrame_A, !(meta_valid_i && in_valid_i && state_q == StFrame), clk_i, rst_i)

endmodule

`default_nettype wire
